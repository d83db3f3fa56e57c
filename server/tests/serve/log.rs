//! The log: one line per response, without secrets.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::Value;

use crate::support::{Server, TIMEOUT, connect, exchange, lines, status};
#[cfg(unix)]
use crate::support::{get, read_response};

#[test]
fn the_json_log_has_one_line_per_response_without_secrets() {
    let server = Server::start(&["--log", "json", "--clock", "2026-01-01T00:00:00Z"]);
    let token = server.token();
    let secret = "/latest/meta-data/iam/security-credentials/my-role";
    let get_with = |token: &str, path: &str| {
        server.exchange(&format!("GET {path} HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n"))
    };
    let responses =
        [get_with(&token, secret), get_with("AQAEAforged", secret), server.get("/latest/user-data?why=this")];

    let expected = [
        ("PUT", "/latest/api/token", 200, "serve.token", "v2"),
        ("GET", secret, 200, "serve.v2", "v2"),
        ("GET", secret, 401, "token.length", "v2"),
        ("GET", "/latest/user-data", 200, "serve.v1", "v1"),
    ];
    for (method, path, status, rule, protocol) in expected {
        let text = server.stderr_line();
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["method"], method);
        assert_eq!(line["path"], path);
        assert_eq!(line["status"], status);
        assert_eq!(line["rule"], rule);
        assert_eq!(line["protocol"], protocol);
        assert_eq!(line["instance"], "i-0abcdef1234567890");
        assert_eq!(line["level"], "INFO");
        assert!(line["timestamp"].as_str().unwrap().starts_with("2026-01-01T00:00:"), "{text}");
        assert!(line["micros"].is_u64(), "{text}");
        let peer: SocketAddr = line["peer"].as_str().unwrap().parse().unwrap();
        assert!(peer.ip().is_loopback());

        assert!(!text.contains(&token) && !text.contains("forged"), "{text}");
        let credentials: Value = serde_json::from_str(crate::support::body(&responses[0])).unwrap();
        for key in ["AccessKeyId", "SecretAccessKey", "Token"] {
            assert!(!text.contains(credentials[key].as_str().unwrap()), "{text}");
        }
    }
}

