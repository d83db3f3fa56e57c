//! What cannot be done is told in one line that names the thing, and the exit status is 2.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use crate::support::{imds, run};

/// Starts it, which must fail, and gives the line.
fn refused(arguments: &[&str]) -> String {
    refused_with(&[], arguments)
}

fn refused_with(variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = imds(arguments);
    command.envs(variables.iter().copied());
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(str::from_utf8(&output.stdout), Ok(""));
    let line = stderr.strip_suffix('\n').unwrap_or_else(|| panic!("no whole line: {stderr}"));
    assert!(!line.contains('\n'), "more than one line: {stderr}");
    line.strip_prefix("imds: ").unwrap_or_else(|| panic!("{line}")).to_owned()
}

#[test]
fn a_taken_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refused(&["--listen", "127.0.0.1:0", "--listen", &address]);
    assert!(line.starts_with(&format!("cannot listen on {address}: ")), "{line}");
}

#[test]
fn a_missing_file() {
    let line = refused(&["--instance", "no/such/file.json"]);
    assert!(line.starts_with("cannot read no/such/file.json: "), "{line}");
}

#[test]
fn a_record_that_is_wrong_somewhere() {
    let cases = [
        ("half", r#"{ "instance_type": "#, "instance_type: EOF while parsing a value at line 1"),
        ("empty", "{}", "missing field `instance_type`"),
        ("unknown", r#"{ "instance_type": "t3.micro", "colour": 1 }"#, "colour: unknown field `colour`"),
        (
            "mac",
            r#"{ "instance_type": "t3.micro", "network_interfaces": [{ "mac": "zz" }] }"#,
            "network_interfaces[0].mac: a MAC address is",
        ),
        (
            "hops",
            r#"{ "instance_type": "t3.micro", "metadata_options": { "http_put_response_hop_limit": 65 } }"#,
            "metadata_options.http_put_response_hop_limit: 65 is not a hop limit",
        ),
        (
            "data",
            r#"{ "instance_type": "t3.micro", "user_data": "a", "user_data_base64": "YQ==" }"#,
            "user_data_base64: ",
        ),
    ];
    for (name, json, reason) in cases {
        let file = file(name, json);
        let line = refused(&["--instance", file.to_str().unwrap()]);
        let place = line.strip_prefix(&format!("{}: ", file.display())).unwrap_or_else(|| panic!("{line}"));
        assert!(place.starts_with(reason), "{line}");
    }
}

#[test]
fn a_flag_with_a_wrong_value() {
    let cases = [
        ("--hop-limit", "65", "expected a number from 1 to 64"),
        ("--hop-limit", "one", "expected a number from 1 to 64"),
        ("--clock", "yesterday", "expected a digit of the year at byte 0"),
        ("--http-tokens", "maybe", "[possible values: optional, required]"),
        ("--http-endpoint", "on", "[possible values: enabled, disabled]"),
        ("--log", "xml", "[possible values: text, json, off]"),
        ("--listen", "localhost:80", "expected an IP address and a port, for example 127.0.0.1:1338 or [::1]:1338"),
        ("--throttle", "many", "expected a number from 0 to 4294967295"),
        ("--max-connections", "0", "expected a number from 1 to 1000000"),
    ];
    for (flag, value, reason) in cases {
        let line = refused(&[flag, value]);
        assert!(line.starts_with(&format!("invalid value '{value}' for '{flag} <")), "{line}");
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn a_wrong_seed_is_not_repeated() {
    let line = refused(&["--seed", "xyz"]);
    assert!(line.contains("'--seed <HEX>': a seed is 2 to 64 hexadecimal digits"), "{line}");
    assert!(!line.contains("xyz"), "{line}");
}

#[test]
fn a_wrong_variable_is_named() {
    let line = refused_with(&[("IMDS_HOP_LIMIT", "65")], &[]);
    assert!(
        line.ends_with("'65' for '--hop-limit <N>': expected a number from 1 to 64; from IMDS_HOP_LIMIT"),
        "{line}"
    );
    let line = refused_with(&[("IMDS_HOP_LIMIT", "65")], &["--hop-limit", "66"]);
    assert!(line.ends_with("'66' for '--hop-limit <N>': expected a number from 1 to 64"), "{line}");
}

#[test]
fn a_flag_that_does_not_exist() {
    let line = refused(&["--http-token", "required"]);
    assert_eq!(line, "unexpected argument '--http-token' found; tip: a similar argument exists: '--http-tokens'");
}

#[test]
fn a_command_that_does_not_exist() {
    assert!(refused(&["sing"]).contains("'sing'"));
}

fn file(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    fs::write(&file, text).unwrap();
    file
}
