//! `@smithy/credential-provider-imds`, by which the JavaScript SDK gets its credentials.

use imds_clients::node::node;
use imds_clients::relay::Relay;
use imds_clients::server::{families, record};
use imds_clients::{Dialogue, Server};
use serde_json::Value;

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

#[test]
fn it_takes_credentials_with_a_token_in_either_mode_and_family() {
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            let Some(mut provider) = provider(&server.url(), "{}") else { return };
            assert_credentials(&provider.ask("credentials").unwrap());
            let [roles, role] = ["", "my-role"].map(|role| format!("GET {ROLES}{role} 200 v2"));
            assert_eq!(server.asked(), [TOKEN, &roles, &role]);
        }
    }
}

#[test]
fn it_asks_for_a_token_anew_when_all_are_void() {
    let mut server = Server::start(&["--http-tokens", "required"]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let before = provider.ask("credentials").unwrap();
    server.restart();
    let after = provider.ask("credentials").unwrap();
    assert_credentials(&after);
    assert_ne!(before["accessKeyId"], after["accessKeyId"]);
}

#[test]
fn a_token_that_ends_in_the_middle_costs_it_one_call() {
    let relay = Relay::before(Server::start(&["--http-tokens", "required"]));
    let Some(mut provider) = provider(&relay.url(), "{}") else { return };
    let error = provider.ask("credentials").unwrap_err();
    assert!(error.contains("Error response received"), "{error}");
    assert_eq!(relay.asked(), [TOKEN, &format!("GET {ROLES} 401 v2")]);
    assert_credentials(&provider.ask("credentials").unwrap());
}

#[test]
fn with_credentials_in_hand_it_gets_over_a_throttled_service() {
    let mut server = Server::start(&[]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let before = provider.ask("credentials").unwrap();
    server.restart_with(&["--throttle", "0"]);
    let after = provider.ask("credentials").unwrap();
    assert_eq!(before["accessKeyId"], after["accessKeyId"]);
    assert!(after["originalExpiration"].is_string(), "{after}");
}

#[test]
fn a_role_that_fails_is_an_invalid_answer_to_it() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let error = provider.ask("credentials").unwrap_err();
    assert!(error.contains("Invalid response received from instance metadata service"), "{error}");
    assert_eq!(server.asked()[2], format!("GET {ROLES}broken 200 v2"));
}

#[test]
fn a_disabled_endpoint_makes_it_try_version_1_and_stay_with_it() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    for _ in 0..2 {
        let error = provider.ask("credentials").unwrap_err();
        assert!(error.contains("Error response received"), "{error}");
    }
    let refused = format!("GET {ROLES} 403 v1");
    assert_eq!(server.asked(), ["PUT /latest/api/token 403 v2", &refused, &refused]);
}

#[test]
fn a_disabled_endpoint_ends_it_where_it_may_not_use_version_1() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut provider) = provider(&server.url(), r#"{ "ec2MetadataV1Disabled": true }"#) else { return };
    let error = provider.ask("credentials").unwrap_err();
    assert!(error.contains("v1 fallback has been blocked"), "{error}");
    assert_eq!(server.asked(), ["PUT /latest/api/token 403 v2"]);
}

fn provider(endpoint: &str, options: &str) -> Option<Dialogue> {
    let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint), ("OPTIONS", options)];
    node().map(|node| Dialogue::with(node.client("credential_provider_imds.mjs", &environment)))
}

fn assert_credentials(found: &Value) {
    let text = |name: &str| found[name].as_str().unwrap_or_else(|| panic!("no {name} in {found}"));
    assert!(text("accessKeyId").starts_with("ASIA"), "{found}");
    assert!(!text("secretAccessKey").is_empty() && !text("sessionToken").is_empty(), "{found}");
    assert!(text("expiration").ends_with('Z'), "{found}");
}
