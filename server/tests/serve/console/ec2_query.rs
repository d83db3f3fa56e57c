//! Requests to the EC2 API: content types, limits and errors in EC2's format.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{FORM, code, post, request};
use crate::support::{Server, body, connect, header, read_to_end, status};

#[test]
fn a_response_is_xml_with_a_unique_request_id() {
    let server = Server::with_console(&[]);
    let responses = [(); 2].map(|()| post(&server, "", "Action=Sing&Version=2016-11-15"));
    for response in &responses {
        assert_eq!((status(response), code(response)), ("HTTP/1.1 400 Bad Request", "InvalidAction"));
        assert_eq!(header(response, "content-type"), Some("text/xml;charset=UTF-8"));
        let id = header(response, "x-amzn-requestid").unwrap();
        assert_eq!(id.len(), 36);
        assert!(body(response).ends_with(&format!("<RequestID>{id}</RequestID></Response>")), "{response}");
    }
    assert_ne!(header(&responses[0], "x-amzn-requestid"), header(&responses[1], "x-amzn-requestid"));
}

#[test]
fn a_form_needs_the_form_content_type() {
    let server = Server::with_console(&[]);
    let post_as = |kind: &str| {
        let response = request(&server, "POST", "/", &format!("{kind}Content-Length: 8\r\n"), "Action=x");
        (status(&response)[9..12].to_owned(), code(&response).to_owned())
    };
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: application/x-www-form-urlencoded2\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Type: text/plain\r\n",
    ] {
        assert_eq!(post_as(kind), ("415".to_owned(), "InvalidRequest".to_owned()), "{kind}");
    }
    for kind in [FORM, "Content-Type: Application/X-WWW-Form-URLEncoded ; charset=utf-8\r\n"] {
        assert_eq!(post_as(kind), ("400".to_owned(), "InvalidAction".to_owned()), "{kind}");
    }
}

#[test]
fn a_body_over_the_limit_is_rejected() {
    let server = Server::with_console(&[]);
    let largest = "x".repeat(MAX_BYTES);
    assert_eq!(code(&post(&server, "", &largest)), "MissingAction");
    let response = post(&server, "", &format!("{largest}x"));
    assert_eq!((status(&response), code(&response)), ("HTTP/1.1 413 Payload Too Large", "RequestEntityTooLarge"));
    // More than fits into all buffers: a client that is still sending must get the response.
    assert_eq!(code(&post(&server, "", &largest.repeat(12))), "RequestEntityTooLarge");

    let chunked = format!("{FORM}Transfer-Encoding: chunked\r\n");
    let response = request(&server, "POST", "/", &chunked, &format!("{:x}\r\n{largest}x\r\n0\r\n\r\n", MAX_BYTES + 1));
    assert_eq!(code(&response), "RequestEntityTooLarge");
}

#[test]
fn a_large_body_is_rejected_before_100_continue() {
    let server = Server::with_console(&[]);
    let headers = format!("{FORM}Expect: 100-continue\r\nContent-Length: {}\r\n", MAX_BYTES + 1);
    let response = request(&server, "POST", "/", &headers, "");
    assert_eq!(status(&response), "HTTP/1.1 413 Payload Too Large");
}

#[test]
fn slow_bodies_and_heads_time_out() {
    let server = Server::with_console(&[]);
    let host = server.console();
    let started = Instant::now();
    let mut body = connect(host);
    write!(body, "POST / HTTP/1.1\r\nHost: {host}\r\n{FORM}Content-Length: 100\r\n\r\nAction=").unwrap();
    let mut head = connect(host);
    write!(head, "POST / HTTP/1.1\r\nHost: ").unwrap();

    let response = read_to_end(&mut body);
    assert_eq!((status(&response), code(&response)), ("HTTP/1.1 408 Request Timeout", "RequestTimeout"));
    read_to_end(&mut head);
    let elapsed = started.elapsed();
    assert!((TIMEOUT..TIMEOUT + Duration::from_secs(5)).contains(&elapsed), "{elapsed:?}");
}

const MAX_BYTES: usize = 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);
