//! The clients of docs/clients.md that are Rust crates, in a thread that is in the network of a
//! server at 169.254.169.254.

use aws_config::imds::Client;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use imds_clients::host::tried;
use serde_json::{Value, json};
use tokio::runtime::Builder;

#[test]
fn the_aws_sdk_for_rust_finds_the_role() {
    tried("AWS SDK for Rust", |host| {
        let found = host.network.inside(|| block_on(sdk()));
        assert!(found["access_key"].as_str().unwrap().starts_with("ASIA"), "{found}");
        assert_eq!((&found["region"], &found["instance_id"]), (&json!("us-east-1"), &json!("i-0abcdef1234567890")));
    });
}

async fn sdk() -> Value {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = ProviderConfig::without_region().with_http_client(http);
    let client = Client::builder().configure(&config).build();
    let provider = ImdsCredentialsProvider::builder().configure(&config).imds_client(client.clone()).build();
    let region = ImdsRegionProvider::builder().configure(&config).imds_client(client.clone()).build();
    json!({
        "access_key": provider.provide_credentials().await.unwrap().access_key_id(),
        "region": ProvideRegion::region(&region).await.unwrap().as_ref(),
        "instance_id": client.get("/latest/meta-data/instance-id").await.unwrap().as_ref(),
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
