//! Requests to the EC2 API: content types, limits and errors in EC2's format.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{FORM, code, get, post, request};
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
fn a_get_with_an_action_is_a_call() {
    let server = Server::with_console(&[]);
    // As boto 2 signs a GET: Signature Version 2.
    let signature = "AWSAccessKeyId=AKIAEXAMPLE&Signature=a%2Bb%3D&SignatureMethod=HmacSHA256&SignatureVersion=2\
                     &Timestamp=2026-01-01T00%3A00%3A00Z";
    let response = get(&server, &format!("/?{signature}&Action=DescribeInstances&Version=2014-10-01"));
    assert_eq!(status(&response), "HTTP/1.1 200 OK");
    assert!(body(&response).contains("xmlns=\"http://ec2.amazonaws.com/doc/2014-10-01/\""), "{response}");
    let id = body(&response).split_once("<instanceId>").and_then(|(_, rest)| rest.split('<').next()).unwrap();
    let stop = format!("/?Action=StopInstances&Version=2014-10-01&InstanceId.1={id}&{signature}");
    assert_eq!(status(&get(&server, &stop)), "HTTP/1.1 200 OK");
    let stopped = get(&server, "/?Version=2016-11-15&Action=DescribeInstances");
    assert!(body(&stopped).contains("<name>stopp"), "{stopped}");

    assert_eq!(code(&get(&server, "/?Action=")), "InvalidAction");
    assert_eq!(code(&get(&server, "/?%41ction=DescribeTags&Version=%4")), "MalformedQueryString");
    let twice = "/?Action=DescribeTags&Version=2016-11-15&Action=DescribeTags";
    assert_eq!(code(&get(&server, twice)), "InvalidQueryParameter");
    // No call: the index, and a file of the page.
    assert!(body(&get(&server, "/?Version=2016-11-15&action=DescribeTags")).starts_with("imds: "));
    assert_eq!(status(&get(&server, "/healthz?Action=DescribeTags")), "HTTP/1.1 200 OK");
    let head =
        request(&server, "HEAD", &format!("/?Action=TerminateInstances&Version=2016-11-15&InstanceId.1={id}"), "", "");
    assert_eq!(status(&head), "HTTP/1.1 200 OK");
    assert!(!body(&get(&server, "/?Version=2016-11-15&Action=DescribeInstances")).contains("terminated"));
}

#[test]
fn a_query_string_over_the_limit_is_rejected() {
    let server = Server::with_console(&[]);
    let response = get(&server, &format!("/?Action=DescribeTags&Version=2016-11-15&A={}", "x".repeat(64 * 1024)));
    assert!(status(&response).starts_with("HTTP/1.1 4"), "{response}");
}

#[test]
fn the_query_string_of_a_post_has_parameters_too() {
    let server = Server::with_console(&[]);
    let call = |target: &str, form: &str| {
        let headers = format!("{FORM}Content-Length: {}\r\n", form.len());
        request(&server, "POST", target, &headers, form)
    };
    assert_eq!(status(&call("/?Version=2016-11-15", "Action=DescribeTags")), "HTTP/1.1 200 OK");
    assert_eq!(status(&call("/?Version=2016-11-15&Action=DescribeTags", "")), "HTTP/1.1 200 OK");
    assert_eq!(code(&call("/?DryRun=true", "Action=DescribeTags&Version=2016-11-15")), "DryRunOperation");
    assert_eq!(code(&call("/?DryRun=true", "DryRun=false")), "InvalidQueryParameter");
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
