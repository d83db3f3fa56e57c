//! A signal lets requests in progress finish.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::{Server, body, get, header, read_response, read_to_end};

#[test]
fn an_idle_server_exits_at_once() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--log", "off"]);
        let mut idle = server.connect();
        // Once a later connection is answered, the server has accepted this one; otherwise the
        // system would reset it.
        server.get("/latest/");
        let signalled = Instant::now();
        server.signal(signal);
        assert_eq!(read_to_end(&mut idle), "");
        let (status, stderr) = server.end();
        assert_eq!(status.code(), Some(0), "{stderr:?}");
        assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
        assert_eq!(stderr, [""; 0]);
    }
}

#[test]
fn a_request_in_progress_is_answered() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    // One complete request and the start of another: once the first is answered, the server has
    // read the second.
    let request = get("/latest/meta-data/instance-type");
    let (start, end) = request.split_at(20);
    stream.write_all((get("/latest/meta-data/instance-id") + start).as_bytes()).unwrap();
    assert_eq!(body(&read_response(&mut stream)), "i-0abcdef1234567890");

    server.signal("TERM");
    server.wait_until_closed();
    stream.write_all(end.as_bytes()).unwrap();
    let last = read_to_end(&mut stream);
    assert_eq!((header(&last, "Connection"), body(&last)), (Some("close"), "t3.micro"));
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn an_incomplete_request_is_cut_off_after_the_grace_period() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    read_response(&mut stream);
    server.stderr_line();
    server.signal("TERM");
    let (status, stderr) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        stderr[0].ends_with(" WARN shutdown: closing connections that did not finish within 5 seconds: 1"),
        "{stderr:?}"
    );
}

#[test]
fn a_second_signal_exits_at_once() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    read_response(&mut stream);
    server.signal("TERM");
    server.wait_until_closed();
    let signalled = Instant::now();
    server.signal("INT");
    assert_eq!(server.end().0.code(), Some(130));
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
}
