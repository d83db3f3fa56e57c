//! The console.

mod assets;
mod control;
mod ec2_query;
mod events;
mod host_guard;
mod long_responses;
mod metrics;
mod serving;
mod unchanged;

use std::io::Write;

use crate::support::{Server, connect, read_to_end};

/// Sends a GET request on a new connection.
fn get(server: &Server, path: &str) -> String {
    request(server, "GET", path, "", "")
}

/// Sends a form to the EC2 API.
pub fn post(server: &Server, headers: &str, form: &str) -> String {
    let length = form.len();
    request(server, "POST", "/", &format!("{FORM}Content-Length: {length}\r\n{headers}"), form)
}

fn request(server: &Server, method: &str, target: &str, headers: &str, body: &str) -> String {
    let host = server.console();
    send(server, &format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}"))
}

fn send(server: &Server, request: &str) -> String {
    let mut stream = connect(server.console());
    stream.write_all(request.as_bytes()).unwrap();
    read_to_end(&mut stream)
}

/// Returns the code in EC2's error XML.
fn code(response: &str) -> &str {
    response.split_once("<Response><Errors><Error><Code>").map_or("", |(_, rest)| rest.split('<').next().unwrap_or(""))
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
