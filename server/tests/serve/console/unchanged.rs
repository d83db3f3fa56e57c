//! Rejected requests change nothing: each would terminate an instance, whose description must stay
//! the same.

use std::io::Write;
use std::net::Shutdown;

use super::{FORM, code, post, send};
use crate::support::{Server, body, connect, read_to_end, status};

const TERMINATE: &str = "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0abcdef1234567890";
const MAX_BYTES: usize = 1024 * 1024;

#[test]
fn requests_of_foreign_pages_change_nothing() {
    let server = Server::with_console(&[]);
    let (own, port) = (server.console().to_string(), server.console().port());
    let before = describe_all(&server);
    for (host, headers) in [
        // A form submission of a browser, and variants with fewer headers.
        (&own, "Origin: http://attacker.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"),
        (&own, "Sec-Fetch-Site: cross-site\r\n"),
        (&own, "Sec-Fetch-Site: same-site\r\n"),
        (&own, "Origin: http://attacker.example\r\n"),
        (&own, "Origin: null\r\n"),
        // A script of a page whose name now resolves to 127.0.0.1: the same origin for the browser.
        (&format!("rebound.example:{port}"), "Sec-Fetch-Site: same-origin\r\n"),
        (&format!("rebound.example:{port}"), &format!("Origin: http://rebound.example:{port}\r\n")),
        (&"rebound.example".to_owned(), ""),
    ] {
        let response = send(&server, &request(host, headers, TERMINATE));
        assert!(["403", "421"].contains(&&status(&response)[9..12]), "{host} {headers}: {response}");
        let get = format!("GET /?{TERMINATE} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        let response = send(&server, &get);
        assert!(["403", "421"].contains(&&status(&response)[9..12]), "{get}: {response}");
        assert_eq!(describe_all(&server), before, "{host} {headers}");
    }
    assert_succeeds(&server);
}

#[test]
fn malformed_forms_change_nothing() {
    let server = Server::with_console(&[]);
    let own = server.console().to_string();
    let before = describe_all(&server);
    let padded = |bytes: usize| format!("{TERMINATE}&DryRun=false{}", "&".repeat(bytes - TERMINATE.len() - 13));
    for (name, form, expected) in [
        ("a body over the limit", padded(MAX_BYTES + 1), "RequestEntityTooLarge"),
        ("a truncated escape", format!("{TERMINATE}&DryRun=%4"), "MalformedQueryString"),
        ("an escape without hexadecimal digits", format!("{TERMINATE}&X-Amz-Date=%zz"), "MalformedQueryString"),
        ("invalid UTF-8", format!("{TERMINATE}&X-Amz-Date=%ff"), "MalformedQueryString"),
        ("half a surrogate pair", format!("{TERMINATE}&X-Amz-Date=%ED%A0%80"), "MalformedQueryString"),
        ("a control character", format!("{TERMINATE}&X-Amz-Date=%00"), "InvalidCharacter"),
        ("the same Action twice", format!("{TERMINATE}&Action=TerminateInstances"), "InvalidQueryParameter"),
        ("another Action first", format!("Action=DescribeTags&{TERMINATE}"), "InvalidQueryParameter"),
        ("another Action last", format!("{TERMINATE}&Action=DescribeTags"), "InvalidQueryParameter"),
        ("an instance id twice", format!("{TERMINATE}&InstanceId.1=i-0abcdef1234567890"), "InvalidQueryParameter"),
        ("an unknown parameter", format!("{TERMINATE}&Really=true"), "UnknownParameter"),
        ("no version", TERMINATE.replace("Version=2016-11-15&", ""), "MissingParameter"),
        ("an additional unknown instance id", format!("{TERMINATE}&InstanceId.2=i-1"), "InvalidInstanceID.NotFound"),
    ] {
        assert_eq!(code(&send(&server, &request(&own, "", &form))), expected, "{name}");
        assert_eq!(describe_all(&server), before, "{name}");
    }
    // A byte that is not UTF-8, and content types that a page can send without a preflight.
    let mut stream = connect(server.console());
    let head = request(&own, "", &format!("{TERMINATE}&X-Amz-Date=?"));
    stream.write_all(&[&head.as_bytes()[..head.len() - 1], b"\xff"].concat()).unwrap();
    assert_eq!(code(&read_to_end(&mut stream)), "MalformedQueryString");
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        let response = send(&server, &request(&own, "", TERMINATE).replace(FORM_TYPE, kind));
        assert_eq!(status(&response), "HTTP/1.1 415 Unsupported Media Type", "{kind}");
    }
    assert_eq!(describe_all(&server), before);
    assert_succeeds(&server);
}

#[test]
fn incomplete_forms_change_nothing() {
    let server = Server::with_console(&[]);
    let before = describe_all(&server);
    let longer = request(&server.console().to_string(), "", &format!("{TERMINATE}&DryRun=true"));
    let truncated = longer.strip_suffix("&DryRun=true").unwrap();
    // One connection waits for the timeout, one closes its sending side, one is dropped.
    let [mut waiting, mut closing, mut dropped] = [(); 3].map(|()| connect(server.console()));
    for stream in [&mut waiting, &mut closing, &mut dropped] {
        stream.write_all(truncated.as_bytes()).unwrap();
    }
    drop(dropped);
    closing.shutdown(Shutdown::Write).unwrap();
    read_to_end(&mut closing);
    assert_eq!(describe_all(&server), before);
    assert_eq!(code(&read_to_end(&mut waiting)), "RequestTimeout");
    assert_eq!(describe_all(&server), before);
    assert_succeeds(&server);
}

/// Returns everything that the API describes, without request ids.
fn describe_all(server: &Server) -> String {
    let actions = ["DescribeInstances", "DescribeTags", "GetInstanceMetadataDefaults"];
    let responses = actions.map(|action| {
        let response = post(server, "", &format!("Action={action}&Version=2016-11-15"));
        assert_eq!(status(&response), "HTTP/1.1 200 OK", "{action}");
        let lines = body(&response).lines().filter(|line| !line.trim_start().starts_with("<requestId>"));
        lines.collect::<Vec<_>>().join("\n")
    });
    responses.concat()
}

/// Checks that the same request succeeds when it is well-formed.
fn assert_succeeds(server: &Server) {
    let before = describe_all(server);
    assert_eq!(status(&post(server, "", TERMINATE)), "HTTP/1.1 200 OK");
    assert_ne!(describe_all(server), before);
}

fn request(host: &str, headers: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{FORM}Content-Length: {length}\r\n{headers}\r\n{form}"
    )
}

const FORM_TYPE: &str = "application/x-www-form-urlencoded";
