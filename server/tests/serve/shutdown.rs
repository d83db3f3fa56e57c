//! A signal lets what is in flight finish, and nothing else.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::{Server, answer, body, field, get, rest};

#[test]
fn an_idle_server_exits_at_once() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--log", "off"]);
        let mut idle = server.connect();
        // It is accepted when a later one is answered; before that, the system would reset it.
        server.get("/latest/");
        let asked = Instant::now();
        server.signal(signal);
        assert_eq!(rest(&mut idle), "");
        let (status, told) = server.end();
        assert_eq!(status.code(), Some(0), "{told:?}");
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
        assert_eq!(told, [""; 0]);
    }
}

#[test]
fn a_request_that_has_begun_is_answered() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    // One whole and one begun: when the first is answered, the server has seen the second.
    let request = get("/latest/meta-data/instance-type");
    let (begin, end) = request.split_at(20);
    stream.write_all((get("/latest/meta-data/instance-id") + begin).as_bytes()).unwrap();
    assert_eq!(body(&answer(&mut stream)), "i-0abcdef1234567890");

    server.signal("TERM");
    server.wait_until_deaf();
    stream.write_all(end.as_bytes()).unwrap();
    let last = rest(&mut stream);
    assert_eq!((field(&last, "Connection"), body(&last)), (Some("close"), "t3.micro"));
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn a_request_that_never_ends_is_cut_off() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    answer(&mut stream);
    server.stderr_line();
    server.signal("TERM");
    let (status, told) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        told[0].ends_with(" WARN shutdown: closing connections that did not finish within 5 seconds: 1"),
        "{told:?}"
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    answer(&mut stream);
    server.signal("TERM");
    server.wait_until_deaf();
    let asked = Instant::now();
    server.signal("INT");
    assert_eq!(server.end().0.code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}
