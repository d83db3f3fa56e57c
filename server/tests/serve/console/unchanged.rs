//! What is refused has changed nothing: each time an instance stands to be terminated, and is described as before.

use std::io::Write;
use std::net::Shutdown;

use super::{FORM, code, post, send};
use crate::support::{Server, body, connect, rest, status};

const TERMINATE: &str = "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0abcdef1234567890";
const MOST_BYTES: usize = 1024 * 1024;

#[test]
fn what_a_page_of_others_sends_changes_nothing() {
    let server = Server::with_console(&[]);
    let (own, port) = (server.console().to_string(), server.console().port());
    let before = shown(&server);
    for (host, fields) in [
        // A form's submission, as browsers send it, and one of a browser that says less.
        (&own, "Origin: http://attacker.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"),
        (&own, "Sec-Fetch-Site: cross-site\r\n"),
        (&own, "Sec-Fetch-Site: same-site\r\n"),
        (&own, "Origin: http://attacker.example\r\n"),
        (&own, "Origin: null\r\n"),
        // A script of a page whose name means 127.0.0.1 by now: to the browser it is the same origin.
        (&format!("rebound.example:{port}"), "Sec-Fetch-Site: same-origin\r\n"),
        (&format!("rebound.example:{port}"), &format!("Origin: http://rebound.example:{port}\r\n")),
        (&"rebound.example".to_owned(), ""),
    ] {
        let answer = send(&server, &request(host, fields, TERMINATE));
        assert!(["403", "421"].contains(&&status(&answer)[9..12]), "{host} {fields}: {answer}");
        assert_eq!(shown(&server), before, "{host} {fields}");
    }
    assert_done(&server);
}

#[test]
fn what_is_no_form_of_one_request_changes_nothing() {
    let server = Server::with_console(&[]);
    let own = server.console().to_string();
    let before = shown(&server);
    let padded = |bytes: usize| format!("{TERMINATE}&DryRun=false{}", "&".repeat(bytes - TERMINATE.len() - 13));
    for (what, form, expected) in [
        ("a body past its bound", padded(MOST_BYTES + 1), "RequestEntityTooLarge"),
        ("a torn escape", format!("{TERMINATE}&DryRun=%4"), "MalformedQueryString"),
        ("no hexadecimal digits", format!("{TERMINATE}&X-Amz-Date=%zz"), "MalformedQueryString"),
        ("no UTF-8", format!("{TERMINATE}&X-Amz-Date=%ff"), "MalformedQueryString"),
        ("half of a surrogate pair", format!("{TERMINATE}&X-Amz-Date=%ED%A0%80"), "MalformedQueryString"),
        ("a control character", format!("{TERMINATE}&X-Amz-Date=%00"), "InvalidCharacter"),
        ("Action twice, the same", format!("{TERMINATE}&Action=TerminateInstances"), "InvalidQueryParameter"),
        ("Action twice, another first", format!("Action=DescribeTags&{TERMINATE}"), "InvalidQueryParameter"),
        ("Action twice, another last", format!("{TERMINATE}&Action=DescribeTags"), "InvalidQueryParameter"),
        ("an id twice", format!("{TERMINATE}&InstanceId.1=i-0abcdef1234567890"), "InvalidQueryParameter"),
        ("a parameter that is not there", format!("{TERMINATE}&Really=true"), "UnknownParameter"),
        ("no version", TERMINATE.replace("Version=2016-11-15&", ""), "MissingParameter"),
        ("an id that is not there beside it", format!("{TERMINATE}&InstanceId.2=i-1"), "InvalidInstanceID.NotFound"),
    ] {
        assert_eq!(code(&send(&server, &request(&own, "", &form))), expected, "{what}");
        assert_eq!(shown(&server), before, "{what}");
    }
    // Bytes of no encoding at all, and types that a page's form or script may have without asking.
    let mut stream = connect(server.console());
    let head = request(&own, "", &format!("{TERMINATE}&X-Amz-Date=?"));
    stream.write_all(&[&head.as_bytes()[..head.len() - 1], b"\xff"].concat()).unwrap();
    assert_eq!(code(&rest(&mut stream)), "MalformedQueryString");
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        let answer = send(&server, &request(&own, "", TERMINATE).replace(FORM_TYPE, kind));
        assert_eq!(status(&answer), "HTTP/1.1 415 Unsupported Media Type", "{kind}");
    }
    assert_eq!(shown(&server), before);
    assert_done(&server);
}

#[test]
fn a_form_of_which_the_end_does_not_come_changes_nothing() {
    let server = Server::with_console(&[]);
    let before = shown(&server);
    let longer = request(&server.console().to_string(), "", &format!("{TERMINATE}&DryRun=true"));
    let torn = longer.strip_suffix("&DryRun=true").unwrap();
    // One waits until its time is over, one closes its side, and one is gone.
    let [mut waiting, mut closing, mut gone] = [(); 3].map(|()| connect(server.console()));
    for stream in [&mut waiting, &mut closing, &mut gone] {
        stream.write_all(torn.as_bytes()).unwrap();
    }
    drop(gone);
    closing.shutdown(Shutdown::Write).unwrap();
    rest(&mut closing);
    assert_eq!(shown(&server), before);
    assert_eq!(code(&rest(&mut waiting)), "RequestTimeout");
    assert_eq!(shown(&server), before);
    assert_done(&server);
}

/// All that the API shows, without the ids of the answers.
fn shown(server: &Server) -> String {
    let actions = ["DescribeInstances", "DescribeTags", "GetInstanceMetadataDefaults"];
    let answers = actions.map(|action| {
        let answer = post(server, "", &format!("Action={action}&Version=2016-11-15"));
        assert_eq!(status(&answer), "HTTP/1.1 200 OK", "{action}");
        let lines = body(&answer).lines().filter(|line| !line.trim_start().starts_with("<requestId>"));
        lines.collect::<Vec<_>>().join("\n")
    });
    answers.concat()
}

/// Sent as it should be, the same request is done: nothing else was wrong with it.
fn assert_done(server: &Server) {
    let before = shown(server);
    assert_eq!(status(&post(server, "", TERMINATE)), "HTTP/1.1 200 OK");
    assert_ne!(shown(server), before);
}

fn request(host: &str, fields: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{FORM}Content-Length: {length}\r\n{fields}\r\n{form}"
    )
}

const FORM_TYPE: &str = "application/x-www-form-urlencoded";
