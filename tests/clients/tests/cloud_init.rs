//! The requests of cloud-init's EC2 data source, sent by a script.

use imds_clients::python::python;
use imds_clients::relay::Relay;
use imds_clients::server::record;
use imds_clients::{Dialogue, Server};
use serde_json::Value;

#[test]
fn the_tree_is_crawled_in_both_modes() {
    for tokens in ["optional", "required"] {
        let server = Server::start(&["--http-tokens", tokens, "--instance-metadata-tags", "enabled"]);
        let Some(mut cloud_init) = cloud_init(&server.url()) else { return };
        let found = cloud_init.run("crawl").unwrap();
        assert_crawled(&found);
        assert_eq!(found["meta-data"]["tags"]["instance"]["Name"], "my-instance");
        assert!(server.requests().iter().all(|exchange| exchange.ends_with(" 200 v2")));
    }
}

#[test]
fn an_unknown_version_falls_back_to_an_older_one() {
    for (record, version) in [("newest-2016-09-02", "2016-09-02"), ("newest-2009-04-04", "2009-04-04")] {
        let server = Server::start(&["--instance", &imds_clients::server::record(record)]);
        let Some(mut cloud_init) = cloud_init(&server.url()) else { return };
        assert_eq!(cloud_init.run("version").unwrap(), version);
    }
}

#[test]
fn a_token_that_becomes_void_is_replaced() {
    let relay = Relay::before(Server::start(&["--http-tokens", "required"]));
    let Some(mut cloud_init) = cloud_init(&relay.url()) else { return };
    assert_crawled(&cloud_init.run("crawl").unwrap());
    let requests = relay.requests();
    let count = |end: &str| requests.iter().filter(|exchange| exchange.ends_with(end)).count();
    assert_eq!((count("/token 200 v2"), count("401 v2")), (2, 1), "{requests:?}");
}

#[test]
fn an_instance_without_user_data_is_crawled() {
    let server = Server::start(&["--instance", &record("no-role")]);
    let Some(mut cloud_init) = cloud_init(&server.url()) else { return };
    let found = cloud_init.run("crawl").unwrap();
    assert_eq!(found["user-data"], Value::Null);
    assert_eq!(found["meta-data"]["instance-type"], "t3.micro");
}

#[test]
fn a_disabled_endpoint_fails_at_once() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut cloud_init) = cloud_init(&server.url()) else { return };
    let error = cloud_init.run("crawl").unwrap_err();
    assert!(error.contains("the HTTP endpoint is disabled"), "{error}");
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2"]);
}

fn cloud_init(endpoint: &str) -> Option<Dialogue> {
    python().map(|python| Dialogue::with(python.client("cloud_init.py", &[("IMDS", endpoint)])))
}

fn assert_crawled(found: &Value) {
    assert_eq!(found["version"], "2021-03-23");
    assert_eq!(found["user-data"], "#!/bin/bash\necho 'user data of a fake instance'\n");
    assert_eq!(found["identity"]["instanceId"], "i-0abcdef1234567890");
    let metadata = &found["meta-data"];
    assert_eq!(metadata["instance-id"], "i-0abcdef1234567890");
    assert_eq!(metadata["placement"]["availability-zone"], "us-east-1a");
    assert_eq!(metadata["iam"]["info"]["Code"], "Success");
    assert!(metadata["public-keys"]["my-key"][0].as_str().unwrap().starts_with("ssh-ed25519 "), "{metadata}");
    let interface = &metadata["network"]["interfaces"]["macs"]["02:29:96:8f:6a:2d"];
    assert_eq!(interface["subnet-ipv4-cidr-block"], "10.0.1.0/24");
    assert_eq!(interface["ipv4-associations"]["203.0.113.25"], "10.0.1.23");
}
