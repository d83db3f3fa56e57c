//! Every client of docs/clients.md, against a Nitro and a Xen instance at 169.254.169.254 in a
//! network namespace, without an endpoint setting. A client's requests are compared with the page.

mod api;
mod debian;
mod go;
mod java;
mod node;
mod page;
mod python;
mod storage;
mod system;

use serde_json::Value;

const INSTANCE: &str = "i-0abcdef1234567890";
const PROFILE: &str = "arn:aws:iam::123456789012:instance-profile/my-role";
const USER_DATA: &str = "#!/bin/bash\necho 'user data of a fake instance'\n";
const MAC: &str = "02:29:96:8f:6a:2d";

/// The JSON that a client printed.
#[track_caller]
fn parsed(printed: &str) -> Value {
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{printed}: {error}"))
}

/// Asserts that an access key is one of temporary credentials.
#[track_caller]
fn assert_temporary(access_key: &Value) {
    assert!(access_key.as_str().is_some_and(|key| key.starts_with("ASIA") && key.len() == 20), "{access_key}");
}

/// Asserts what every SDK reads.
#[track_caller]
fn assert_read_by_sdk(found: &Value) {
    assert_temporary(&found["access_key"]);
    assert_eq!(found["region"], "us-east-1");
    assert_eq!(found["instance_id"], INSTANCE);
    assert_eq!(found["tag"], "my-instance");
    assert_eq!(found["user_data"], USER_DATA);
}
