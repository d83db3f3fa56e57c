//! The console: what it shows, whom it lets in, and what it costs the others.

mod assets;
mod ec2_query;
mod events;
mod host_guard;
mod metrics;
mod serving;
mod unchanged;

use std::io::Write;

use crate::support::{Server, connect, rest};

/// A GET on a connection of its own.
fn get(server: &Server, path: &str) -> String {
    ask(server, "GET", path, "", "")
}

/// A form for the EC2 API.
fn post(server: &Server, fields: &str, form: &str) -> String {
    let length = form.len();
    ask(server, "POST", "/", &format!("{FORM}Content-Length: {length}\r\n{fields}"), form)
}

fn ask(server: &Server, method: &str, target: &str, fields: &str, body: &str) -> String {
    let host = server.console();
    send(server, &format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{fields}\r\n{body}"))
}

fn send(server: &Server, request: &str) -> String {
    let mut stream = connect(server.console());
    stream.write_all(request.as_bytes()).unwrap();
    rest(&mut stream)
}

/// The code of EC2's error XML.
fn code(answer: &str) -> &str {
    answer.split_once("<Response><Errors><Error><Code>").map_or("", |(_, rest)| rest.split('<').next().unwrap_or(""))
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
