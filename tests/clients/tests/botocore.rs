//! botocore's fetchers of credentials and region.

use imds_clients::python::python;
use imds_clients::relay::Relay;
use imds_clients::server::{families, record};
use imds_clients::{Dialogue, Server};
use serde_json::{Value, json};

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const ZONE: &str = "/latest/meta-data/placement/availability-zone/";

#[test]
fn credentials_and_region_are_read_with_a_token_in_both_modes() {
    for tokens in ["optional", "required"] {
        let server = Server::start(&["--http-tokens", tokens]);
        let Some(mut botocore) = botocore(&server.url()) else { return };
        assert_credentials(&botocore.run("credentials").unwrap());
        assert_eq!(botocore.run("region").unwrap(), "us-east-1");
        let role = format!("GET {ROLES}my-role 200 v2");
        let zone = format!("GET {ZONE} 200 v2");
        assert_eq!(server.requests(), [TOKEN, &format!("GET {ROLES} 200 v2"), &role, TOKEN, &zone]);
    }
}

#[test]
fn a_session_finds_the_role_over_ipv4_and_ipv6() {
    for address in families() {
        let server = Server::start_at(address, &["--http-tokens", "required"]);
        let Some(mut botocore) = botocore(&server.url()) else { return };
        let session = botocore.run("session").unwrap();
        assert_eq!(session["method"], "iam-role");
        assert!(session["access_key"].as_str().unwrap().starts_with("ASIA"), "{session}");
    }
}

#[test]
fn it_works_with_version_1_disabled() {
    let server = Server::start(&["--http-tokens", "required"]);
    let Some(mut botocore) = botocore_with(&[("AWS_EC2_METADATA_V1_DISABLED", "true")], &server.url()) else { return };
    assert_credentials(&botocore.run("credentials").unwrap());
}

#[test]
fn a_new_token_replaces_a_void_one() {
    let mut server = Server::start(&["--http-tokens", "required"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_credentials(&botocore.run("credentials").unwrap());
    server.restart();
    assert_credentials(&botocore.run("credentials").unwrap());
    assert_eq!(server.requests()[0], TOKEN);
}

#[test]
fn a_token_that_becomes_void_fails_one_call() {
    let relay = Relay::before(Server::start(&[]));
    let Some(mut botocore) = botocore(&relay.url()) else { return };
    assert_eq!(botocore.run("credentials").unwrap(), json!({}));
    assert_eq!(relay.requests(), [TOKEN, &format!("GET {ROLES} 401 v2")]);
    assert_credentials(&botocore.run("credentials").unwrap());
}

#[test]
fn a_failing_role_gives_no_credentials() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.run("credentials").unwrap(), json!({}));
    assert_eq!(botocore.run("session").unwrap(), Value::Null);
    assert_eq!(server.requests()[2], format!("GET {ROLES}broken 200 v2"));
}

#[test]
fn no_role_gives_no_credentials() {
    let server = Server::start(&["--instance", &record("no-role")]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.run("credentials").unwrap(), json!({}));
    assert_eq!(server.requests(), [TOKEN, &format!("GET {ROLES} 404 v2")]);
}

#[test]
fn a_disabled_endpoint_falls_back_to_version_1_and_fails() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.run("credentials").unwrap(), json!({}));
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2", &format!("GET {ROLES} 403 v1")]);
    assert_eq!(botocore.run("region").unwrap(), Value::Null);
}

#[test]
fn a_throttled_request_is_tried_as_often_as_configured() {
    let server = Server::start(&["--throttle", "0"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.run("credentials").unwrap(), json!({}));
    assert_eq!(server.requests(), ["PUT /latest/api/token 503 v2", &format!("GET {ROLES} 503 v1")]);
}

fn botocore(endpoint: &str) -> Option<Dialogue> {
    botocore_with(&[], endpoint)
}

fn botocore_with(environment: &[(&str, &str)], endpoint: &str) -> Option<Dialogue> {
    let environment = [environment, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)]].concat();
    python().map(|python| Dialogue::with(python.client("botocore_client.py", &environment)))
}

fn assert_credentials(found: &Value) {
    let text = |name: &str| found[name].as_str().unwrap_or_else(|| panic!("no {name} in {found}"));
    assert_eq!(text("role_name"), "my-role");
    assert!(text("access_key").starts_with("ASIA"), "{found}");
    assert!(!text("secret_key").is_empty() && !text("token").is_empty(), "{found}");
    assert!(text("expiry_time").ends_with('Z'), "{found}");
}
