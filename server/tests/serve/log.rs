//! One line for each answer, and no secret in any.

use std::net::SocketAddr;

use serde_json::Value;

use crate::support::{Server, status};

#[test]
fn json_tells_each_answer_in_a_line() {
    let server = Server::start(&["--log", "json", "--clock", "2026-01-01T00:00:00Z"]);
    let token = server.token();
    let secret = "/latest/meta-data/iam/security-credentials/my-role";
    let ask = |token: &str, path: &str| {
        server.exchange(&format!("GET {path} HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n"))
    };
    let answers = [ask(&token, secret), ask("AQAEAforged", secret), server.get("/latest/user-data?why=this")];

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
        let credentials: Value = serde_json::from_str(crate::support::body(&answers[0])).unwrap();
        for key in ["AccessKeyId", "SecretAccessKey", "Token"] {
            assert!(!text.contains(credentials[key].as_str().unwrap()), "{text}");
        }
    }
}

#[test]
fn text_tells_each_answer_in_a_line() {
    let server = Server::start(&["--clock", "2026-01-01T00:00:00Z"]);
    server.get("/latest/meta-data/instance-id");
    let line = server.stderr_line();
    let (time, rest) = line.split_once("  INFO ").unwrap_or_else(|| panic!("{line}"));
    assert_eq!(time.len(), "2026-01-01T00:00:00.000Z".len(), "{line}");
    let names: Vec<_> = rest.split(' ').filter_map(|field| field.split('=').next()).collect();
    assert_eq!(names, ["method", "path", "status", "rule", "micros", "peer", "protocol", "instance"], "{line}");
    assert!(rest.starts_with("method=GET path=/latest/meta-data/instance-id status=200 rule=serve.v1 "), "{line}");
}

#[test]
fn what_a_peer_sends_cannot_forge_a_line() {
    let server = Server::start(&[]);
    let path = format!("/\u{9b}2J%0a\u{202e}{}", "x".repeat(1_000));
    let answer = server.exchange(&format!("{} {path} HTTP/1.1\r\nHost: imds\r\n\r\n", "M".repeat(1_000)));
    assert_eq!(status(&answer), "HTTP/1.1 405 Not Allowed");
    let line = server.stderr_line();
    assert!(line.contains(&format!(" method={}… ", "M".repeat(32))), "{line}");
    assert!(line.contains(r" path=/\u{9b}2J%0a\u{202e}xxxx"), "{line}");
    assert!(line.contains("xxx… status=405 "), "{line}");
    assert!(line.len() < 500, "{line}");
}

#[test]
fn a_head_that_cannot_be_read_is_told_too() {
    let server = Server::start(&[]);
    server.exchange("what?\r\n\r\n");
    let line = server.stderr_line();
    assert!(line.contains(" method=- path=- status=400 rule=head.line "), "{line}");
}

#[test]
#[cfg(unix)]
fn off_means_off() {
    let mut server = Server::start(&["--log", "off"]);
    server.token();
    server.get("/nothing");
    server.signal("TERM");
    let (status, told) = server.end();
    assert!(status.success());
    assert_eq!(told, [""; 0]);
}
