//! Metadata of launched instances, at the address in the description of their primary interface

use std::collections::BTreeSet;
use std::time::Instant;

use imds_clients::ec2::{list, text};
use imds_clients::metadata::Metadata;
use serde_json::json;

use crate::begin;

#[test]
fn an_instance_responds_while_it_runs_and_rejects_tokens_from_before_a_start() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(3, json!({}));
    let served: Vec<Metadata> = ids.iter().map(|id| Metadata::named_by(&ec2.described(id))).collect();
    let answers = |at: usize| served[at].get_v1("meta-data/instance-id");
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(answers(at), Some(Ok(id.clone())));
    }
    let token = served[0].token().unwrap().unwrap();
    assert!(served[0].get_with(&token, "meta-data/").unwrap().is_ok());
    let first = json!({ "InstanceIds": [ids[0]] });
    ec2.call("StopInstances", first.clone());
    assert_eq!((answers(0), served[0].get_with(&token, "meta-data/")), (None, None));
    ec2.call("StartInstances", first.clone());
    assert_eq!((answers(0), served[0].get_with(&token, "meta-data/")), (Some(Ok(ids[0].clone())), Some(Err(401))));
    assert_eq!(Metadata::named_by(&ec2.described(&ids[0])), served[0]);
    ec2.call("TerminateInstances", first);
    assert_eq!(answers(0), None);
    // Other instances are not affected.
    assert_eq!((answers(1), answers(2)), (Some(Ok(ids[1].clone())), Some(Ok(ids[2].clone()))));
}

#[test]
#[ignore = "takes more than a minute: the suite ec2-fleet runs it"]
fn ten_thousand_instances_are_launched_described_and_served() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let mut launched = BTreeSet::new();
    let mut started = Instant::now();
    let mut took = || std::mem::replace(&mut started, Instant::now()).elapsed();
    for _ in 0..10 {
        launched.extend(ec2.launch(1000, json!({ "InstanceType": "t3.nano" })));
    }
    let launching = took();
    let pick = "Reservations[].Instances[].[InstanceId, NetworkInterfaces[0].Description]";
    let of_launch = json!({ "Filters": [{ "Name": "instance-type", "Values": ["t3.nano"] }] });
    let pages = ec2.pages("DescribeInstances", of_launch, 1000, pick);
    let describing = took();
    assert_eq!(pages.len(), 10);
    let found: Vec<_> = pages.iter().flat_map(list).collect();
    let ids: BTreeSet<String> = found.iter().map(|instance| text(&instance[0])).collect();
    assert_eq!((found.len(), ids == launched), (10_000, true));
    let addresses: BTreeSet<String> = found.iter().map(|instance| text(&instance[1])).collect();
    assert_eq!(addresses.len(), 10_000);
    for at in [0, 4_999, 9_999] {
        let interface = json!({ "NetworkInterfaces": [{ "Description": found[at][1] }] });
        assert_eq!(Metadata::named_by(&interface).get("meta-data/instance-id"), Some(Ok(text(&found[at][0]))));
    }
    println!("launched in {launching:?}, described in {describing:?}");
}
