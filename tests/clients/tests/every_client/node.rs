//! Clients in JavaScript.

use imds_clients::Dialogue;
use imds_clients::host::{output, tried};
use imds_clients::node::{node, node_with_more};

use crate::{INSTANCE, assert_read_by_sdk, assert_temporary, parsed};

#[test]
fn version_2_of_the_sdk_finds_the_role() {
    let Some(node) = node_with_more() else { return };
    tried("AWS SDK for JavaScript 2", |host| {
        let found = parsed(&output(&mut host.network.within(&node.client("more/aws_sdk.mjs", &[]))));
        assert_read_by_sdk(&found);
    });
}

#[test]
fn credential_provider_imds_finds_the_role() {
    let Some(node) = node() else { return };
    tried("AWS SDK for JavaScript 3, credentials", |host| {
        let mut provider = Dialogue::with(host.network.within(&node.client("credential_provider_imds.mjs", &[])));
        assert_temporary(&provider.run("credentials").unwrap()["accessKeyId"]);
    });
}

#[test]
fn ec2_metadata_service_reads_a_value() {
    let Some(node) = node() else { return };
    tried("AWS SDK for JavaScript 3, metadata", |host| {
        let mut service = Dialogue::with(host.network.within(&node.client("ec2_metadata_service.mjs", &[])));
        assert_eq!(service.run("get /latest/meta-data/instance-id").unwrap(), INSTANCE);
        assert_eq!(service.run("get /latest/meta-data/tags/instance/Name").unwrap(), "my-instance");
    });
}

#[test]
fn opentelemetry_detects_the_instance() {
    let Some(node) = node_with_more() else { return };
    tried("OpenTelemetry's detector for JavaScript", |host| {
        let found = parsed(&output(&mut host.network.within(&node.client("more/opentelemetry.mjs", &[]))));
        for (name, value) in [
            ("cloud.provider", "aws"),
            ("cloud.platform", "aws_ec2"),
            ("cloud.account.id", "123456789012"),
            ("cloud.region", "us-east-1"),
            ("cloud.availability_zone", "us-east-1a"),
            ("host.id", INSTANCE),
            ("host.name", "ip-10-0-1-23.ec2.internal"),
        ] {
            assert_eq!(found[name], value, "{name}");
        }
    });
}
