//! `--state`: instances that the API launched survive a restart of the server

use std::collections::BTreeSet;

use imds_clients::Ec2;
use imds_clients::ec2::text;
use imds_clients::metadata::Metadata;
use serde_json::{Value, json};

use crate::{File, LOCK, NAME, begin};

#[test]
fn instances_options_tags_and_tokens_are_the_same_after_a_restart() {
    let state = File::absent("state");
    let Some((mut server, mut ec2)) = begin(&["--state", state.path(), "--modify-delay", "0"]) else { return };
    let ids = ec2.launch(3, json!({ "InstanceType": "t3.nano", "ClientToken": "once" }));
    ec2.call("ModifyInstanceMetadataOptions", json!({ "InstanceId": ids[0], "HttpTokens": "required" }));
    ec2.call("CreateTags", json!({ "Resources": [ids[1]], "Tags": [{ "Key": "a", "Value": "b" }] }));
    ec2.call("TerminateInstances", json!({ "InstanceIds": [ids[2]] }));
    ec2.call("ModifyInstanceMetadataDefaults", json!({ "HttpPutResponseHopLimit": 7 }));
    let before = ec2.found(json!({}));
    let metadata = Metadata::named_by(&ec2.described(&ids[0]));
    let token = metadata.token().unwrap().unwrap();

    server.stop();
    server.restart();
    let mut ec2 = Ec2::of(&server).unwrap();
    assert_eq!(ec2.found(json!({})), before);
    assert_eq!(metadata.get_with(&token, "meta-data/instance-id"), Some(Ok(ids[0].clone())));
    assert_eq!(metadata.get_v1("meta-data/"), Some(Err(401)));
    let defaults = ec2.call("GetInstanceMetadataDefaults", json!({}));
    assert_eq!(defaults["AccountLevel"]["HttpPutResponseHopLimit"], 7);
    assert_eq!(ec2.launch(3, json!({ "InstanceType": "t3.nano", "ClientToken": "once" })), ids);
}

#[test]
fn a_server_killed_after_launches_has_all_that_it_acknowledged() {
    let state = File::absent("killed");
    let Some((mut server, mut ec2)) = begin(&["--state", state.path()]) else { return };
    let mut acknowledged = ids(&ec2.found(json!({})));
    for _ in 0..4 {
        for _ in 0..6 {
            acknowledged.extend(ec2.launch(50, json!({})));
        }
        server.restart();
        ec2 = Ec2::of(&server).unwrap();
        assert_eq!(ids(&ec2.found(json!({}))), acknowledged);
    }
    server.stop();
    assert_eq!(state.folder(), [NAME, LOCK], "the unfinished file is gone");
}

fn ids(instances: &[Value]) -> BTreeSet<String> {
    instances.iter().map(|instance| text(&instance["InstanceId"])).collect()
}
