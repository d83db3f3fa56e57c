//! `@aws-sdk/ec2-metadata-service`, the JavaScript SDK's general way to the service.

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
fn it_reads_with_a_token_in_either_mode_and_family() {
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            let Some(mut service) = service(&server.url(), "{}") else { return };
            assert_eq!(service.ask(&format!("get {ID}")).unwrap(), INSTANCE);
            // It puts the endpoint's slash before the path's.
            assert_eq!(server.asked(), [TOKEN, &format!("GET /{ID} 200 v2")]);
        }
    }
}

#[test]
fn told_to_do_without_a_token_it_is_served_where_none_is_required() {
    let ask = format!("get-without {ID}");
    let optional = Server::start(&[]);
    let Some(mut service) = service(&optional.url(), "{}") else { return };
    assert_eq!(service.ask(&ask).unwrap(), INSTANCE);
    assert_eq!(optional.asked(), [format!("GET /{ID} 200 v1")]);
}

#[test]
fn told_to_do_without_a_token_it_keeps_asking_where_one_is_required() {
    let required = Server::start(&["--http-tokens", "required"]);
    let Some(mut service) = service(&required.url(), "{}") else { return };
    let error = service.ask(&format!("get-without {ID}")).unwrap_err();
    assert!(error.contains("status code 401"), "{error}");
    assert_eq!(required.asked(), [(); 4].map(|()| format!("GET /{ID} 401 v1")));
}

#[test]
fn the_life_that_it_asks_for_is_the_life_of_its_token() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), &json!({ "tokenTtl": 1, "retries": 0 }).to_string()) else { return };
    let token = service.ask("token").unwrap();
    let ask = format!("get-with {} {ID}", token.as_str().unwrap());
    assert_eq!(service.ask(&ask).unwrap(), INSTANCE);
    sleep(Duration::from_millis(1_050));
    let error = service.ask(&ask).unwrap_err();
    assert!(error.contains("status code 401"), "{error}");
    assert_eq!(service.ask(&format!("get {ID}")).unwrap(), INSTANCE);
}

#[test]
fn a_life_that_no_token_has_makes_it_fall_back_to_version_1() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), r#"{ "tokenTtl": 30000 }"#) else { return };
    assert_eq!(service.ask(&format!("get {ID}")).unwrap(), INSTANCE);
    assert_eq!(server.asked(), ["PUT /latest/api/token 400 v2", &format!("GET /{ID} 200 v1")]);
}

#[test]
fn a_token_that_ends_in_the_middle_is_replaced_in_the_same_call() {
    let relay = Relay::before(Server::start(&["--http-tokens", "required"]));
    let Some(mut service) = service(&relay.url(), "{}") else { return };
    assert_eq!(service.ask(&format!("get {ID}")).unwrap(), INSTANCE);
    let [refused, served] = [401, 200].map(|status| format!("GET /{ID} {status} v2"));
    assert_eq!(relay.asked(), [TOKEN, &refused, TOKEN, &served]);
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    let server = Server::start(&[]);
    let Some(mut service) = service(&server.url(), "{}") else { return };
    let error = service.ask("get /latest/meta-data/nothing").unwrap_err();
    assert!(error.contains("status code 404"), "{error}");
    assert_eq!(server.asked(), [TOKEN, "GET //latest/meta-data/nothing 404 v2"]);
}

#[test]
fn a_disabled_endpoint_makes_it_try_version_1_and_say_403() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut service) = service(&server.url(), "{}") else { return };
    let error = service.ask(&format!("get {ID}")).unwrap_err();
    assert!(error.contains("status code 403"), "{error}");
    assert_eq!(server.asked(), ["PUT /latest/api/token 403 v2", &format!("GET /{ID} 403 v1")]);
}

#[test]
fn a_disabled_endpoint_is_an_error_to_it_where_it_may_not_use_version_1() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let Some(mut service) = service(&server.url(), r#"{ "ec2MetadataV1Disabled": true }"#) else { return };
    service.ask(&format!("get {ID}")).unwrap_err();
    assert_eq!(server.asked(), ["PUT /latest/api/token 403 v2"]);
}

fn service(endpoint: &str, options: &str) -> Option<Dialogue> {
    let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint), ("OPTIONS", options)];
    node().map(|node| Dialogue::with(node.client("ec2_metadata_service.mjs", &environment)))
}
