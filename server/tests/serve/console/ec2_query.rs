//! The EC2 API's way in and out, with its bounds. Each refusal is an error as EC2's clients read it.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{FORM, ask, code, post};
use crate::support::{Server, body, connect, field, rest, status};

#[test]
fn an_answer_is_xml_with_an_id_of_its_own() {
    let server = Server::with_console(&[]);
    let answers = [(); 2].map(|()| post(&server, "", "Action=Sing&Version=2016-11-15"));
    for answer in &answers {
        assert_eq!((status(answer), code(answer)), ("HTTP/1.1 400 Bad Request", "InvalidAction"));
        assert_eq!(field(answer, "content-type"), Some("text/xml;charset=UTF-8"));
        let id = field(answer, "x-amzn-requestid").unwrap();
        assert_eq!(id.len(), 36);
        assert!(body(answer).ends_with(&format!("<RequestID>{id}</RequestID></Response>")), "{answer}");
    }
    assert_ne!(field(&answers[0], "x-amzn-requestid"), field(&answers[1], "x-amzn-requestid"));
}

#[test]
fn a_form_is_said_to_be_one() {
    let server = Server::with_console(&[]);
    let asked = |kind: &str| {
        let answer = ask(&server, "POST", "/", &format!("{kind}Content-Length: 8\r\n"), "Action=x");
        (status(&answer)[9..12].to_owned(), code(&answer).to_owned())
    };
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: application/x-www-form-urlencoded2\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Type: text/plain\r\n",
    ] {
        assert_eq!(asked(kind), ("415".to_owned(), "InvalidRequest".to_owned()), "{kind}");
    }
    for kind in [FORM, "Content-Type: Application/X-WWW-Form-URLEncoded ; charset=utf-8\r\n"] {
        assert_eq!(asked(kind), ("400".to_owned(), "InvalidAction".to_owned()), "{kind}");
    }
}

#[test]
fn a_body_past_its_bound_is_refused() {
    let server = Server::with_console(&[]);
    let largest = "x".repeat(MOST_BYTES);
    assert_eq!(code(&post(&server, "", &largest)), "MissingAction");
    let answer = post(&server, "", &format!("{largest}x"));
    assert_eq!((status(&answer), code(&answer)), ("HTTP/1.1 413 Payload Too Large", "RequestEntityTooLarge"));
    // Several times what fits into all buffers: the answer is not lost to whoever goes on sending.
    assert_eq!(code(&post(&server, "", &largest.repeat(12))), "RequestEntityTooLarge");

    let chunked = format!("{FORM}Transfer-Encoding: chunked\r\n");
    let answer = ask(&server, "POST", "/", &chunked, &format!("{:x}\r\n{largest}x\r\n0\r\n\r\n", MOST_BYTES + 1));
    assert_eq!(code(&answer), "RequestEntityTooLarge");
}

#[test]
fn whoever_waits_for_a_word_before_a_large_body_is_told_at_once() {
    let server = Server::with_console(&[]);
    let fields = format!("{FORM}Expect: 100-continue\r\nContent-Length: {}\r\n", MOST_BYTES + 1);
    let answer = ask(&server, "POST", "/", &fields, "");
    assert_eq!(status(&answer), "HTTP/1.1 413 Payload Too Large");
}

#[test]
fn a_slow_body_and_a_slow_head_are_cut() {
    let server = Server::with_console(&[]);
    let host = server.console();
    let started = Instant::now();
    let mut body = connect(host);
    write!(body, "POST / HTTP/1.1\r\nHost: {host}\r\n{FORM}Content-Length: 100\r\n\r\nAction=").unwrap();
    let mut head = connect(host);
    write!(head, "POST / HTTP/1.1\r\nHost: ").unwrap();

    let answer = rest(&mut body);
    assert_eq!((status(&answer), code(&answer)), ("HTTP/1.1 408 Request Timeout", "RequestTimeout"));
    rest(&mut head);
    let took = started.elapsed();
    assert!((TIME..TIME + Duration::from_secs(5)).contains(&took), "{took:?}");
}

const MOST_BYTES: usize = 1024 * 1024;
const TIME: Duration = Duration::from_secs(10);