/// An id of a record can have characters that change how the others are shown.
#[test]
fn hidden_characters_are_escaped_in_the_log_the_events_and_the_index() {
    let record = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("hidden-id.json");
    std::fs::write(&record, r#"{ "instance_type": "t3.micro", "instance_id": "i-\u202e1\u200b" }"#).unwrap();
    let record = record.to_str().unwrap();
    for (format, escaped) in [("text", r"instance=i-\u{202e}1\u{200b}"), ("json", r#""instance":"i-\u202e1\u200b""#)] {
        let server = Server::with_console(&["--instance", record, "--log", format]);
        let console = server.console();
        let mut events = connect(console);
        write!(events, "GET /events HTTP/1.0\r\nHost: {console}\r\n\r\n").unwrap();
        let events = lines(events);
        while !events.recv_timeout(TIMEOUT).unwrap().is_empty() {}
        server.get("/latest/meta-data/");
        let line = loop {
            let line = server.stderr_line();
            if line.contains("serve.v1") {
                break line;
            }
        };
        assert!(line.contains(escaped) && line.is_ascii(), "{line}");
        let data = loop {
            let line = events.recv_timeout(TIMEOUT).unwrap();
            if line.starts_with("data: ") {
                break line;
            }
        };
        assert!(data.contains(r#""instance":"i-\u202e1\u200b""#) && data.is_ascii(), "{data}");
        let index = exchange(console, &format!("GET / HTTP/1.0\r\nHost: {console}\r\n\r\n"));
        assert!(index.contains(r"  i-\u{202e}1\u{200b}  t3.micro") && index.is_ascii(), "{index}");
    }
}

#[test]
fn the_text_log_has_one_line_per_response() {
    let server = Server::start(&["--clock", "2026-01-01T00:00:00Z"]);
    server.get("/latest/meta-data/instance-id");
    let line = server.stderr_line();
    let (time, rest) = line.split_once("  INFO ").unwrap_or_else(|| panic!("{line}"));
    assert_eq!(time.len(), "2026-01-01T00:00:00.000Z".len(), "{line}");
    let names: Vec<_> = rest.split(' ').filter_map(|pair| pair.split('=').next()).collect();
    assert_eq!(names, ["method", "path", "status", "rule", "micros", "peer", "protocol", "instance"], "{line}");
    assert!(rest.starts_with("method=GET path=/latest/meta-data/instance-id status=200 rule=serve.v1 "), "{line}");
}

#[test]
fn requests_cannot_forge_log_lines() {
    let server = Server::start(&[]);
    let path = format!("/\u{9b}2J%0a\u{202e}{}", "x".repeat(1_000));
    let response = server.exchange(&format!("{} {path} HTTP/1.1\r\nHost: imds\r\n\r\n", "M".repeat(1_000)));
    assert_eq!(status(&response), "HTTP/1.1 403 Forbidden");
    let line = server.stderr_line();
    assert!(line.contains(&format!(" method={}… ", "M".repeat(32))), "{line}");
    assert!(line.contains(r" path=/\u{9b}2J%0a\u{202e}xxxx"), "{line}");
    assert!(line.contains("xxx… status=403 "), "{line}");
    assert!(line.len() < 500, "{line}");
}

#[test]
fn a_malformed_head_is_logged() {
    let server = Server::start(&[]);
    server.exchange("what?\r\n\r\n");
    let line = server.stderr_line();
    assert!(line.contains(" method=- path=- status=400 rule=head.line "), "{line}");
}

#[test]
#[cfg(unix)]
fn log_off_writes_nothing() {
    let mut server = Server::start(&["--log", "off"]);
    server.token();
    server.get("/nothing");
    server.signal("TERM");
    let (status, stderr) = server.end();
    assert!(status.success());
    assert_eq!(stderr, [""; 0]);
}

#[test]
#[cfg(unix)]
fn a_stalled_reader_delays_no_response_and_lost_lines_are_counted() {
    const REQUESTS: usize = 20_000;
    let (server, stderr) = Server::start_unread(&["--keep-alive", "--log", "json"]);
    // More lines than fit into the pipe and the log's queue.
    send_requests(&server, REQUESTS);

    let lines = lines(stderr);
    let (mut logged, mut lost) = (0, 0);
    while logged + lost < REQUESTS {
        let line: Value = serde_json::from_str(&lines.recv_timeout(TIMEOUT).unwrap()).unwrap();
        match line["message"].as_str().and_then(|message| message.strip_prefix("log lines lost: ")) {
            Some(lines) => lost += lines.parse::<usize>().unwrap(),
            None => logged += 1,
        }
    }
    assert!(lost > 0);
    assert_eq!(logged + lost, REQUESTS);
    // Later responses are logged again.
    send_requests(&server, 1);
    assert!(lines.recv_timeout(TIMEOUT).unwrap().contains(r#""status":200"#));
}

#[test]
#[cfg(unix)]
fn shutdown_waits_for_the_last_line() {
    let mut server = Server::start(&["--keep-alive"]);
    send_requests(&server, 1_000);
    server.signal("TERM");
    let (status, stderr) = server.end();
    assert!(status.success());
    assert_eq!(stderr.len(), 1_000);
}

#[test]
#[cfg(unix)]
fn shutdown_does_not_wait_for_a_stalled_reader() {
    let (mut server, _stderr) = Server::start_unread(&["--keep-alive"]);
    send_requests(&server, 1_000);
    server.signal("TERM");
    assert!(server.end().0.success());
}

/// Sends `count` requests on one connection.
#[cfg(unix)]
pub fn send_requests(server: &Server, count: usize) {
    let mut stream = server.connect();
    for _ in 0..count {
        stream.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();
        assert_eq!(status(&read_response(&mut stream)), "HTTP/1.1 200 OK");
    }
}
