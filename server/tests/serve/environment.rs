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
fn a_flag_overrides_its_environment_variable() {
    let mut command = imds(&["--listen", "127.0.0.1:0", "--http-tokens", "optional"]);
    command.env("IMDS_LISTEN", "127.0.0.1:1").env("IMDS_HTTP_TOKENS", "required");
    assert_eq!(status(&Server::spawn(command, 1).get("/latest/")), "HTTP/1.1 200 OK");
}
