//! `@aws-sdk/ec2-metadata-service`, the general metadata client of the AWS SDK for JavaScript.

use std::thread::sleep;
use std::time::Duration;

use imds_clients::node::node;
use imds_clients::relay::Relay;
use imds_clients::server::families;
use imds_clients::{Dialogue, Server};
use serde_json::json;

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ID: &str = "/latest/meta-data/instance-id";
const INSTANCE: &str = "i-0abcdef1234567890";

#[test]
fn reads_use_a_token_in_both_modes_and_families() {
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            let Some(mut service) = service(&server.url(), "{}") else { return };
            assert_eq!(service.run(&format!("get {ID}")).unwrap(), INSTANCE);
            // The client joins the endpoint's slash and the path's.
            assert_eq!(server.requests(), [TOKEN, &format!("GET /{ID} 200 v2")]);
        }
    }
}

#[test]
fn reads_without_a_token_work_when_tokens_are_optional() {
    let ask = format!("get-without {ID}");
    let optional = Server::start(&[]);
    let Some(mut service) = service(&optional.url(), "{}") else { return };
    assert_eq!(service.run(&ask).unwrap(), INSTANCE);
    assert_eq!(optional.requests(), [format!("GET /{ID} 200 v1")]);
}

#[test]
fn reads_without_a_token_are_retried_when_tokens_are_required() {
    let required = Server::start(&["--http-tokens", "required"]);
    let Some(mut service) = service(&required.url(), "{}") else { return };
    let error = service.run(&format!("get-without {ID}")).unwrap_err();
    assert!(error.contains("status code 401"), "{error}");
    assert_eq!(required.requests(), [(); 4].map(|()| format!("GET /{ID} 401 v1")));
}

#[test]
fn the_token_has_the_requested_ttl() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), &json!({ "tokenTtl": 1, "retries": 0 }).to_string()) else { return };
    let token = service.run("token").unwrap();
    let ask = format!("get-with {} {ID}", token.as_str().unwrap());
    assert_eq!(service.run(&ask).unwrap(), INSTANCE);
    sleep(Duration::from_millis(1_050));
    let error = service.run(&ask).unwrap_err();
    assert!(error.contains("status code 401"), "{error}");
    assert_eq!(service.run(&format!("get {ID}")).unwrap(), INSTANCE);
}

#[test]
fn a_ttl_out_of_range_falls_back_to_version_1() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), r#"{ "tokenTtl": 30000 }"#) else { return };
    assert_eq!(service.run(&format!("get {ID}")).unwrap(), INSTANCE);
    assert_eq!(server.requests(), ["PUT /latest/api/token 400 v2", &format!("GET /{ID} 200 v1")]);
}

#[test]
fn a_token_that_becomes_void_is_replaced_in_the_same_call() {
    let relay = Relay::before(Server::start(&["--http-tokens", "required"]));
    let Some(mut service) = service(&relay.url(), "{}") else { return };
    assert_eq!(service.run(&format!("get {ID}")).unwrap(), INSTANCE);
    let [rejected, served] = [401, 200].map(|status| format!("GET /{ID} {status} v2"));
    assert_eq!(relay.requests(), [TOKEN, &rejected, TOKEN, &served]);
}

#[test]
fn an_unknown_path_is_requested_once() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), "{}") else { return };
    let error = service.run("get /latest/meta-data/nothing").unwrap_err();
    assert!(error.contains("status code 404"), "{error}");
    assert_eq!(server.requests(), [TOKEN, "GET //latest/meta-data/nothing 404 v2"]);
}

#[test]
fn a_disabled_endpoint_falls_back_to_version_1_and_reports_403() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut service) = service(&server.url(), "{}") else { return };
    let error = service.run(&format!("get {ID}")).unwrap_err();
    assert!(error.contains("status code 403"), "{error}");
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2", &format!("GET /{ID} 403 v1")]);
}

#[test]
fn a_disabled_endpoint_is_an_error_without_version_1() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut service) = service(&server.url(), r#"{ "ec2MetadataV1Disabled": true }"#) else { return };
    service.run(&format!("get {ID}")).unwrap_err();
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2"]);
}

fn service(endpoint: &str, options: &str) -> Option<Dialogue> {
    let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint), ("OPTIONS", options)];
    node().map(|node| Dialogue::with(node.client("ec2_metadata_service.mjs", &environment)))
}
