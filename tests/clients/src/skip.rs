//! Tests that cannot run here.

use std::env;
use std::io::{self, Write};

/// What is there; or nothing, after a line that says why. In CI that is a failure.
pub fn or_skip<T>(what: &str, found: Result<T, String>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(why) if is_ci() => panic!("{what}: {why}"),
        Err(why) => {
            say(&format!("skipped: {what}: {why}"));
            None
        }
    }
}

/// Prints a line past the test harness, which keeps what passing tests print.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
