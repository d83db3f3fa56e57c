//! Reads an object from a store whose URL is the argument, with the credentials of the instance.

use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3Builder;

fn main() {
    let url = std::env::args().nth(1).expect("a URL");
    let store = AmazonS3Builder::new()
        .with_bucket_name("bucket")
        .with_region("us-east-1")
        .with_endpoint(url)
        .with_allow_http(true)
        .build()
        .expect("a store");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = runtime.block_on(store.get(&"object".into()));
    println!("{}", result.expect_err("the store denies requests"));
}
