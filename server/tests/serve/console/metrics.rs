//! Metrics.

use std::io::Write;
use std::net::TcpListener;

use super::get;
use crate::support::{Server, body, header, read_response, read_to_end, status};

/// Returns the value of a sample, given its name and labels.
fn value(metrics: &str, sample: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in {metrics}")).parse().unwrap()
}

fn metrics(server: &Server) -> String {
    let response = get(server, "/metrics");
    assert_eq!(status(&response), "HTTP/1.1 200 OK");
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(header(&response, "content-type"), Some(kind));
    assert!(response.ends_with("# EOF\n"), "{response}");
    body(&response).to_owned()
}

fn get_metadata(server: &Server, path: &str, headers: &str) {
    server.exchange(&format!("GET {path} HTTP/1.1\r\nHost: imds\r\n{headers}\r\n"));
}

#[test]
fn responses_are_counted_by_rule_protocol_and_caller() {
    let server = Server::with_console(&[]);
    let token = server.token();
    let path = "/latest/meta-data/instance-id";
    get_metadata(&server, path, &format!("X-aws-ec2-metadata-token: {token}\r\nUser-Agent: new/2\r\n"));
    get_metadata(&server, path, "X-aws-ec2-metadata-token: forged\r\n");
    get_metadata(&server, path, "User-Agent: old/1\r\n");
    get_metadata(&server, path, "User-Agent: old/1\r\n");
    get_metadata(&server, "/latest/nothing", "User-Agent: old/1\r\n");
    get_metadata(&server, path, "");

    let metrics = metrics(&server);
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
        assert_eq!(value(&metrics, sample), count, "{sample}");
    }
    assert!(value(&metrics, "imds_answer_seconds_sum") > 0.0);
    assert!(!metrics.contains("new/2") && !metrics.contains(&token), "{metrics}");
    for name in ["MetadataNoToken:", "MetadataNoTokenRejected:"] {
        assert!(metrics.contains(&format!("CloudWatch {name}")), "{metrics}");
    }
}

#[test]
fn requests_without_a_required_token_are_counted_as_rejected() {
    let server = Server::with_console(&["--http-tokens", "required"]);
    get_metadata(&server, "/latest/", "User-Agent: old/1\r\n");
    get_metadata(&server, "/latest/", "X-aws-ec2-metadata-token: forged\r\n");
    let metrics = metrics(&server);
    assert_eq!(value(&metrics, "imds_metadata_no_token_rejected_total"), 1.0);
    assert_eq!(value(&metrics, "imds_metadata_no_token_total"), 0.0);
    assert_eq!(value(&metrics, r#"imds_answers_total{rule="token.missing",status="401"}"#), 1.0);
}

#[test]
fn callers_are_limited_and_cannot_forge_lines() {
    let server = Server::with_console(&["--keep-alive"]);
    let mut stream = server.connect();
    let mut request_as = |agent: &[u8]| {
        let head = [b"GET /latest/ HTTP/1.1\r\nHost: imds\r\nUser-Agent: ", agent, b"\r\n\r\n"].concat();
        stream.write_all(&head).unwrap();
        read_response(&mut stream);
    };
    request_as(b"a\" \\ \xff\tz");
    request_as(&[b'x'; 1_000]);
    request_as(&[b'x'; 1_001]);
    for number in 0..70 {
        request_as(format!("agent/{number}").as_bytes());
    }
    let metrics = metrics(&server);
    let by_caller =
        |agent: &str| format!(r#"imds_metadata_no_token_by_caller_total{{address="127.0.0.1",user_agent="{agent}"}}"#);
    assert_eq!(value(&metrics, &by_caller(r#"a\" \\\\ \\xff\\x09z"#)), 1.0);
    assert_eq!(value(&metrics, &by_caller(&"x".repeat(128))), 2.0);
    let other = r#"imds_metadata_no_token_by_caller_total{address="other",user_agent="other"}"#;
    assert_eq!(value(&metrics, other), 8.0);
    assert_eq!(metrics.matches("imds_metadata_no_token_by_caller_total{").count(), 64 + 1);
}

#[test]
fn open_and_rejected_connections_are_counted() {
    let server = Server::with_console(&["--max-connections", "1", "--keep-alive"]);
    let mut held = server.connect();
    held.write_all(crate::support::get("/latest/").as_bytes()).unwrap();
    read_response(&mut held);
    assert_eq!(value(&metrics(&server), "imds_connections_open"), 1.0);
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(value(&metrics(&server), r#"imds_connections_refused_total{reason="busy"}"#), 1.0);

    drop(held);
    let deadline = std::time::Instant::now() + crate::support::TIMEOUT;
    while value(&metrics(&server), "imds_connections_open") > 0.0 {
        assert!(std::time::Instant::now() < deadline, "the connection is still counted as open");
    }
}

#[test]
fn connections_of_slow_peers_are_counted_when_they_are_closed() {
    let server = Server::with_console(&["--max-connections", "1"]);
    let held = server.connect();
    // Over the limit, a silent connection is closed after a second.
    assert_eq!(read_to_end(&mut server.connect()), "");
    let closed = |reason: &str| format!(r#"imds_connections_timed_out_total{{reason="{reason}"}}"#);
    let metrics = metrics(&server);
    for (reason, number) in [("idle", 1.0), ("slow-head", 0.0), ("slow-body", 0.0), ("slow-reader", 0.0)] {
        assert_eq!(value(&metrics, &closed(reason)), number, "{reason}");
    }
    drop(held);
}

#[test]
fn disabled_ipv6_connections_are_counted_as_rejected() {
    if TcpListener::bind("[::1]:0").is_err() {
        return crate::support::skipped("this machine has no [::1]");
    }
    let server = Server::with_console(&["--listen", "[::1]:0", "--http-protocol-ipv6", "disabled"]);
    read_to_end(&mut server.connect());
    assert_eq!(value(&metrics(&server), r#"imds_connections_refused_total{reason="ipv6_disabled"}"#), 1.0);
}
