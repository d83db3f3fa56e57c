//! IPv6, if the machine has it.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use crate::support::{Server, connect, exchange, get, skipped, status};

fn has_ipv6() -> bool {
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    if !has_ipv6 {
        skipped("this machine has no [::1]");
    }
    has_ipv6
}

#[test]
fn an_ipv6_listener_enables_ipv6() {
    if has_ipv6() {
        let server = Server::start(&["--listen", "[::1]:0"]);
        assert!(server.address().is_ipv6());
        assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
        server.token();
    }
}

#[test]
fn disabled_ipv6_connections_are_closed_without_a_response() {
    if !has_ipv6() {
        return;
    }
    let server = Server::start(&["--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--http-protocol-ipv6", "disabled"]);
    let [v4, v6] = server.addresses[..] else { panic!("{:?}", server.addresses) };
    assert!(server.stderr_line().contains(&v6.to_string()));
    assert_eq!(connect(v6).read(&mut [0; 100]).unwrap_or(0), 0);
    assert_eq!(status(&exchange(v4, &get("/latest/"))), "HTTP/1.1 200 OK");
}

#[test]
fn an_ipv6_listener_does_not_accept_ipv4() {
    if has_ipv6() {
        let server = Server::start(&["--listen", "[::]:0"]);
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, server.address().port()));
        assert!(TcpStream::connect(v4).is_err());
    }
}
