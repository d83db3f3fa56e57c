//! The console's address, messages, limits and shutdown.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{FORM, get};
use crate::support::{Server, TIMEOUT, body, connect, header, imds, read_to_end, run, status};

#[test]
fn the_console_announces_its_address_and_protection() {
    let server = Server::with_console(&[]);
    assert_ne!(server.console().port(), 0);
    assert_eq!(
        server.stdout_line(),
        "imds: the console does not verify SigV4 signatures: any program that can reach its address can use it"
    );
}

#[test]
fn a_non_loopback_console_address_is_warned_about() {
    let server = Server::with_console_at("0.0.0.0:0", &[]);
    let line = server.stderr_line();
    assert!(line.starts_with("imds: warning: 0.0.0.0:"), "{line}");
    assert!(line.ends_with(" is not a loopback address: other machines may reach the console"), "{line}");
}

#[test]
fn a_port_in_use_is_reported_and_off_needs_no_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = imds(&["--listen", "127.0.0.1:0"]);
    command.env("IMDS_CONSOLE", &address);
    let output = run(command);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.starts_with(&format!("imds: cannot listen on {address} for the console: ")), "{line}");
    assert!(line.ends_with("; set --console to another address or off\n"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_eq!(output.stdout, b"");

    let mut command = imds(&["--listen", "127.0.0.1:0", "--console", "off"]);
    command.env("IMDS_CONSOLE", &address);
    assert_eq!(status(&Server::spawn(command, 1).get("/latest/")), "HTTP/1.1 200 OK");
}

#[test]
fn the_index_page_shows_the_addresses() {
    let server = Server::with_console(&[]);
    let page = get(&server, "/");
    assert_eq!(status(&page), "HTTP/1.1 200 OK");
    assert!(body(&page).contains(&format!("curl http://{}/latest/meta-data/", server.address())), "{page}");
    assert!(body(&page).contains(&format!("AWS_ENDPOINT_URL=http://{}", server.console())), "{page}");
}

#[test]
fn healthz_is_ok() {
    let response = get(&Server::with_console(&[]), "/healthz");
    assert_eq!((status(&response), body(&response)), ("HTTP/1.1 200 OK", "ok"));
}

#[test]
fn unknown_paths_and_methods_are_rejected() {
    let server = Server::with_console(&[]);
    assert_eq!(status(&get(&server, "/latest/meta-data/")), "HTTP/1.1 404 Not Found");
    let response = super::request(&server, "PUT", "/", "", "");
    assert_eq!(status(&response), "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(header(&response, "allow"), Some("GET,HEAD,POST"));
}

#[test]
fn connections_over_the_limit_get_only_health_checks_and_metrics() {
    let server = Server::with_console(&[]);
    let mut held: Vec<TcpStream> = (0..PLACES).map(|_| connect(server.console())).collect();
    for path in ["/healthz", "/metrics"] {
        assert_eq!(status(&get(&server, path)), "HTTP/1.1 200 OK", "{path}");
    }
    let rejected = get(&server, "/");
    assert_eq!(status(&rejected), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(header(&rejected, "connection"), Some("close"));
    let rejected = super::post(&server, "", "Action=DescribeInstances&Version=2016-11-15");
    assert_eq!(
        (status(&rejected), super::code(&rejected)),
        ("HTTP/1.1 503 Service Unavailable", "RequestLimitExceeded")
    );

    // The metadata port is not affected.
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
    held.pop();
    let deadline = Instant::now() + TIMEOUT;
    while status(&get(&server, "/")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < deadline, "the place of a closed connection is not free");
    }
}

#[test]
fn silent_connections_do_not_hold_the_places_of_health_checks() {
    let server = Server::with_console(&[]);
    let silent: Vec<TcpStream> = (0..PLACES + RESERVED).map(|_| connect(server.console())).collect();
    // The reserved places are free again after a second.
    assert_eq!(status(&get(&server, "/healthz")), "HTTP/1.1 200 OK");
    drop(silent);
}

#[test]
fn peers_that_read_nothing_lose_their_connections() {
    let server = Server::with_console(&[]);
    let host = server.console();
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n");
    let pipelined = request.repeat(200);
    let stalled: Vec<TcpStream> = (0..PLACES)
        .map(|_| {
            let mut stream = connect(host);
            stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
            // Ends when the server, which cannot send, no longer reads.
            let _ = stream.write_all(pipelined.as_bytes());
            stream
        })
        .collect();
    assert_eq!(status(&get(&server, "/")), "HTTP/1.1 503 Service Unavailable");
    let deadline = Instant::now() + 2 * TIMEOUT;
    while status(&get(&server, "/")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < deadline, "peers that read nothing hold their places");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(stalled);
}

#[test]
#[cfg(unix)]
fn open_connections_end_with_the_server() {
    let mut server = Server::with_console(&[]);
    let host = server.console();
    let mut fresh = connect(host);
    let mut idle = connect(host);
    write!(idle, "GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    idle.read_exact(&mut [0]).unwrap();
    let mut listening = connect(host);
    write!(listening, "GET /events HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    listening.read_exact(&mut [0]).unwrap();

    let signalled = Instant::now();
    server.signal("TERM");
    for stream in [&mut fresh, &mut idle, &mut listening] {
        read_to_end(stream);
    }
    let (status, stderr) = server.end();
    assert!(status.success());
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
    assert_eq!(stderr, [""; 0]);
}

#[test]
#[cfg(unix)]
fn an_incomplete_form_is_cut_off_after_the_grace_period() {
    let mut server = Server::with_console(&[]);
    let host = server.console();
    let mut stream = connect(host);
    let headers = format!("{FORM}Expect: 100-continue\r\nContent-Length: 100\r\n");
    write!(stream, "POST / HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").unwrap();
    // The server now waits for the form.
    stream.read_exact(&mut [0; "HTTP/1.1 100".len()]).unwrap();
    server.signal("TERM");
    let (status, stderr) = server.end();
    assert!(status.success());
    assert!(
        stderr[0].ends_with(" WARN shutdown: closing connections that did not finish within 5 seconds: 1"),
        "{stderr:?}"
    );
}

/// Connections that the console serves.
const PLACES: usize = 64;
/// Connections over that, for health checks and metrics.
const RESERVED: usize = 16;
