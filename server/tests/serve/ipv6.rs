//! IPv6, where the machine has it.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use crate::support::{Server, connect, exchange, get, skipped, status};

fn is_here() -> bool {
    let here = TcpListener::bind("[::1]:0").is_ok();
    if !here {
        skipped("this machine has no [::1]");
    }
    here
}

#[test]
fn listening_on_it_enables_it() {
    if is_here() {
        let server = Server::start(&["--listen", "[::1]:0"]);
        assert!(server.address().is_ipv6());
        assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
        server.token();
    }
}

#[test]
fn disabled_it_is_closed_without_an_answer() {
    if !is_here() {
        return;
    }
    let server = Server::start(&["--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--http-protocol-ipv6", "disabled"]);
    let [v4, v6] = server.addresses[..] else { panic!("{:?}", server.addresses) };
    assert!(server.stderr_line().contains(&v6.to_string()));
    assert_eq!(connect(v6).read(&mut [0; 100]).unwrap_or(0), 0);
    assert_eq!(status(&exchange(v4, &get("/latest/"))), "HTTP/1.1 200 OK");
}

#[test]
fn a_listener_for_it_leaves_ipv4_alone() {
    if is_here() {
        let server = Server::start(&["--listen", "[::]:0"]);
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, server.address().port()));
        assert!(TcpStream::connect(v4).is_err());
    }
}
