//! The ids, requests and expectations of the checks are stable: implementations in other languages
//! use them through `imds vectors`. `BLESS=1` rewrites `tests/vectors.txt`; review each changed
//! line.
#![expect(clippy::disallowed_methods, reason = "the test reads the file and rewrites it when blessing")]

use std::fmt::Write;
use std::fs;

use imds_conformance::{CHECKS, Check, Pace};

#[test]
fn ids_requests_and_expectations_match_the_file() {
    let text: String = CHECKS.iter().map(lines).collect();
    if std::env::var_os("BLESS").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    assert!(
        fs::read_to_string(FILE).unwrap() == text,
        "the checks differ from conformance/{FILE}: if this is intended, run with BLESS=1"
    );
}

fn lines(check: &Check) -> String {
    let mut text = format!("{} {}\n", check.id, check.condition.name());
    let requests = check.requests();
    for equal in requests.chunk_by(|a, b| a == b) {
        let (bytes, pace) = &equal[0];
        let pace = if *pace == Pace::ByteByByte { " slow" } else { "" };
        let times = if equal.len() > 1 { format!(" {} times", equal.len()) } else { String::new() };
        writeln!(text, "  >{pace}{times} {bytes:?}").unwrap();
    }
    for expect in check.expectations {
        writeln!(text, "  = {} {:?}", expect.name(), expect.arguments()).unwrap();
    }
    text
}

const FILE: &str = "tests/vectors.txt";
