//! The AWS SDKs for Go.

use imds_clients::go::go;
use imds_clients::host::{output, tried};

use crate::{PROFILE, assert_read_by_sdk, parsed};

#[test]
fn version_1_finds_the_role() {
    assert_finds_the_role("AWS SDK for Go 1", "sdk1");
}

#[test]
fn version_2_finds_the_role() {
    assert_finds_the_role("AWS SDK for Go 2", "sdk2");
}

fn assert_finds_the_role(name: &str, program: &str) {
    let Some(go) = go() else { return };
    tried(name, |host| {
        let found = parsed(&output(&mut host.command(go.program(program))));
        assert_read_by_sdk(&found);
        assert_eq!(found["profile"], PROFILE);
    });
}
