//! Environment variables as an alternative to flags.

use crate::support::{Server, get, imds, read_response, status};
use std::io::Write;

#[test]
fn environment_variables_set_flags() {
    let mut command = imds(&[]);
    command
        .env("IMDS_LISTEN", "127.0.0.1:0,127.0.0.1:0")
        .env("IMDS_INSTANCE", crate::support::ARTICLE[1])
        .env("IMDS_HTTP_TOKENS", "required")
        .env("IMDS_CLOCK", "2020-09-26T14:45:29Z")
        .env("IMDS_KEEP_ALIVE", "true")
        .env("IMDS_LOG", "off");
    let server = Server::spawn(command, 2);
    let mut stream = server.connect();
    for _ in 0..2 {
        stream.write_all(get("/latest/").as_bytes()).unwrap();
        assert_eq!(status(&read_response(&mut stream)), "HTTP/1.0 401 Unauthorized");
    }
}

#[test]
fn environment_variables_apply_to_the_serve_command() {
    let mut command = imds(&["serve"]);
    command.env("IMDS_LISTEN", "127.0.0.1:0").env("IMDS_HTTP_ENDPOINT", "disabled");
    assert_eq!(status(&Server::spawn(command, 1).get("/latest/")), "HTTP/1.1 403 Forbidden");
}

#[test]
fn an_unknown_variable_is_ignored_with_a_warning() {
    let mut command = imds(&["--listen", "127.0.0.1:0", "--log", "off"]);
    let known = [
        ("IMDS_HTTP_TOKEN", "required", "did you mean IMDS_HTTP_TOKENS?"),
        ("IMDS_LISTENER", "127.0.0.1:1", "did you mean IMDS_LISTEN?"),
        ("IMDS_VERY_DIFFERENT\u{202e}", "1", "`imds --help` lists those that are read"),
    ];
    command.envs(known.map(|(name, value, _)| (name, value)));
    // Kubernetes sets these for services with the names `imds` and `imds-console`.
    command.envs([
        ("IMDS_SERVICE_HOST", "10.0.0.11"),
        ("IMDS_SERVICE_PORT", "1338"),
        ("IMDS_SERVICE_PORT_METADATA", "1338"),
        ("IMDS_PORT", "tcp://10.0.0.11:1338"),
        ("IMDS_PORT_1338_TCP", "tcp://10.0.0.11:1338"),
        ("IMDS_PORT_1338_TCP_ADDR", "10.0.0.11"),
        ("IMDS_CONSOLE_SERVICE_HOST", "10.0.0.12"),
        ("IMDS_CONSOLE_PORT", "tcp://10.0.0.12:1339"),
    ]);
    let server = Server::spawn(command, 1);
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
    let mut warnings: Vec<String> = known.map(|_| server.stderr_line()).to_vec();
    warnings.sort();
    let expected = known.map(|(name, _, hint)| {
        let name = name.replace('\u{202e}', r"\u{202e}");
        format!("imds: warning: the environment variable {name} is ignored: {hint}")
    });
    assert_eq!(warnings, expected);
}

#[test]
fn a_flag_overrides_its_environment_variable() {
    let mut command = imds(&["--listen", "127.0.0.1:0", "--http-tokens", "optional"]);
    command.env("IMDS_LISTEN", "127.0.0.1:1").env("IMDS_HTTP_TOKENS", "required");
    assert_eq!(status(&Server::spawn(command, 1).get("/latest/")), "HTTP/1.1 200 OK");
}
