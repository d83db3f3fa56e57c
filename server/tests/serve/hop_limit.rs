//! The hop limit of the packets of a PUT response, observed at the client.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};

use crate::support::{Server, TIMEOUT, get, read_response, skipped, status};

/// Addresses that no other test uses, so that only this test's packets are observed.
const SERVER: &str = "127.0.0.77:0";
const CLIENT: &str = "127.0.0.78:0";
const PUT: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";

#[test]
fn the_hop_limit_applies_from_the_put_response_on() {
    let Some(mut packets) = Packets::to(CLIENT.parse().unwrap()) else { return };
    let server = Server::start(&["--listen", SERVER, "--hop-limit", "3", "--keep-alive"]);
    let mut stream = connect(server.address());
    let mut send = |request: &str| {
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(status(&read_response(&mut stream)), "HTTP/1.1 200 OK");
        packets.ttls_with_data()
    };
    let before = send(&get("/latest/"));
    assert!(!before.is_empty() && !before.contains(&3), "{before:?}");
    assert_eq!(send(PUT), [3]);
    assert_eq!(send(&get("/latest/")), [3]);
}

/// Connects from the address whose packets are observed.
fn connect(server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&CLIENT.parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.connect_timeout(&server.into(), TIMEOUT).unwrap();
    let stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Captures the TCP packets that arrive at an address.
struct Packets(Socket);

impl Packets {
    fn to(address: SocketAddr) -> Option<Packets> {
        let socket = match Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::TCP)) {
            Ok(socket) => socket,
            Err(error) => {
                skipped(&format!("cannot capture packets: {error}"));
                return None;
            }
        };
        socket.bind(&address.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        Some(Packets(socket))
    }

    /// Returns the TTLs of the packets with data that arrived since the last call.
    fn ttls_with_data(&mut self) -> Vec<u8> {
        let mut found = Vec::new();
        let mut packet = [0; 65_536];
        loop {
            match self.0.read(&mut packet) {
                Ok(length) => {
                    let ip_head = usize::from(packet[0] & 0x0f) * 4;
                    let tcp_head = usize::from(packet[ip_head + 12] >> 4) * 4;
                    if length > ip_head + tcp_head {
                        found.push(packet[8]);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return found,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
