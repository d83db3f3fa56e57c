//! Startup errors are one line that names the cause, and the exit status is 2.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use crate::support::{imds, run};

/// Runs the server, which must fail, and returns the error without its prefix.
fn error_of(arguments: &[&str]) -> String {
    error_with(&[], arguments)
}

fn error_with(variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = imds(arguments);
    command.envs(variables.iter().copied());
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(str::from_utf8(&output.stdout), Ok(""));
    let line = stderr.strip_suffix('\n').unwrap_or_else(|| panic!("no complete line: {stderr}"));
    assert!(!line.contains('\n'), "more than one line: {stderr}");
    line.strip_prefix("imds: ").unwrap_or_else(|| panic!("{line}")).to_owned()
}

#[test]
fn a_port_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = error_of(&["--listen", "127.0.0.1:0", "--listen", &address]);
    assert!(line.starts_with(&format!("cannot listen on {address}: ")), "{line}");
}

#[test]
fn a_missing_file_is_reported() {
    let line = error_of(&["--instance", "no/such/file.json"]);
    assert!(line.starts_with("cannot read no/such/file.json: "), "{line}");
}

#[test]
fn an_invalid_record_is_reported_with_its_position() {
    let cases = [
        ("half", r#"{ "instance_type": "#, "instance_type: EOF while parsing a value at line 1"),
        ("empty", "{}", "missing key `instance_type`"),
        ("unknown", r#"{ "instance_type": "t3.micro", "colour": 1 }"#, "colour: unknown key `colour`"),
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
        let line = error_of(&["--instance", file.to_str().unwrap()]);
        let error = line.strip_prefix(&format!("{}: ", file.display())).unwrap_or_else(|| panic!("{line}"));
        assert!(error.starts_with(reason), "{line}");
    }
}

#[test]
fn an_invalid_flag_value_is_reported() {
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
        let line = error_of(&[flag, value]);
        assert!(line.starts_with(&format!("invalid value '{value}' for '{flag} <")), "{line}");
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn an_invalid_seed_is_not_printed() {
    let line = error_of(&["--seed", "xyz"]);
    assert!(line.contains("'--seed <HEX>': a seed is 2 to 64 hexadecimal digits"), "{line}");
    assert!(!line.contains("xyz"), "{line}");
}

#[test]
fn an_invalid_environment_variable_is_named() {
    let line = error_with(&[("IMDS_HOP_LIMIT", "65")], &[]);
    assert!(
        line.ends_with("'65' for '--hop-limit <N>': expected a number from 1 to 64; from IMDS_HOP_LIMIT"),
        "{line}"
    );
    let line = error_with(&[("IMDS_HOP_LIMIT", "65")], &["--hop-limit", "66"]);
    assert!(line.ends_with("'66' for '--hop-limit <N>': expected a number from 1 to 64"), "{line}");
}

#[test]
fn an_unknown_flag_is_rejected_with_a_suggestion() {
    let line = error_of(&["--http-token", "required"]);
    assert_eq!(line, "unexpected argument '--http-token' found; tip: a similar argument exists: '--http-tokens'");
}

#[test]
fn an_unknown_command_is_rejected() {
    assert!(error_of(&["sing"]).contains("'sing'"));
}

fn file(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    fs::write(&file, text).unwrap();
    file
}
