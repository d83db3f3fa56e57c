//! One socket that connections come in by.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::places::Places;
use crate::service::Service;
use crate::stream;
use crate::tell;

/// A bound socket. Connections wait in it from its beginning.
pub struct Listener(TcpListener);

impl Listener {
    pub fn bind(address: SocketAddr) -> io::Result<Listener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            // So that both families can have the same port.
            socket.set_only_v6(true)?;
        }
        // A restart finds its port free. On Windows the option would let two programs have one port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into()).map(Listener)
    }

    /// The address with the port that the system chose, where it was asked to.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Serves whoever comes, until told to stop.
    pub async fn serve(self, service: Arc<Service>, places: Places, stop: watch::Receiver<()>) {
        let mut stopped = stop.clone();
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = self.accept(&service, &places, &stop) => {}
        }
    }

    async fn accept(&self, service: &Arc<Service>, places: &Places, stop: &watch::Receiver<()>) {
        let mut failing = false;
        loop {
            match self.0.accept().await {
                Ok((stream, peer)) => {
                    failing = false;
                    if service.refuses(peer) {
                        continue;
                    }
                    // With no place free, this connection and all behind it wait.
                    let place = places.take().await;
                    tokio::spawn(stream::serve(stream, peer, service.clone(), place, stop.clone()));
                }
                // The peer was gone before it was its turn.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    if !failing {
                        tracing::error!("cannot accept connections: {}", tell::reason(&error));
                    }
                    failing = true;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Connections that wait to be accepted; the system may have a lower bound.
const BACKLOG: i32 = 1024;
/// Long enough not to spin where the system is out of files, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(50);
