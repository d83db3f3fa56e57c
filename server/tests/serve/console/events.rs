//! The event stream.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::get;
use crate::support::{Server, TIMEOUT, body, connect, read_response, status};

/// A client of `/events`.
pub struct Listener(BufReader<TcpStream>);

impl Listener {
    pub fn start(server: &Server) -> Listener {
        Listener::on(connect(server.console()), server.console())
    }

    /// Requests the events and reads the response head, after which no event is missed. In
    /// HTTP/1.0, the lines are not interrupted by chunk sizes.
    fn on(mut stream: TcpStream, host: SocketAddr) -> Listener {
        write!(stream, "GET /events HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut listener = Listener(BufReader::new(stream));
        assert_eq!(listener.line(), "HTTP/1.0 200 OK");
        while !listener.line().is_empty() {}
        listener
    }

    /// Returns the name and data of the next event.
    pub fn next(&mut self) -> (String, Value) {
        let event = self.line();
        let name = event.strip_prefix("event: ").unwrap_or_else(|| panic!("{event}")).to_owned();
        let data = self.line();
        let data = data.strip_prefix("data: ").unwrap_or_else(|| panic!("{data}"));
        assert!(self.line().is_empty());
        (name, serde_json::from_str(data).unwrap())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

#[test]
fn a_decision_has_its_trace_and_no_secrets() {
    let server = Server::with_console(&["--clock", "2026-01-01T00:00:00Z", "--log", "off"]);
    let mut listener = Listener::start(&server);
    let token = server.token();
    let path = "/latest/meta-data/iam/security-credentials/my-role";
    let credentials = server.exchange(&format!(
        "GET {path}?secret=query HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {token}\r\nContent-Length: 6\r\n\r\nsecret"
    ));
    server.exchange("GET /latest/ HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: secret\r\n\r\n");
    server.exchange("what?\r\n\r\n");

    let expected = [
        ("PUT", "/latest/api/token", 200, "serve.token", "v2"),
        ("GET", path, 200, "serve.v2", "v2"),
        ("GET", "/latest/", 401, "token.length", "v2"),
        ("-", "-", 400, "head.line", "v1"),
    ];
    for (method, path, status, rule, protocol) in expected {
        let (name, event) = listener.next();
        assert_eq!(name, "decision");
        assert_eq!(event["method"], method);
        assert_eq!(event["path"], path);
        assert_eq!(event["status"], status);
        assert_eq!(event["rule"], rule);
        assert_eq!(event["protocol"], protocol);
        assert_eq!(event["instance"], "i-0abcdef1234567890");
        let time = event["time"].as_str().unwrap();
        assert!(time.starts_with("2026-01-01T00:00:") && time.len() == 24, "{event}");
        assert!(event["micros"].is_u64(), "{event}");
        assert!(event["peer"].as_str().unwrap().parse::<SocketAddr>().unwrap().ip().is_loopback());

        let trace = event["trace"].as_array().unwrap();
        let (last, before) = trace.split_last().unwrap();
        assert_eq!((&last["rule"], &last["verdict"]), (&rule.into(), &"decides".into()));
        let is_passed = |step: &Value| step["verdict"] == "passes" || step["verdict"] == "does_not_apply";
        assert!(before.iter().all(is_passed), "{event}");
        assert_eq!(trace[0]["rule"], "head.line");

        let text = event.to_string();
        assert!(!text.contains(&token) && !text.contains("secret="), "{text}");
        assert!(!text.replace("security-credentials", "").contains("secret"), "{text}");
        let credentials: Value = serde_json::from_str(body(&credentials)).unwrap();
        for key in ["AccessKeyId", "SecretAccessKey", "Token"] {
            assert!(!text.contains(credentials[key].as_str().unwrap()), "{text}");
        }
    }
}

#[test]
fn a_slow_listener_delays_no_response_and_missed_events_are_counted() {
    const REQUESTS: u64 = 5_000;
    let server = Server::with_console(&["--keep-alive", "--log", "off"]);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&server.console().into()).unwrap();
    socket.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut slow = Listener::on(socket.into(), server.console());

    // More events than fit into the socket buffers and the server's queue, while nothing is read.
    let mut stream = server.connect();
    let requests = crate::support::get("/latest/meta-data/instance-id").repeat(100);
    for _ in 0..REQUESTS / 100 {
        stream.write_all(requests.as_bytes()).unwrap();
        for _ in 0..100 {
            assert_eq!(status(&read_response(&mut stream)), "HTTP/1.1 200 OK");
        }
    }

    let (mut received, mut missed) = (0, 0);
    while received + missed < REQUESTS {
        match slow.next() {
            (name, data) if name == "missed" => missed += data["missed"].as_u64().unwrap(),
            (name, _) if name == "decision" => received += 1,
            (name, data) => panic!("{name}: {data}"),
        }
    }
    assert_eq!(received + missed, REQUESTS);
    assert!(missed > 0 && received > 0, "{received} {missed}");
}

#[test]
fn listeners_are_limited_and_freed_when_they_leave() {
    let server = Server::with_console(&["--log", "off"]);
    let listeners: Vec<Listener> = (0..MAX_LISTENERS).map(|_| Listener::start(&server)).collect();
    assert_eq!(status(&get(&server, "/events")), "HTTP/1.1 503 Service Unavailable");
    drop(listeners);

    let host = server.console();
    let deadline = std::time::Instant::now() + TIMEOUT;
    loop {
        // The server notices a closed connection at the latest when it sends an event.
        server.get("/latest/");
        let mut stream = connect(host);
        write!(stream, "GET /events HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut start = [0; "HTTP/1.0 200".len()];
        stream.read_exact(&mut start).unwrap();
        if start.ends_with(b"200") {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "the listeners are still counted");
    }
}

const MAX_LISTENERS: usize = 16;
