//! botocore's fetchers of credentials and of the region.

use imds_clients::python::python;
use imds_clients::relay::Relay;
use imds_clients::server::{families, record};
use imds_clients::{Dialogue, Server};
use serde_json::{Value, json};

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const ZONE: &str = "/latest/meta-data/placement/availability-zone/";

#[test]
fn it_takes_credentials_and_region_with_a_token_whether_or_not_one_is_required() {
    for tokens in ["optional", "required"] {
        let server = Server::start(&["--http-tokens", tokens]);
        let Some(mut botocore) = botocore(&server.url()) else { return };
        assert_credentials(&botocore.ask("credentials").unwrap());
        assert_eq!(botocore.ask("region").unwrap(), "us-east-1");
        let role = format!("GET {ROLES}my-role 200 v2");
        let zone = format!("GET {ZONE} 200 v2");
        assert_eq!(server.asked(), [TOKEN, &format!("GET {ROLES} 200 v2"), &role, TOKEN, &zone]);
    }
}

#[test]
fn a_session_finds_the_role_by_the_environment_over_ipv4_and_ipv6() {
    for address in families() {
        let server = Server::start_at(address, &["--http-tokens", "required"]);
        let Some(mut botocore) = botocore(&server.url()) else { return };
        let session = botocore.ask("session").unwrap();
        assert_eq!(session["method"], "iam-role");
        assert!(session["access_key"].as_str().unwrap().starts_with("ASIA"), "{session}");
    }
}

#[test]
fn it_gets_by_without_version_1() {
    let server = Server::start(&["--http-tokens", "required"]);
    let Some(mut botocore) = botocore_with(&[("AWS_EC2_METADATA_V1_DISABLED", "true")], &server.url()) else { return };
    assert_credentials(&botocore.ask("credentials").unwrap());
}

#[test]
fn it_asks_for_a_token_anew_when_all_are_void() {
    let mut server = Server::start(&["--http-tokens", "required"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_credentials(&botocore.ask("credentials").unwrap());
    server.restart();
    assert_credentials(&botocore.ask("credentials").unwrap());
    assert_eq!(server.asked()[0], TOKEN);
}

#[test]
fn a_token_that_ends_in_the_middle_costs_it_one_round() {
    let relay = Relay::before(Server::start(&[]));
    let Some(mut botocore) = botocore(&relay.url()) else { return };
    assert_eq!(botocore.ask("credentials").unwrap(), json!({}));
    assert_eq!(relay.asked(), [TOKEN, &format!("GET {ROLES} 401 v2")]);
    assert_credentials(&botocore.ask("credentials").unwrap());
}

#[test]
fn a_role_that_fails_is_no_credentials_to_it() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.ask("credentials").unwrap(), json!({}));
    assert_eq!(botocore.ask("session").unwrap(), Value::Null);
    assert_eq!(server.asked()[2], format!("GET {ROLES}broken 200 v2"));
}

#[test]
fn no_role_is_no_credentials_to_it() {
    let server = Server::start(&["--instance", &record("no-role")]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.ask("credentials").unwrap(), json!({}));
    assert_eq!(server.asked(), [TOKEN, &format!("GET {ROLES} 404 v2")]);
}

#[test]
fn a_disabled_endpoint_makes_it_try_version_1_and_give_up() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.ask("credentials").unwrap(), json!({}));
    assert_eq!(server.asked(), ["PUT /latest/api/token 403 v2", &format!("GET {ROLES} 403 v1")]);
    assert_eq!(botocore.ask("region").unwrap(), Value::Null);
}

#[test]
fn a_throttled_answer_is_tried_no_more_often_than_it_is_told_to() {
    let server = Server::start(&["--throttle", "0"]);
    let Some(mut botocore) = botocore(&server.url()) else { return };
    assert_eq!(botocore.ask("credentials").unwrap(), json!({}));
    assert_eq!(server.asked(), ["PUT /latest/api/token 503 v2", &format!("GET {ROLES} 503 v1")]);
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
