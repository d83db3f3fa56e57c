//! Past the bounds, the refusal is orderly.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, Server, body, field, get, rest, status};

/// How many connections past the bound get an answer.
const REFUSED: usize = 64;

#[test]
fn one_connection_too_many_is_told_to_come_again() {
    let server = Server::start(&["--max-connections", "2", "--log", "json"]);
    let held = [server.connect(), server.connect()];
    let answer = server.get("/latest/meta-data/instance-id");
    assert_eq!(status(&answer), "HTTP/1.1 503 Service Unavailable");
    assert!(body(&answer).contains("503 - Service Unavailable"), "{answer}");
    let line: serde_json::Value = serde_json::from_str(&server.stderr_line()).unwrap();
    assert_eq!(line["rule"], "throttle");

    drop(held);
    let given_up = Instant::now() + PATIENCE;
    while status(&server.get("/latest/meta-data/instance-id")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < given_up, "the places stay taken");
    }
}

#[test]
fn past_the_refused_ones_a_connection_waits_for_a_place() {
    let server = Server::start(&["--max-connections", "1"]);
    let held = server.connect();
    let refused: Vec<TcpStream> = (0..REFUSED).map(|_| server.connect()).collect();
    let mut waiting = server.connect();
    waiting.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();

    waiting.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let error = waiting.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");

    drop(held);
    waiting.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(status(&rest(&mut waiting)), "HTTP/1.1 200 OK");
    drop(refused);
}

#[test]
fn whoever_is_refused_is_not_kept_in_the_refused_place() {
    let server = Server::start(&["--max-connections", "1", "--keep-alive"]);
    let held = server.connect();
    let mut refused = server.connect();
    refused.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();
    let answer = rest(&mut refused);
    assert_eq!(status(&answer), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(field(&answer, "Connection"), Some("close"));
    drop(held);
}

#[test]
fn a_throttle_refuses_what_is_past_the_rate() {
    let answers = |throttle| Server::start(&["--throttle", throttle]).get("/latest/meta-data/instance-id");
    assert_eq!(status(&answers("0")), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(status(&answers("1")), "HTTP/1.1 200 OK");

    let server = Server::start(&["--throttle", "1"]);
    let refused = (0..100).any(|_| status(&server.get("/")) == "HTTP/1.1 503 Service Unavailable");
    assert!(refused, "a hundred requests within a moment");
}
