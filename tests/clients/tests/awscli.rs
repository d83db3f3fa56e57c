//! The AWS CLI, versions 1 and 2.

use std::process::Output;

use imds_clients::Server;
use imds_clients::api::Api;
use imds_clients::aws::{Aws, both, two};
use imds_clients::curl::curl;
use imds_clients::relay::Relay;
use imds_clients::run::{printed, run, text};
use imds_clients::server::{families, record};
use serde_json::Value;

const ROLE: &str = "/latest/meta-data/iam/security-credentials/my-role";
const LIST: &[&str] = &["configure", "list"];

#[test]
fn configure_list_shows_the_role_in_both_modes_and_families() {
    let versions = both();
    for address in families() {
        let mode = if address.contains("::") { "IPv6" } else { "IPv4" };
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            for aws in &versions {
                let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", mode)];
                let list = printed(&run_cli(aws, &server.url(), LIST, &environment));
                assert_eq!(list.matches("iam-role").count(), 2, "{list}");
                assert!(server.requests().iter().all(|exchange| exchange.ends_with(" 200 v2")));
            }
        }
    }
}

#[test]
fn version_2_takes_the_region_from_the_zone() {
    let Some(aws) = two() else { return };
    let server = Server::start(&[]);
    let list = printed(&run_cli(&aws, &server.url(), LIST, &[]));
    let region = list.lines().find(|line| line.contains("region")).unwrap();
    assert!(region.contains("us-east-1") && region.contains("imds"), "{region}");
}

#[test]
fn version_2_exports_the_credentials_that_are_served() {
    let (Some(aws), Some(curl)) = (two(), curl()) else { return };
    let server = Server::start(&[]);
    let output = run_cli(&aws, &server.url(), &["configure", "export-credentials"], &[]);
    let exported: Value = serde_json::from_str(&printed(&output)).unwrap();
    let served: Value = serde_json::from_str(&curl.get(&server, ROLE)).unwrap();
    for (name, served_as) in
        [("AccessKeyId", "AccessKeyId"), ("SecretAccessKey", "SecretAccessKey"), ("SessionToken", "Token")]
    {
        assert_eq!(exported[name], served[served_as]);
    }
}

#[test]
fn requests_are_signed_with_the_served_credentials_and_region() {
    let server = Server::start(&["--http-tokens", "required"]);
    for aws in both() {
        let api = Api::start();
        let mut arguments = vec!["sts", "get-caller-identity", "--endpoint-url"];
        let url = api.url();
        arguments.push(&url);
        if aws.major == 1 {
            // The region from the service only selects the default configuration mode.
            arguments.extend(["--region", "us-east-1"]);
        }
        let denied = run_cli(&aws, &server.url(), &arguments, &[("AWS_DEFAULTS_MODE", "auto")]);
        assert!(!denied.status.success() && text(&denied.stderr).contains("AccessDenied"), "{denied:?}");
        let request = api.request();
        let signed = request.lines().find(|line| line.starts_with("Authorization: ")).unwrap();
        assert!(signed.contains("Credential=ASIA") && signed.contains("/us-east-1/sts/aws4_request"), "{signed}");
        assert!(request.contains("\nX-Amz-Security-Token: "), "{request}");
        let zone = "GET /latest/meta-data/placement/availability-zone/ 200 v2";
        assert!(server.requests().iter().any(|exchange| exchange == zone));
    }
}

#[test]
fn each_run_requests_a_token() {
    for aws in both() {
        let mut server = Server::start(&["--http-tokens", "required"]);
        for _ in 0..2 {
            let list = printed(&run_cli(&aws, &server.url(), LIST, &[]));
            assert!(list.contains("iam-role"), "{list}");
            assert_eq!(server.requests()[0], "PUT /latest/api/token 200 v2");
            server.restart();
        }
    }
}

#[test]
fn a_token_that_becomes_void_fails_one_run() {
    for aws in both() {
        let relay = Relay::before(Server::start(&[]));
        let [lost, found] = [0, 1].map(|_| printed(&run_cli(&aws, &relay.url(), LIST, &[])));
        assert!(!lost.contains("iam-role") && found.contains("iam-role"), "{lost}{found}");
        let rejected = "GET /latest/meta-data/iam/security-credentials/ 401 v2";
        assert!(relay.requests().iter().any(|exchange| exchange == rejected));
    }
}

#[test]
fn a_failing_role_gives_no_credentials() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    for aws in both() {
        assert_has_no_credentials(&aws, &server);
        let role = "GET /latest/meta-data/iam/security-credentials/broken 200 v2";
        assert!(server.requests().iter().any(|exchange| exchange == role));
    }
}

#[test]
fn a_disabled_endpoint_falls_back_to_version_1_and_fails() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    for aws in both() {
        assert_has_no_credentials(&aws, &server);
        let requests = server.requests();
        let tail = ["PUT /latest/api/token 403 v2", "GET /latest/meta-data/iam/security-credentials/ 403 v1"];
        assert!(requests.ends_with(&tail.map(str::to_owned)), "{requests:?}");
    }
}

fn assert_has_no_credentials(aws: &Aws, server: &Server) {
    let arguments = ["sts", "get-caller-identity", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9"];
    let output = run_cli(aws, &server.url(), &arguments, &[]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("Unable to locate credentials"), "{output:?}");
}

/// Runs the AWS CLI to its end. Version 2.9 requires a slash at the end of the endpoint.
fn run_cli(aws: &Aws, endpoint: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let endpoint = format!("{endpoint}/");
    let environment = [environment, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*endpoint)]].concat();
    run(&mut aws.run(arguments, &environment))
}
