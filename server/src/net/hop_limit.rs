//! The hop limit of a socket.

use std::io;
use std::net::SocketAddr;

use imds::http::HopLimit;
use socket2::SockRef;
use tokio::net::TcpStream;

/// Sets the IPv4 TTL or IPv6 hop limit of all later packets, retransmissions included.
pub fn set(stream: &TcpStream, peer: SocketAddr, limit: HopLimit) -> io::Result<()> {
    let socket = SockRef::from(stream);
    match peer {
        SocketAddr::V4(_) => socket.set_ttl_v4(limit.get().into()),
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(limit.get().into()),
    }
}
