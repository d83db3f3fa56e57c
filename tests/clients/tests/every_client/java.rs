//! The AWS SDK for Java.

use imds_clients::host::{output, tried};
use imds_clients::java::java;
use serde_json::{Map, Value};

use crate::assert_read_by_sdk;

#[test]
fn version_2_finds_the_role() {
    let Some(java) = java() else { return };
    tried("AWS SDK for Java 2", |host| {
        let printed = output(&mut java.command(&host.network));
        let pairs = printed.lines().filter_map(|line| line.split_once('='));
        let member = |(name, value): (&str, &str)| (name.to_owned(), Value::from(value.replace("\\n", "\n")));
        let found = Value::Object(pairs.map(member).collect::<Map<_, _>>());
        assert_read_by_sdk(&found);
        assert_eq!(found["addresses"], "203.0.113.25");
    });
}
