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
    let (start, end) = (format!("cannot listen on {address}: "), "; set --listen to another address");
    assert!(line.starts_with(&start) && line.ends_with(end), "{line}");
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

/// Files in another format or encoding: one line names the file, the place and the remedy.
#[test]
#[cfg(unix)]
fn a_file_in_another_format_is_reported_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let json = br#"{ "instance_type": "t3.micro" }"#;
    let utf16 = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let units = str::from_utf8(json).unwrap().encode_utf16();
        mark.then_some(0xfeff).into_iter().chain(units).flat_map(order).collect()
    };
    let yaml = b"instance_type: t3.micro\ntags:\n  Name: a\n";
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "it is empty: expected a JSON object"),
        (
            "bom",
            [b"\xef\xbb\xbf", &json[..]].concat(),
            "it begins with a byte order mark (U+FEFF): save it as UTF-8 without one",
        ),
        ("yaml", yaml.to_vec(), "it looks like YAML: convert it to JSON"),
        ("utf16le", utf16(u16::to_le_bytes, true), "it is UTF-16: save it as UTF-8"),
        ("utf16be", utf16(u16::to_be_bytes, true), "it is UTF-16: save it as UTF-8"),
        ("utf16le-bare", utf16(u16::to_le_bytes, false), "it is UTF-16: save it as UTF-8"),
        ("utf16be-bare", utf16(u16::to_be_bytes, false), "it is UTF-16: save it as UTF-8"),
        (
            "latin1",
            b"{ \"instance_type\": \"t3.micro\",\n  \"tags\": { \"Name\": \"caf\xe9\" } }".to_vec(),
            "it is not UTF-8 at byte 55, in line 2: save it as UTF-8",
        ),
        ("surrogate", b"\xed\xa0\x80".to_vec(), "it is not UTF-8 at byte 0, in line 1: save it as UTF-8"),
    ];
    for (name, bytes, reason) in cases {
        let file = file(&format!("format-{name}"), "");
        fs::write(&file, &bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let name = file.to_str().unwrap();
        for (flag, prefix) in [("--instance", ""), ("--fleet", ""), ("--state", "cannot load state from ")] {
            assert_eq!(error_of(&[flag, name]), format!("{prefix}{name}: {reason}"), "{flag}");
        }
    }
    let endless = error_of(&["--instance", "/dev/zero"]);
    assert_eq!(endless, "/dev/zero: it is longer than 64 MiB: name another file");
}

