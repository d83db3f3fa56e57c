//! aws-config, part of the AWS SDK for Rust: its metadata client, credentials and region.

use std::time::{Duration, Instant};

use aws_config::imds::Client;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use imds_clients::Server;
use imds_clients::relay::Relay;
use imds_clients::server::{families, record};

const TOKEN: &str = "PUT /latest/api/token 200 v2";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const ID: &str = "/latest/meta-data/instance-id";
const INSTANCE: &str = "i-0abcdef1234567890";
/// The maximum TTL of a token.
const LONG: Duration = Duration::from_secs(21_600);
/// The client replaces a token two minutes before it expires, so this one serves a single request.
const SHORT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn one_token_serves_several_calls_in_both_modes_and_families() {
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            let client = client(&server.url(), LONG);
            for _ in 0..2 {
                assert_eq!(client.get(ID).await.unwrap().as_ref(), INSTANCE);
            }
            // The client would reject a token response without a TTL header.
            let read = format!("GET {ID} 200 v2");
            assert_eq!(server.requests(), [TOKEN, &read, &read]);
        }
    }
}

#[tokio::test]
async fn the_roles_credentials_and_the_region_are_read() {
    let server = Server::start(&["--http-tokens", "required"]);
    let client = client(&server.url(), LONG);
    let found = credentials(&client).provide_credentials().await.unwrap();
    assert!(found.access_key_id().starts_with("ASIA") && found.session_token().is_some());
    assert!(found.expiry().unwrap() > std::time::SystemTime::now());
    let region = ImdsRegionProvider::builder().configure(&config()).imds_client(client).build();
    assert_eq!(ProvideRegion::region(&region).await.unwrap().as_ref(), "us-east-1");
    let [roles, role] = ["", "my-role"].map(|role| format!("GET {ROLES}{role} 200 v2"));
    assert_eq!(server.requests(), [TOKEN, &roles, &role, "GET /latest/meta-data/placement/region 200 v2"]);
}

#[tokio::test]
async fn a_short_token_is_requested_for_each_call() {
    let mut server = Server::start(&["--http-tokens", "required"]);
    let client = client(&server.url(), SHORT);
    assert_eq!(client.get(ID).await.unwrap().as_ref(), INSTANCE);
    server.restart();
    assert_eq!(client.get(ID).await.unwrap().as_ref(), INSTANCE);
    assert_eq!(server.requests(), [TOKEN, &format!("GET {ID} 200 v2")]);
}

#[tokio::test]
async fn a_short_token_that_becomes_void_is_replaced_in_the_same_call() {
    let relay = Relay::before(Server::start(&[]));
    let client = client(&relay.url(), SHORT);
    assert_eq!(client.get(ID).await.unwrap().as_ref(), INSTANCE);
    let [rejected, served] = [401, 200].map(|status| format!("GET {ID} {status} v2"));
    assert_eq!(relay.requests(), [TOKEN, &rejected, TOKEN, &served]);
}

#[tokio::test]
async fn a_void_long_token_is_tried_four_times_and_kept() {
    let mut server = Server::start(&[]);
    let client = client(&server.url(), LONG);
    let provider = credentials(&client);
    let before = provider.provide_credentials().await.unwrap();
    server.restart();
    client.get(ID).await.unwrap_err();
    assert_eq!(server.requests(), [(); 4].map(|()| format!("GET {ID} 401 v2")));
    // The cached credentials are still used.
    assert_eq!(provider.provide_credentials().await.unwrap().access_key_id(), before.access_key_id());
}

#[tokio::test]
async fn a_failing_role_error_mentions_the_trust_relationship() {
    let server = Server::start(&["--instance", &record("failing-role")]);
    let error = credentials(&client(&server.url(), LONG)).provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::InvalidConfiguration(_)), "{error:?}");
    let text = format!("{error:?}");
    assert!(text.contains("[AssumeRoleUnauthorizedAccess]") && text.contains("trust relationship with EC2"), "{text}");
}

#[tokio::test]
async fn no_role_gives_no_credentials() {
    let server = Server::start(&["--instance", &record("no-role")]);
    let error = credentials(&client(&server.url(), LONG)).provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::CredentialsNotLoaded(_)), "{error:?}");
    assert_eq!(server.requests(), [TOKEN, &format!("GET {ROLES} 404 v2")]);
}

#[tokio::test]
async fn a_disabled_endpoint_is_reported_as_forbidden_at_once() {
    let server = Server::start(&["--http-endpoint", "disabled"]);
    let started = Instant::now();
    let error = credentials(&client(&server.url(), LONG)).provide_credentials().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5), "it waited");
    assert!(format!("{error:?}").contains("Forbidden"), "{error:?}");
    assert_eq!(server.requests(), ["PUT /latest/api/token 403 v2"]);
}

#[tokio::test]
async fn a_ttl_out_of_range_is_not_retried() {
    let server = Server::start(&[]);
    let error = client(&server.url(), Duration::from_secs(30_000)).get(ID).await.unwrap_err();
    assert!(format!("{error:?}").contains("InvalidParameters"), "{error:?}");
    assert_eq!(server.requests(), ["PUT /latest/api/token 400 v2"]);
}

#[tokio::test]
async fn a_throttled_request_is_tried_four_times() {
    let server = Server::start(&["--throttle", "0"]);
    client(&server.url(), LONG).get(ID).await.unwrap_err();
    assert_eq!(server.requests(), [(); 4].map(|()| "PUT /latest/api/token 503 v2"));
}

fn client(endpoint: &str, token_ttl: Duration) -> Client {
    Client::builder().configure(&config()).endpoint(endpoint).unwrap().token_ttl(token_ttl).build()
}

fn credentials(client: &Client) -> ImdsCredentialsProvider {
    ImdsCredentialsProvider::builder().configure(&config()).imds_client(client.clone()).build()
}

/// No region, no environment, and a connector without TLS.
fn config() -> ProviderConfig {
    ProviderConfig::without_region().with_http_client(aws_smithy_http_client::Builder::new().build_http())
}
