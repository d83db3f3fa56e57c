//! `@smithy/credential-provider-imds`, the credential provider of the AWS SDK for JavaScript.

use imds_clients::node::node;
use imds_clients::relay::Relay;
use imds_clients::server::{families, record};
use imds_clients::{Dialogue, Server};
use serde_json::Value;

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

#[test]
fn credentials_are_read_with_a_token_in_both_modes_and_families() {
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            let Some(mut provider) = provider(&server.url(), "{}") else { return };
            assert_credentials(&provider.run("credentials").unwrap());
            let [roles, role] = ["", "my-role"].map(|role| format!("GET {ROLES}{role} 200 v2"));
            assert_eq!(server.requests(), [TOKEN, &roles, &role]);
        }
    }
}

#[test]
fn a_new_token_replaces_a_void_one() {
    let mut server = Server::start(&["--http-tokens", "required"]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let before = provider.run("credentials").unwrap();
    server.restart();
    let after = provider.run("credentials").unwrap();
    assert_credentials(&after);
    assert_ne!(before["accessKeyId"], after["accessKeyId"]);
}

#[test]
fn a_token_that_becomes_void_fails_one_call() {
    let relay = Relay::before(Server::start(&["--http-tokens", "required"]));
    let Some(mut provider) = provider(&relay.url(), "{}") else { return };
    let error = provider.run("credentials").unwrap_err();
    assert!(error.contains("Error response received"), "{error}");
    assert_eq!(relay.requests(), [TOKEN, &format!("GET {ROLES} 401 v2")]);
    assert_credentials(&provider.run("credentials").unwrap());
}

#[test]
fn credentials_are_reused_while_the_service_is_throttled() {
    let mut server = Server::start(&[]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let before = provider.run("credentials").unwrap();
    server.restart_with(&["--throttle", "0"]);
    let after = provider.run("credentials").unwrap();
    assert_eq!(before["accessKeyId"], after["accessKeyId"]);
    assert!(after["originalExpiration"].is_string(), "{after}");
}

#[test]
fn a_failing_role_is_an_invalid_response() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    let error = provider.run("credentials").unwrap_err();
    assert!(error.contains("Invalid response received from instance metadata service"), "{error}");
    assert_eq!(server.requests()[2], format!("GET {ROLES}broken 200 v2"));
}

#[test]
fn a_disabled_endpoint_falls_back_to_version_1_for_good() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut provider) = provider(&server.url(), "{}") else { return };
    for _ in 0..2 {
        let error = provider.run("credentials").unwrap_err();
        assert!(error.contains("Error response received"), "{error}");
    }
    let rejected = format!("GET {ROLES} 403 v1");
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2", &rejected, &rejected]);
}

#[test]
fn a_disabled_endpoint_fails_at_once_without_version_1() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut provider) = provider(&server.url(), r#"{ "ec2MetadataV1Disabled": true }"#) else { return };
    let error = provider.run("credentials").unwrap_err();
    assert!(error.contains("v1 fallback has been blocked"), "{error}");
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2"]);
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
