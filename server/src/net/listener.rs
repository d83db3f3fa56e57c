//! A listening socket of the metadata port or the console.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use imds::record::Name;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::capacity::{ConnectionLimit, PermitKind};
use super::connection;
use crate::app::router::Route;
use crate::app::service::Service;
use crate::telemetry::RejectReason;
use crate::terminal;

/// A bound socket. The system queues connections from the moment of binding.
pub struct Listener {
    socket: TcpListener,
    scope: ListenerScope,
}

/// The instances that a listener serves.
#[derive(Debug, Clone)]
pub enum ListenerScope {
    /// An address of `--listen`: the first instance, or the peer's instance with `--by-peer`.
    ListenAddress,
    /// Every address of 127.0.0.0/8: like `ListenAddress` at these addresses, and at any other
    /// address the instance that owns it.
    Loopback(Vec<IpAddr>),
    /// This instance.
    Instance(Name),
}

impl Listener {
    /// Binds a socket to one address.
    pub fn bind(address: SocketAddr, scope: ListenerScope) -> io::Result<Listener> {
        Listener::listen(Listener::socket(address)?, address, scope)
    }

    /// Binds a socket to this port of every address in 127.0.0.0/8, and to no address that other
    /// machines can reach.
    #[cfg(target_os = "linux")]
    pub fn bind_loopback(port: u16, listen_addresses: Vec<IpAddr>) -> io::Result<Listener> {
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let socket = Listener::socket(address)?;
        socket.bind_device(Some(b"lo"))?;
        Listener::listen(socket, address, ListenerScope::Loopback(listen_addresses))
    }

    fn socket(address: SocketAddr) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            // Lets an IPv4 listener use the same port.
            socket.set_only_v6(true)?;
        }
        // Lets a restarted server bind its port at once. On Windows, the option would let two
        // programs share the port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        // Accepted connections inherit these. The system would let the buffers grow to some megabytes
        // for a peer that asks for much and reads nothing.
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        #[cfg(any(target_os = "android", target_os = "linux"))]
        socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
        Ok(socket)
    }

    fn listen(socket: Socket, address: SocketAddr, scope: ListenerScope) -> io::Result<Listener> {
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Listener { socket: TcpListener::from_std(socket.into())?, scope })
    }

    /// Returns the bound address, with the port that the system chose for port 0.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves connections until `stop` is notified.
    pub async fn serve(self, service: Arc<Service>, limit: ConnectionLimit, stop: watch::Receiver<()>) {
        let mut stopped = stop.clone();
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = self.accept_all(&service, &limit, &stop) => {}
        }
    }

    /// Like [`serve`](Listener::serve), but also stops accepting when `close` is notified or
    /// dropped. Open connections go on.
    pub async fn serve_until_closed(
        self,
        mut close: watch::Receiver<()>,
        service: Arc<Service>,
        limit: ConnectionLimit,
        stop: watch::Receiver<()>,
    ) {
        tokio::select! {
            biased;
            _ = close.changed() => {}
            () = self.serve(service, limit, stop) => {}
        }
    }

    async fn accept_all(&self, service: &Arc<Service>, limit: &ConnectionLimit, stop: &watch::Receiver<()>) {
        loop {
            let (stream, peer) = self.accept().await;
            let open = service.telemetry.as_ref().map(|telemetry| telemetry.connections.accept());
            let route = self.route(service, &stream, peer.ip());
            if let Some(reason) = service.reject_reason(&route, peer) {
                if let Some(open) = open {
                    open.reject(reason);
                }
                continue;
            }
            // Without a permit, this connection and all later ones wait.
            let permit = limit.acquire(peer.ip()).await;
            let rejected = match &permit {
                Some(permit) => match permit.kind {
                    PermitKind::Served => None,
                    PermitKind::Overflow => Some(RejectReason::Busy),
                    PermitKind::PeerOverflow => Some(RejectReason::BusyPeer),
                },
                None => Some(RejectReason::BusyPeer),
            };
            if let (Some(open), Some(reason)) = (&open, rejected) {
                open.reject(reason);
            }
            let Some(permit) = permit else { continue };
            let connection = connection::serve(stream, peer, route, service.clone(), permit, stop.clone());
            tokio::spawn(async move {
                connection.await;
                drop(open);
            });
        }
    }

    /// Waits for the next connection.
    pub async fn accept(&self) -> (TcpStream, SocketAddr) {
        let mut is_failing = false;
        loop {
            match self.socket.accept().await {
                Ok(accepted) => return accepted,
                // The peer has already closed the connection.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    if !is_failing {
                        tracing::error!("cannot accept connections: {}", terminal::reason(&error));
                    }
                    is_failing = true;
                    tokio::time::sleep(RETRY_INTERVAL).await;
                }
            }
        }
    }

    fn route(&self, service: &Service, stream: &TcpStream, peer: IpAddr) -> Route {
        let router = &service.router;
        match &self.scope {
            ListenerScope::Instance(id) => Route::Instance(id.clone()),
            ListenerScope::ListenAddress => router.route(None, peer),
            ListenerScope::Loopback(listen_addresses) => match stream.local_addr() {
                Ok(local) => router.route(Some(local.ip()).filter(|ip| !listen_addresses.contains(ip)), peer),
                // The connection is already closed.
                Err(_) => Route::None,
            },
        }
    }
}

/// The system's buffer of responses on a connection; Linux doubles it. A response of metadata rarely
/// has more than some kilobytes.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// The system's buffer of requests on a connection; Linux doubles it. It has room for two heads.
const RECEIVE_BUFFER_BYTES: usize = 32 * 1024;
/// The part of the send buffer that is used while the peer accepts nothing more: the rest is for bytes
/// on their way.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT_BYTES: u32 = 16 * 1024;
/// Connections that the system queues; its own limit may be lower.
const BACKLOG: i32 = 1024;
/// The wait after an error of `accept`, such as too many open files: long enough not to spin, short
/// enough not to be noticed.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);
