//! `CreateTags`, `DeleteTags`, `DescribeTags`, and the tags in the metadata

use imds_clients::Ec2;
use imds_clients::ec2::{list, text};
use imds_clients::metadata::Metadata;
use serde_json::{Value, json};

use crate::begin;

#[test]
fn tags_are_created_described_and_deleted() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(2, json!({}));
    ec2.call("CreateTags", json!({ "Resources": ids, "Tags": [tag("a", "1"), tag("b", "")] }));
    ec2.call("CreateTags", json!({ "Resources": [ids[1]], "Tags": [tag("a", "2")] }));
    let of = |ids: &[String], filters: Value| {
        let mut all = vec![json!({ "Name": "resource-id", "Values": ids })];
        all.extend(list(&filters));
        json!({ "Filters": all })
    };
    assert_eq!(tags(&mut ec2, of(&ids, json!([]))), ["a=1", "b=", "a=2", "b="]);
    for (name, value, found) in [
        ("key", "a", &["a=1", "a=2"][..]),
        // `?` matches no character, too.
        ("value", "?", &["a=1", "b=", "a=2", "b="]),
        ("value", "1?", &["a=1"]),
        ("tag:a", "2", &["a=2"]),
        ("resource-type", "instance", &["a=1", "b=", "a=2", "b="]),
        ("resource-type", "volume", &[]),
    ] {
        assert_eq!(tags(&mut ec2, of(&ids, json!([{ "Name": name, "Values": [value] }]))), found, "{name} {value}");
    }
    assert_eq!(ec2.described(&ids[1])["Tags"], json!([tag("a", "2"), tag("b", "")]));
    // A tag with a value is deleted only if the value is equal, a key alone always; without tags,
    // all are deleted.
    ec2.call("DeleteTags", json!({ "Resources": ids, "Tags": [tag("a", "1")] }));
    assert_eq!(tags(&mut ec2, of(&ids, json!([]))), ["b=", "a=2", "b="]);
    ec2.call("DeleteTags", json!({ "Resources": [ids[0]], "Tags": [{ "Key": "b" }] }));
    ec2.call("DeleteTags", json!({ "Resources": [ids[1]] }));
    assert_eq!(tags(&mut ec2, of(&ids, json!([]))), [""; 0]);
}

#[test]
fn the_paginator_returns_all_tags_once_and_in_order() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(3, json!({}));
    let seven: Vec<Value> = (0..7).map(|at| tag(&format!("k{at}"), "v")).collect();
    ec2.call("CreateTags", json!({ "Resources": ids, "Tags": seven }));
    let all = json!({ "Filters": [{ "Name": "key", "Values": ["k?"] }] });
    let pages = ec2.pages("DescribeTags", all, 5, "Tags[].[ResourceId, Key]");
    assert_eq!(pages.iter().map(|page| list(page).len()).collect::<Vec<_>>(), [5, 5, 5, 5, 1]);
    let found: Vec<Value> = pages.iter().flat_map(list).collect();
    let expected: Vec<Value> = ids.iter().flat_map(|id| (0..7).map(move |at| json!([id, format!("k{at}")]))).collect();
    assert_eq!(found, expected);
}

#[test]
fn tag_changes_show_at_once_on_nitro_and_after_a_start_on_xen() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    for (instance_type, sees_at_once) in [("t3.micro", true), ("t2.nano", false)] {
        let visible =
            json!({ "InstanceType": instance_type, "MetadataOptions": { "InstanceMetadataTags": "enabled" } });
        let ids = ec2.launch(1, visible);
        let metadata = Metadata::named_by(&ec2.described(&ids[0]));
        let listing = || metadata.get("meta-data/tags/instance/");
        assert_eq!(listing(), Some(Err(404)), "{instance_type}");
        ec2.call("CreateTags", json!({ "Resources": ids, "Tags": [tag("Name", "x"), tag("stage", "")] }));
        let both = Some(Ok("Name\nstage".to_owned()));
        assert_eq!(listing(), if sees_at_once { both.clone() } else { Some(Err(404)) }, "{instance_type}");
        for operation in ["StopInstances", "StartInstances"] {
            ec2.call(operation, json!({ "InstanceIds": ids }));
        }
        assert_eq!(listing(), both, "{instance_type}");
        let rejected = ec2.error("CreateTags", json!({ "Resources": ids, "Tags": [tag("a/b", "")] }));
        assert_eq!(rejected, ("InvalidParameterValue".into(), 400), "{instance_type}");
    }
}

fn tag(key: &str, value: &str) -> Value {
    json!({ "Key": key, "Value": value })
}

/// The key and value of each tag in the response.
fn tags(ec2: &mut Ec2, parameters: Value) -> Vec<String> {
    let found = list(&ec2.call("DescribeTags", parameters)["Tags"]);
    found.iter().map(|tag| format!("{}={}", text(&tag["Key"]), text(&tag["Value"]))).collect()
}
