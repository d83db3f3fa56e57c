//! Skips tests that cannot run on this machine.

use std::env;
use std::io::{self, Write};

/// Returns the value, or prints why the test is skipped. In CI, panics instead.
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

/// Prints a line that the test harness does not capture.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
