//! Differences between moto (5.2.5) and EC2.

use imds_clients::metadata::Metadata;
use imds_clients::{Ec2, Server};
use serde_json::{Value, json};

use crate::begin;

/// Launches an instance with no option at its default.
fn modified(delay: &str) -> Option<(Server, Ec2, String)> {
    let (server, mut ec2) = begin(&["--modify-delay", delay])?;
    let id = ec2.launch(1, json!({ "MetadataOptions": options() })).remove(0);
    Some((server, ec2, id))
}

fn options() -> Value {
    json!({
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        "HttpEndpoint": "enabled",
        "HttpProtocolIpv6": "enabled",
        "InstanceMetadataTags": "enabled",
    })
}

#[test]
fn moto_resets_options_that_a_change_omits() {
    let Some((_server, mut ec2, id)) = modified("0") else { return };
    let change = json!({
        "InstanceId": id, "HttpTokens": "optional", "HttpEndpoint": "disabled", "HttpPutResponseHopLimit": 64
    });
    let mut response = ec2.call("ModifyInstanceMetadataOptions", change);
    for shown in [response["InstanceMetadataOptions"].take(), ec2.described(&id)["MetadataOptions"].take()] {
        let kept = (&shown["HttpProtocolIpv6"], &shown["InstanceMetadataTags"]);
        assert_eq!(kept, (&json!("enabled"), &json!("enabled")), "{shown}");
    }
}

#[test]
fn moto_accepts_invalid_option_values_and_drops_other_options() {
    let Some((_server, mut ec2, id)) = modified("0") else { return };
    let before = ec2.described(&id)["MetadataOptions"].take();
    for (member, value) in
        [("HttpPutResponseHopLimit", json!(65)), ("HttpPutResponseHopLimit", json!(0)), ("HttpTokens", json!("bogus"))]
    {
        let rejected = ec2.error("ModifyInstanceMetadataOptions", json!({ "InstanceId": id, member: value }));
        assert_eq!(rejected, ("InvalidParameterValue".into(), 400), "{member} {value}");
        assert_eq!(ec2.described(&id)["MetadataOptions"], before, "{member} {value}");
    }
}

#[test]
fn moto_applies_a_change_at_once() {
    let Some((_server, mut ec2, id)) = modified("3600000") else { return };
    let response = ec2.call("ModifyInstanceMetadataOptions", json!({ "InstanceId": id, "HttpTokens": "optional" }));
    assert_eq!(response["InstanceMetadataOptions"]["State"], "pending");
    assert_eq!(ec2.described(&id)["MetadataOptions"]["State"], "pending");
    assert_eq!(Metadata::named_by(&ec2.described(&id)).get_v1("meta-data/"), Some(Err(401)));
}

#[test]
fn moto_ignores_the_instance_tokens_and_endpoint_state() {
    let Some((_server, mut ec2, id)) = modified("0") else { return };
    let other = ec2.launch(1, json!({ "InstanceType": "m5.large" })).remove(0);
    let [one, two] = [&id, &other].map(|id| Metadata::named_by(&ec2.described(id)));
    assert_eq!(
        (one.get("meta-data/instance-id"), two.get("meta-data/instance-id")),
        (Some(Ok(id.clone())), Some(Ok(other)))
    );
    assert_eq!(
        (one.get_v1("meta-data/"), two.get_v1("meta-data/instance-type")),
        (Some(Err(401)), Some(Ok("m5.large".into())))
    );
    let token = one.token().unwrap().unwrap();
    assert_eq!(two.get_with(&token, "meta-data/"), Some(Err(401)), "a token of another instance");
    ec2.call("ModifyInstanceMetadataOptions", json!({ "InstanceId": id, "HttpEndpoint": "disabled" }));
    assert_eq!(one.get_with(&token, "meta-data/"), Some(Err(403)));
}