#[test]
fn a_misspelled_key_or_value_gets_the_most_similar_one() {
    for (json, reason) in [
        (
            r#"{ "instanceType": "t3.micro" }"#,
            "instanceType: unknown key `instanceType`: did you mean `instance_type`?",
        ),
        (
            r#"{ "instance_type": "t3.micro", "network_interfaces": [{ "mack": "" }] }"#,
            "network_interfaces[0].mack: unknown key `mack`: did you mean `mac`?",
        ),
    ] {
        let file = file("misspelled", json);
        let name = file.to_str().unwrap();
        assert_eq!(error_of(&["--instance", name]), format!("{name}: {reason}"));
    }
    let file = file("misspelled-fleet", r#"{ "instance": [] }"#);
    let name = file.to_str().unwrap();
    assert_eq!(
        error_of(&["--fleet", name]),
        format!("{name}: instance: unknown key `instance`: did you mean `instances`?")
    );
    let record = self::file("misspelled-record", r#"{ "instance_type": "t3.micro" }"#);
    let fleet = self::file("misspelled-use", r#"{ "instances": [] }"#);
    for (flag, file, hint) in
        [("--fleet", record, "; use --instance for a record"), ("--instance", fleet, "; use --fleet for a fleet")]
    {
        let line = error_of(&[flag, file.to_str().unwrap()]);
        assert!(line.contains(": unknown key `instance") && line.ends_with(hint), "{line}");
    }
    for (arguments, similar) in [
        (&["--htp-tokens", "required"][..], "'--http-tokens'"),
        (&["--http-tokens", "require"], "'required'"),
        (&["--log", "jason"], "'json'"),
        (&["chekc", "http://127.0.0.1:1"], "'check'"),
        (&["check", "http://127.0.0.1:1", "--levle", "chosen"], "'--level'"),
        (&["check", "http://127.0.0.1:1", "--profile", "nitra"], "'nitro'"),
        (&["keygen", "--ou", "x"], "'--out'"),
    ] {
        let line = error_of(arguments);
        assert!(line.contains(&format!("exists: {similar}")), "{arguments:?}: {line}");
    }
}

#[test]
fn hidden_characters_of_users_are_escaped() {
    let file = file("hidden", r#"{ "instance_type": "t3.micro", "a\u202eb": 1 }"#);
    let line = error_of(&["--instance", file.to_str().unwrap()]);
    assert!(line.contains(r"a\u{202e}b: unknown key `a\u{202e}b`"), "{line}");
    for (arguments, escaped) in [
        (&["--instance", "no\u{202e}such\n\u{1b}[31m\u{200b}"][..], r"no\u{202e}such\n\u{1b}[31m\u{200b}"),
        (&["--hop-limit", "\u{2066}1"], r"\u{2066}1"),
        (&["\u{feff}serve"], r"\u{feff}serve"),
    ] {
        let line = error_of(arguments);
        assert!(line.contains(escaped), "{line}");
    }
}

#[test]
#[cfg(unix)]
fn an_argument_or_a_variable_that_is_not_utf8_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;
    let invalid = OsStr::from_bytes(b"ab\xff");
    type Edit<'e> = &'e dyn Fn(&mut Command) -> &mut Command;
    let error = |edit: Edit<'_>| {
        let mut command = imds(&[]);
        edit(&mut command);
        let output = run(command);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    for variable in ["IMDS_CLOCK", "IMDS_SEED", "IMDS_LISTEN", "IMDS_HTTP_TOKENS", "IMDS_BY_PEER"] {
        assert_eq!(
            error(&|command| command.env(variable, invalid)),
            format!("imds: the environment variable {variable} is not UTF-8 at byte 2: set it to another value\n")
        );
    }
    assert_eq!(
        error(&|command| command.args([OsStr::new("--seed"), invalid])),
        "imds: argument 2 is not UTF-8 at byte 2: use another value\n"
    );
    // A path need not be UTF-8.
    let line = error(&|command| command.env("IMDS_INSTANCE", invalid));
    assert!(line.starts_with("imds: cannot read ab\u{fffd}: "), "{line}");
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
        ("--max-connections-per-peer", "0", "expected a number from 1 to 1000000"),
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
fn a_variable_of_the_server_does_not_concern_other_commands() {
    let line = error_with(&[("IMDS_HOP_LIMIT", "65"), ("IMDS_FLEET", "a"), ("IMDS_INSTANCE", "b")], &["check"]);
    assert_eq!(line, "the following required arguments were not provided: <URL>");
    let line = error_with(&[("IMDS_HOP_LIMIT", "65")], &["serve"]);
    assert!(line.ends_with("; from IMDS_HOP_LIMIT"), "{line}");
    let line = error_with(&[("IMDS_BY_PEER", "maybe")], &[]);
    assert_eq!(line, "invalid value 'maybe' for '--by-peer': expected true or false; from IMDS_BY_PEER");
}

#[test]
fn a_folder_that_does_not_exist_is_reported() {
    assert_eq!(
        error_of(&["--state", "no/such/folder/state.json"]),
        "cannot use no/such/folder/state.json as state file: its folder does not exist: create it"
    );
    let file = file("keys", "");
    let line = error_of(&["keygen", "--out", file.to_str().unwrap()]);
    assert!(line.starts_with("cannot make the folder ") && line.ends_with("; choose another one with --out"), "{line}");
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
