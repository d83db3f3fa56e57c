//! The service at its link-local addresses, 169.254.169.254 and fd00:ec2::254, in a network
//! namespace. No client is configured with an endpoint.

use std::process::Output;

use imds_clients::article::{LISTING, UNAUTHORIZED, V1, V2};
use imds_clients::aws::both;
use imds_clients::namespace::link_local;
use imds_clients::node::node;
use imds_clients::python::python;
use imds_clients::run::{printed, run, text};
use imds_clients::{Dialogue, Server};
use serde_json::{Value, json};

const IPV4: &str = "169.254.169.254:80";
const IPV6: &str = "[fd00:ec2::254]:80";
/// The article's instance, at the article's time.
const ARTICLE: &[&str] = &[
    "--instance",
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/article.json"),
    "--clock",
    "2020-09-26T14:45:29Z",
];

#[test]
fn the_articles_commands_give_its_output() {
    let Some(network) = link_local() else { return };
    let _server = Server::start_in(&network, IPV4, ARTICLE);
    assert_eq!(printed(&network.bash("curl http://169.254.169.254/latest/meta-data/instance-type/", &[])), "t2.nano");
    assert_eq!(printed(&network.bash(V1, &[])), LISTING);
    assert_listed(&network.bash(V2, &[]));
}

#[test]
fn the_articles_commands_show_its_401_when_tokens_are_required() {
    let Some(network) = link_local() else { return };
    let _server = Server::start_in(&network, IPV4, &[ARTICLE, &["--http-tokens", "required"]].concat());
    assert_eq!(printed(&network.bash(V1, &[])), UNAUTHORIZED);
    assert_listed(&network.bash(V2, &[]));
}

#[test]
fn the_aws_cli_finds_the_role_over_ipv4_and_ipv6() {
    let Some(network) = link_local() else { return };
    let versions = both();
    for (address, environment) in FAMILIES {
        let _server = Server::start_in(&network, address, &["--http-tokens", "required"]);
        for aws in &versions {
            let list = printed(&run(&mut network.within(&aws.run(&["configure", "list"], &environment))));
            assert_eq!(list.matches("iam-role").count(), 2, "{address}: {list}");
            assert!(aws.major == 1 || list.contains("us-east-1"), "{address}: {list}");
        }
    }
}

#[test]
fn botocore_finds_the_role_over_ipv4_and_ipv6() {
    let (Some(network), Some(python)) = (link_local(), python()) else { return };
    for (address, environment) in FAMILIES {
        let _server = Server::start_in(&network, address, &["--http-tokens", "required"]);
        let mut botocore = Dialogue::with(network.within(&python.client("botocore_client.py", &environment)));
        assert_eq!(botocore.run("credentials").unwrap()["role_name"], "my-role");
        assert_eq!(botocore.run("region").unwrap(), "us-east-1");
        assert_eq!(botocore.run("session").unwrap()["method"], "iam-role");
    }
}

#[test]
fn the_javascript_sdk_finds_the_role_over_ipv4_and_ipv6() {
    let (Some(network), Some(node)) = (link_local(), node()) else { return };
    for (address, environment) in FAMILIES {
        let _server = Server::start_in(&network, address, &["--http-tokens", "required"]);
        let mut provider = Dialogue::with(network.within(&node.client("credential_provider_imds.mjs", &environment)));
        let key = provider.run("credentials").unwrap()["accessKeyId"].take();
        assert!(key.as_str().unwrap().starts_with("ASIA"), "{address}: {key}");
    }
}

#[test]
fn ec2_metadata_reads_all_of_its_properties() {
    let (Some(network), Some(python)) = (link_local(), python()) else { return };
    let options = ["--http-tokens", "required", "--instance-metadata-tags", "enabled"];
    let _server = Server::start_in(&network, IPV4, &options);
    let mut client = Dialogue::with(network.within(&python.client("ec2_metadata_client.py", &[])));
    let found = client.run("properties").unwrap();
    assert_eq!(found["instance_id"], "i-0abcdef1234567890");
    assert_eq!(found["region"], "us-east-1");
    assert_eq!(found["instance_profile_name"], "my-role");
    assert_eq!(found["iam_security_credentials"]["Type"], "AWS-HMAC");
    assert_eq!(found["public_ipv4"], "203.0.113.25");
    assert_eq!(found["spot_instance_action"], Value::Null);
    assert_eq!(found["tags"]["Environment"], "test");
    let interface = &found["network_interfaces"]["02:29:96:8f:6a:2d"];
    assert_eq!(interface["vpc_ipv4_cidr_blocks"], json!(["10.0.0.0/16"]));
    assert_eq!(interface["ipv4_associations"], json!({ "203.0.113.25": ["10.0.1.23"] }));
    assert_eq!(interface["public_hostname"], "ec2-203-0-113-25.compute-1.amazonaws.com");
}

/// The listing is on standard output, and the response headers, without times, are on standard
/// error.
fn assert_listed(output: &Output) {
    assert_eq!(printed(output), LISTING);
    let log = text(&output.stderr);
    let received: Vec<_> = log.lines().filter_map(|line| line.strip_prefix("< ")).map(str::trim_end).collect();
    let dated = ["Date:", "X-Aws-Ec2-Metadata-Token-Ttl-Seconds:"];
    let timeless: Vec<_> =
        received.into_iter().filter(|line| !dated.iter().any(|name| line.starts_with(name))).collect();
    assert_eq!(timeless, HEADERS);
    assert!(log.contains("> X-aws-ec2-metadata-token: AQAAA"), "{log}");
}

const FAMILIES: [(&str, [(&str, &str); 1]); 2] = [
    (IPV4, [("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv4")]),
    (IPV6, [("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")]),
];
const HEADERS: [&str; 8] = [
    "HTTP/1.0 200 OK",
    "Accept-Ranges: bytes",
    "Content-Length: 313",
    "Content-Type: text/plain",
    "Last-Modified: Sat, 26 Sep 2020 14:28:58 GMT",
    "Connection: close",
    "Server: EC2ws",
    "",
];
