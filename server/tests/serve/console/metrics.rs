//! What is counted.

use std::io::Write;
use std::net::TcpListener;

use super::get;
use crate::support::{Server, answer, body, field, rest, status};

/// The value of a sample by its name and labels.
fn value(metrics: &str, sample: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in {metrics}")).parse().unwrap()
}

fn metrics(server: &Server) -> String {
    let answer = get(server, "/metrics");
    assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(field(&answer, "content-type"), Some(kind));
    assert!(answer.ends_with("# EOF\n"), "{answer}");
    body(&answer).to_owned()
}

fn ask(server: &Server, path: &str, fields: &str) {
    server.exchange(&format!("GET {path} HTTP/1.1\r\nHost: imds\r\n{fields}\r\n"));
}

#[test]
fn answers_are_counted_by_rule_protocol_and_caller() {
    let server = Server::with_console(&[]);
    let token = server.token();
    let path = "/latest/meta-data/instance-id";
    ask(&server, path, &format!("X-aws-ec2-metadata-token: {token}\r\nUser-Agent: new/2\r\n"));
    ask(&server, path, "X-aws-ec2-metadata-token: forged\r\n");
    ask(&server, path, "User-Agent: old/1\r\n");
    ask(&server, path, "User-Agent: old/1\r\n");
    ask(&server, "/latest/nothing", "User-Agent: old/1\r\n");
    ask(&server, path, "");

    let told = metrics(&server);
    for (sample, count) in [
        (r#"imds_answers_total{rule="serve.token",status="200"}"#, 1.0),
        (r#"imds_answers_total{rule="serve.v2",status="200"}"#, 1.0),
        (r#"imds_answers_total{rule="serve.v1",status="200"}"#, 3.0),
        (r#"imds_answers_total{rule="token.length",status="401"}"#, 1.0),
        (r#"imds_answers_total{rule="tree.unknown",status="404"}"#, 1.0),
        (r#"imds_answers_total{rule="token.missing",status="401"}"#, 0.0),
        (r#"imds_requests_total{protocol="v1"}"#, 4.0),
        (r#"imds_requests_total{protocol="v2"}"#, 3.0),
        ("imds_metadata_no_token_total", 3.0),
        ("imds_metadata_no_token_rejected_total", 0.0),
        (r#"imds_metadata_no_token_by_caller_total{address="127.0.0.1",user_agent="old/1"}"#, 2.0),
        (r#"imds_metadata_no_token_by_caller_total{address="127.0.0.1",user_agent=""}"#, 1.0),
        (r#"imds_metadata_no_token_by_caller_total{address="other",user_agent="other"}"#, 0.0),
        ("imds_answer_seconds_count", 7.0),
        (r#"imds_answer_seconds_bucket{le="+Inf"}"#, 7.0),
        ("imds_connections_accepted_total", 7.0),
        ("imds_instances", 1.0),
    ] {
        assert_eq!(value(&told, sample), count, "{sample}");
    }
    assert!(value(&told, "imds_answer_seconds_sum") > 0.0);
    assert!(!told.contains("new/2") && !told.contains(&token), "{told}");
    for name in ["MetadataNoToken:", "MetadataNoTokenRejected:"] {
        assert!(told.contains(&format!("CloudWatch {name}")), "{told}");
    }
}

#[test]
fn calls_without_a_token_are_counted_as_rejected_once_tokens_are_required() {
    let server = Server::with_console(&["--http-tokens", "required"]);
    ask(&server, "/latest/", "User-Agent: old/1\r\n");
    ask(&server, "/latest/", "X-aws-ec2-metadata-token: forged\r\n");
    let told = metrics(&server);
    assert_eq!(value(&told, "imds_metadata_no_token_rejected_total"), 1.0);
    assert_eq!(value(&told, "imds_metadata_no_token_total"), 0.0);
    assert_eq!(value(&told, r#"imds_answers_total{rule="token.missing",status="401"}"#), 1.0);
}

#[test]
fn callers_are_bounded_in_number_and_length_and_forge_no_line() {
    let server = Server::with_console(&["--keep-alive"]);
    let mut stream = server.connect();
    let mut ask = |agent: &[u8]| {
        let head = [b"GET /latest/ HTTP/1.1\r\nHost: imds\r\nUser-Agent: ", agent, b"\r\n\r\n"].concat();
        stream.write_all(&head).unwrap();
        answer(&mut stream);
    };
    ask(b"a\" \\ \xff\tz");
    ask(&[b'x'; 1_000]);
    ask(&[b'x'; 1_001]);
    for number in 0..70 {
        ask(format!("agent/{number}").as_bytes());
    }
    let told = metrics(&server);
    let by_caller =
        |agent: &str| format!(r#"imds_metadata_no_token_by_caller_total{{address="127.0.0.1",user_agent="{agent}"}}"#);
    assert_eq!(value(&told, &by_caller(r#"a\" \\\\ \\xff\\x09z"#)), 1.0);
    assert_eq!(value(&told, &by_caller(&"x".repeat(128))), 2.0);
    let other = r#"imds_metadata_no_token_by_caller_total{address="other",user_agent="other"}"#;
    assert_eq!(value(&told, other), 8.0);
    assert_eq!(told.matches("imds_metadata_no_token_by_caller_total{").count(), 64 + 1);
}

#[test]
fn connections_are_counted_while_they_are_open_and_when_they_are_refused() {
    let server = Server::with_console(&["--max-connections", "1", "--keep-alive"]);
    let mut held = server.connect();
    held.write_all(crate::support::get("/latest/").as_bytes()).unwrap();
    answer(&mut held);
    assert_eq!(value(&metrics(&server), "imds_connections_open"), 1.0);
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(value(&metrics(&server), r#"imds_connections_refused_total{reason="busy"}"#), 1.0);

    drop(held);
    let given_up = std::time::Instant::now() + crate::support::PATIENCE;
    while value(&metrics(&server), "imds_connections_open") > 0.0 {
        assert!(std::time::Instant::now() < given_up, "connections stay open");
    }
}

#[test]
fn connections_over_a_family_that_is_disabled_are_counted_as_refused() {
    if TcpListener::bind("[::1]:0").is_err() {
        return crate::support::skipped("this machine has no [::1]");
    }
    let server = Server::with_console(&["--listen", "[::1]:0", "--http-protocol-ipv6", "disabled"]);
    rest(&mut server.connect());
    assert_eq!(value(&metrics(&server), r#"imds_connections_refused_total{reason="ipv6_disabled"}"#), 1.0);
}
