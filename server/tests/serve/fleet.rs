//! Many instances behind one server: each is told by its address or port, and the state outlives the server.

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
fn each_instance_is_served_at_its_own_loopback_address_and_the_first_where_it_listens() {
    let file = File::of("addresses", FLEET);
    let server = Server::start(&["--fleet", file.path()]);
    for (host, instance_type) in [("127.0.0.1", "t3.micro"), ("127.0.0.74", "t3.micro"), ("127.0.0.68", "t2.nano")] {
        let address = SocketAddr::new(host.parse().unwrap(), server.address().port());
        let answer = crate::support::exchange(address, &get("/latest/meta-data/instance-type"));
        assert!(answer.ends_with(&format!("\r\n\r\n{instance_type}")), "{host}: {answer}");
    }
    let nobody = SocketAddr::new("127.0.0.99".parse().unwrap(), server.address().port());
    let mut answer = Vec::new();
    crate::support::connect(nobody).read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"", "a connection for nobody is closed without an answer");
}

#[test]
fn a_file_that_is_no_fleet_is_refused_in_one_line_that_names_the_place() {
    let file = File::of("wrong", r#"{ "instances": [{ "instance_type": 3 }] }"#);
    let output = run(imds(&["--fleet", file.path()]));
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(file.path()) && error.contains("instances[0].instance_type"), "{error}");
}

#[test]
fn the_state_outlives_the_server_and_its_tokens_with_it() {
    let state = File::absent("state");
    let file = File::of("before", FLEET);
    let first = Server::start(&["--fleet", file.path(), "--state", state.path()]);
    let (token, id) = (first.token(), first.get("/latest/meta-data/instance-id"));
    drop(first);
    let second = Server::start(&["--state", state.path()]);
    assert_eq!(body(&second.get("/latest/meta-data/instance-id")), body(&id));
    let with_token =
        format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    assert!(second.exchange(&with_token).starts_with("HTTP/1.1 200 "), "the tokens are good in the next life too");
    let third = Server::start(&["--fleet", file.path()]);
    assert!(
        third.exchange(&with_token).starts_with("HTTP/1.1 401 "),
        "without a state every start is a new generation"
    );
}

#[test]
fn options_that_the_state_has_otherwise_are_not_ignored_in_silence() {
    let state = File::absent("options");
    let start = |options: &[&str]| Server::start(&[&["--state", state.path()], options].concat());
    let first_line = |server: &Server| {
        server.get("/latest/meta-data/instance-id");
        server.stderr_line()
    };
    let told = first_line(&start(&["--http-tokens", "optional"]));
    assert!(told.contains("rule=serve.v1 "), "{told}");
    let other = start(&["--http-tokens", "required", "--hop-limit", "5"]);
    let warning = format!(
        "imds: warning: the metadata options in {} override those of the command line; change them with the EC2 API",
        state.path()
    );
    assert_eq!(other.stderr_line(), warning);
    drop(other);
    let told = first_line(&start(&["--hop-limit", "1"]));
    assert!(told.contains("rule=serve.v1 "), "{told}");
}

#[cfg(unix)]
#[test]
fn the_state_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let state = File::absent("mode");
    let _server = Server::start(&["--state", state.path()]);
    assert_eq!(fs::metadata(state.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_state_that_cannot_be_gone_on_from_is_refused_and_left_as_it_is() {
    let whole = File::absent("whole");
    drop(Server::start(&["--state", whole.path()]));
    let text = fs::read_to_string(whole.path()).unwrap();
    for (what, text, reason) in [
        ("torn", text[..text.len() / 2].to_owned(), "line 1"),
        ("foreign", "{\"instance_type\": \"t3.micro\"}".to_owned(), "not a snapshot of a fleet"),
        ("newer", text.replace("\"version\":1,", "\"version\":7,"), "version 7"),
    ] {
        let file = File::of(what, &text);
        let output = run(imds(&["--listen", "127.0.0.1:0", "--state", file.path()]));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{what}: {error}");
        assert!(error.lines().count() == 1 && error.contains(file.path()) && error.contains(reason), "{what}: {error}");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text, "{what}");
    }
}

#[test]
fn what_says_nothing_beside_something_else_is_refused() {
    let file = File::of("both", FLEET);
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

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap()
}

/// A file of a test's own, gone when dropped.
struct File(PathBuf);

impl File {
    fn absent(name: &str) -> File {
        let file = File(std::env::temp_dir().join(format!("imds-fleet-{name}-{}.json", std::process::id())));
        let _ = fs::remove_file(&file.0);
        file
    }

    fn of(name: &str, text: &str) -> File {
        let file = File::absent(name);
        fs::write(&file.0, text).unwrap();
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
