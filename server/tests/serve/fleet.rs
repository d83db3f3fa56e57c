//! Servers with several instances, and their state files.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::support::{Server, get, imds, run};

const FLEET: &str = r#"{ "instances": [
    { "instance_type": "t3.micro", "network_interfaces": [{ "local_ipv4s": ["10.0.0.74"] }] },
    { "instance_type": "t2.nano", "network_interfaces": [{ "local_ipv4s": ["10.0.0.68"] }] }
] }"#;

#[cfg(target_os = "linux")]
#[test]
fn each_instance_is_served_at_its_loopback_address_and_the_first_at_the_listen_address() {
    let file = File::with("addresses", FLEET);
    let server = Server::start(&["--fleet", file.path()]);
    for (host, instance_type) in [("127.0.0.1", "t3.micro"), ("127.0.0.74", "t3.micro"), ("127.0.0.68", "t2.nano")] {
        let address = SocketAddr::new(host.parse().unwrap(), server.address().port());
        let response = crate::support::exchange(address, &get("/latest/meta-data/instance-type"));
        assert!(response.ends_with(&format!("\r\n\r\n{instance_type}")), "{host}: {response}");
    }
    let unused = SocketAddr::new("127.0.0.99".parse().unwrap(), server.address().port());
    let mut response = Vec::new();
    crate::support::connect(unused).read_to_end(&mut response).unwrap();
    assert_eq!(response, b"", "a connection to an address without an instance is closed without a response");
}

#[test]
fn an_invalid_fleet_file_is_rejected_with_its_position() {
    let file = File::with("wrong", r#"{ "instances": [{ "instance_type": 3 }] }"#);
    let output = run(imds(&["--fleet", file.path()]));
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(file.path()) && error.contains("instances[0].instance_type"), "{error}");
}

#[test]
fn state_and_tokens_survive_a_restart() {
    let state = File::absent("state");
    let file = File::with("before", FLEET);
    let first = Server::start(&["--fleet", file.path(), "--state", state.path()]);
    let (token, id) = (first.token(), first.get("/latest/meta-data/instance-id"));
    drop(first);
    let second = Server::start(&["--state", state.path()]);
    assert_eq!(body(&second.get("/latest/meta-data/instance-id")), body(&id));
    let with_token =
        format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    assert!(second.exchange(&with_token).starts_with("HTTP/1.1 200 "), "the token is not valid after the restart");
    let third = Server::start(&["--fleet", file.path()]);
    assert!(
        third.exchange(&with_token).starts_with("HTTP/1.1 401 "),
        "a server without a state file accepts the token"
    );
}

#[test]
fn ignored_metadata_options_are_warned_about() {
    let state = File::absent("options");
    let start = |options: &[&str]| Server::start(&[&["--state", state.path()], options].concat());
    let first_line = |server: &Server| {
        server.get("/latest/meta-data/instance-id");
        server.stderr_line()
    };
    let line = first_line(&start(&["--http-tokens", "optional"]));
    assert!(line.contains("rule=serve.v1 "), "{line}");
    let other = start(&["--http-tokens", "required", "--hop-limit", "5"]);
    let warning = format!(
        "imds: warning: the metadata options in {} override those of the command line; change them with the EC2 API",
        state.path()
    );
    assert_eq!(other.stderr_line(), warning);
    drop(other);
    let line = first_line(&start(&["--hop-limit", "1"]));
    assert!(line.contains("rule=serve.v1 "), "{line}");
}

#[cfg(unix)]
#[test]
fn the_state_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let state = File::absent("mode");
    let _server = Server::start(&["--state", state.path()]);
    assert_eq!(fs::metadata(state.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_invalid_state_file_is_rejected_and_unchanged() {
    let valid = File::absent("valid");
    drop(Server::start(&["--state", valid.path()]));
    let text = fs::read_to_string(valid.path()).unwrap();
    let snapshot = include_str!("../../../ec2/tests/snapshots/server_state.json");
    for (name, text, reason) in [
        ("truncated", text[..text.len() / 2].to_owned(), "the file is damaged: its end is missing"),
        ("cut", snapshot[..snapshot.len() / 2].to_owned(), "line 1"),
        ("foreign", "{\"instance_type\": \"t3.micro\"}".to_owned(), "not a snapshot of a fleet"),
        ("newer", snapshot.replace("\"version\":1,", "\"version\":7,"), "version 7"),
    ] {
        let file = File::with(name, &text);
        let output = run(imds(&["--listen", "127.0.0.1:0", "--state", file.path()]));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert!(error.lines().count() == 1 && error.contains(file.path()) && error.contains(reason), "{name}: {error}");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text, "{name}");
    }
}

#[test]
fn conflicting_flags_are_rejected() {
    let file = File::with("both", FLEET);
    for arguments in [
        &["--fleet", file.path(), "--instance", file.path()][..],
        &["--fleet", file.path(), "--http-tokens", "required"],
        &["--by-peer", "--endpoints", "ports"],
    ] {
        let output = run(imds(arguments));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.lines().count()), (Some(2), 1), "{arguments:?}: {error}");
    }
}

fn body(response: &str) -> &str {
    response.split_once("\r\n\r\n").map(|(_, body)| body).unwrap()
}

/// A temporary file, deleted when dropped.
struct File(PathBuf);

impl File {
    fn absent(name: &str) -> File {
        let file = File(std::env::temp_dir().join(format!("imds-fleet-{name}-{}.json", std::process::id())));
        let _ = fs::remove_file(&file.0);
        file
    }

    fn with(name: &str, text: &str) -> File {
        let file = File::absent(name);
        fs::write(&file.0, text).unwrap();
        // As the server writes state files.
        #[cfg(unix)]
        fs::set_permissions(&file.0, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        let _ = fs::remove_file(self.0.with_extension("json.lock"));
    }
}
