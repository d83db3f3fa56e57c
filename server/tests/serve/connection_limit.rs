//! The limits of connections and of the request rate.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Server, TIMEOUT, body, get, header, read_to_end, status};

/// Connections over the limit that are answered with 503.
const OVERFLOW: usize = 64;

#[test]
fn a_connection_over_the_limit_gets_503() {
    let server = Server::start(&["--max-connections", "2", "--log", "json"]);
    let held = [server.connect(), server.connect()];
    let response = server.get("/latest/meta-data/instance-id");
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    assert!(body(&response).contains("503 - Service Unavailable"), "{response}");
    let line: serde_json::Value = serde_json::from_str(&server.stderr_line()).unwrap();
    assert_eq!(line["rule"], "throttle");

    drop(held);
    let deadline = Instant::now() + TIMEOUT;
    while status(&server.get("/latest/meta-data/instance-id")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < deadline, "the limit is not released");
    }
}

#[test]
fn connections_beyond_the_overflow_wait() {
    let server = Server::start(&["--max-connections", "1"]);
    let held = server.connect();
    let overflow: Vec<TcpStream> = (0..OVERFLOW).map(|_| server.connect()).collect();
    let mut waiting = server.connect();
    waiting.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();

    waiting.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let error = waiting.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");

    drop(held);
    waiting.set_read_timeout(Some(TIMEOUT)).unwrap();
    assert_eq!(status(&read_to_end(&mut waiting)), "HTTP/1.1 200 OK");
    drop(overflow);
}

#[test]
fn a_503_over_the_limit_closes_the_connection() {
    let server = Server::start(&["--max-connections", "1", "--keep-alive"]);
    let held = server.connect();
    let mut rejected = server.connect();
    rejected.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();
    let response = read_to_end(&mut rejected);
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(header(&response, "Connection"), Some("close"));
    drop(held);
}

#[test]
fn requests_over_the_rate_get_503() {
    let responses = |throttle| Server::start(&["--throttle", throttle]).get("/latest/meta-data/instance-id");
    assert_eq!(status(&responses("0")), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(status(&responses("1")), "HTTP/1.1 200 OK");

    let server = Server::start(&["--throttle", "1"]);
    let is_limited = (0..100).any(|_| status(&server.get("/")) == "HTTP/1.1 503 Service Unavailable");
    assert!(is_limited, "100 requests within a second");
}
