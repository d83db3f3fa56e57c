//! The limits of connections and of the request rate.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::{Server, TIMEOUT, body, exchange, get, header, read_to_end, status};

/// Connections over the limit that are answered with 503.
const OVERFLOW: usize = 64;

#[test]
fn a_connection_over_the_limit_gets_503() {
    let server = Server::start(&["--max-connections", "2", "--log", "json"]);
    let held = [server.connect(), server.connect()];
    let response = server.get("/latest/meta-data/instance-id");
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    assert!(body(&response).contains("503 - Service Unavailable"), "{response}");
    let line: serde_json::Value = serde_json::from_str(&server.stderr_line()).unwrap();
    assert_eq!(line["rule"], "throttle");

    drop(held);
    let deadline = Instant::now() + TIMEOUT;
    while status(&server.get("/latest/meta-data/instance-id")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < deadline, "the limit is not released");
    }
}

#[test]
fn connections_beyond_the_overflow_wait() {
    let server = Server::start(&["--max-connections", "1"]);
    let held = server.connect();
    let overflow: Vec<TcpStream> = (0..OVERFLOW).map(|_| begun(&server)).collect();
    let mut waiting = server.connect();
    waiting.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();

    waiting.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let error = waiting.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");

    drop(held);
    waiting.set_read_timeout(Some(TIMEOUT)).unwrap();
    assert_eq!(status(&read_to_end(&mut waiting)), "HTTP/1.1 200 OK");
    drop(overflow);
}

#[test]
fn a_503_over_the_limit_closes_the_connection() {
    let server = Server::start(&["--max-connections", "1", "--keep-alive"]);
    let held = server.connect();
    let mut rejected = server.connect();
    rejected.write_all(get("/latest/meta-data/instance-id").as_bytes()).unwrap();
    let response = read_to_end(&mut rejected);
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(header(&response, "Connection"), Some("close"));
    drop(held);
}

#[test]
fn a_silent_connection_over_the_limit_is_closed_soon() {
    let server = Server::start(&["--max-connections", "1"]);
    let held = begun(&server);
    let silent: Vec<TcpStream> = (0..OVERFLOW).map(|_| server.connect()).collect();
    // It waits for the place of a silent one.
    let response = server.get("/latest/meta-data/instance-id");
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    drop((held, silent));
}

#[test]
#[cfg(target_os = "linux")]
fn a_peer_over_its_limit_gets_503_and_then_nothing() {
    let server = Server::start(&["--max-connections-per-peer", "2", "--max-connections", "3"]);
    let mut held = [begun(&server), begun(&server)];
    assert_eq!(status(&server.get("/")), "HTTP/1.1 503 Service Unavailable");
    let rejected: Vec<TcpStream> = (0..OVERFLOW / 2).map(|_| begun(&server)).collect();
    assert_eq!(read_to_end(&mut server.connect()), "");

    // Another address is served, and its connections over all limits are answered.
    let mut others = [(); 2].map(|()| connect_from("127.0.0.2:0", server.address()));
    for (stream, expected) in others.iter_mut().zip(["HTTP/1.1 200 OK", "HTTP/1.1 503 Service Unavailable"]).rev() {
        stream.write_all(get("/latest/").as_bytes()).unwrap();
        assert_eq!(status(&read_to_end(stream)), expected);
    }
    for stream in &mut held {
        stream.write_all(&get("/latest/").as_bytes()[1..]).unwrap();
        assert_eq!(status(&read_to_end(stream)), "HTTP/1.1 200 OK");
    }
    drop(rejected);
    let deadline = Instant::now() + TIMEOUT;
    while status(&server.get("/latest/")) != "HTTP/1.1 200 OK" {
        assert!(Instant::now() < deadline, "closed connections are still counted");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn metadata_connections_and_ports_leave_descriptors_for_the_console() {
    for ports in [0, 200] {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n 200 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_imds")]);
        command.args(["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--max-connections", "1000"]);
        command.args(["--endpoints", "ports"]);
        let server = Server::spawn_with_console(command);
        let console = server.console();
        let request = |path: &str| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {console}\r\nConnection: close\r\n\r\n");
            exchange(console, &request)
        };
        let launch = format!("Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount={ports}&MaxCount={ports}");
        if ports > 0 {
            let response = request(&format!("/?{launch}"));
            assert_eq!(status(&response), "HTTP/1.1 200 OK", "{response}");
        }
        let held: Vec<TcpStream> = (0..300).map(|_| begun(&server)).collect();
        // The first connections are accepted meanwhile.
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..20 {
            assert_eq!(status(&request("/healthz")), "HTTP/1.1 200 OK");
        }
        drop(held);
    }
}

/// A connection that has sent the first byte of a request.
fn begun(server: &Server) -> TcpStream {
    let mut stream = server.connect();
    stream.write_all(b"G").unwrap();
    stream
}

fn connect_from(source: &str, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&source.parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.connect(&server.into()).unwrap();
    socket.set_read_timeout(Some(TIMEOUT)).unwrap();
    socket.into()
}

#[test]
fn requests_over_the_rate_get_503() {
    let responses = |throttle| Server::start(&["--throttle", throttle]).get("/latest/meta-data/instance-id");
    assert_eq!(status(&responses("0")), "HTTP/1.1 503 Service Unavailable");
    assert_eq!(status(&responses("1")), "HTTP/1.1 200 OK");

    let server = Server::start(&["--throttle", "1"]);
    let is_limited = (0..100).any(|_| status(&server.get("/")) == "HTTP/1.1 503 Service Unavailable");
    assert!(is_limited, "100 requests within a second");
}
