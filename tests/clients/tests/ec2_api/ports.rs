//! `--endpoints ports`: a port of 127.0.0.1 for each instance

use std::net::TcpListener;
use std::time::Instant;

use imds_clients::Ec2;
use imds_clients::metadata::Metadata;
use imds_clients::run::TIMEOUT;
use serde_json::{Value, json};

use crate::begin;

#[test]
fn an_instance_has_a_port_until_it_is_terminated() {
    let Some((server, mut ec2)) = begin(&["--endpoints", "ports"]) else { return };
    let ids = ec2.launch(3, json!({}));
    let served: Vec<Metadata> = ids.iter().map(|id| port_of(&mut ec2, id)).collect();
    for (id, metadata) in ids.iter().zip(&served) {
        assert!(metadata.0.ip().is_loopback() && metadata.0.port() != server.address().port(), "{metadata:?}");
        assert_eq!(metadata.get("meta-data/instance-id"), Some(Ok(id.clone())));
    }
    let token = served[0].token().unwrap().unwrap();
    assert_eq!(served[1].get_with(&token, "meta-data/"), Some(Err(401)), "a token of another instance");

    ec2.call("TerminateInstances", json!({ "InstanceIds": [ids[0]] }));
    until("the port is free", || TcpListener::bind(served[0].0).is_ok());
    assert_eq!(served[1].get_v1("meta-data/instance-id"), Some(Ok(ids[1].clone())));
}

#[test]
fn a_stopped_instance_has_no_port_until_it_starts() {
    let Some((_server, mut ec2)) = begin(&["--endpoints", "ports"]) else { return };
    let ids = ec2.launch(1, json!({}));
    let before = port_of(&mut ec2, &ids[0]);
    ec2.call("StopInstances", json!({ "InstanceIds": ids }));
    until("no port is named", || description(&mut ec2, &ids[0]) == "");
    assert_eq!(before.get_v1("meta-data/"), None);
    ec2.call("StartInstances", json!({ "InstanceIds": ids }));
    assert_eq!(port_of(&mut ec2, &ids[0]).get("meta-data/instance-id"), Some(Ok(ids[0].clone())));
}

/// The address at which an instance is served. Its port opens after the response to the launch.
fn port_of(ec2: &mut Ec2, id: &str) -> Metadata {
    until("a port is named", || description(ec2, id) != "");
    Metadata::named_by(&ec2.described(id))
}

fn description(ec2: &mut Ec2, id: &str) -> Value {
    ec2.described(id)["NetworkInterfaces"][0]["Description"].take()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not in time");
    }
}
