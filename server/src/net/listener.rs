//! One socket that connections come in by.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use imds::record::Name;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::console::watch::Refused;
use crate::places::Places;
use crate::route::Route;
use crate::service::Service;
use crate::stream;
use crate::tell;

/// A bound socket. Connections wait in it from its beginning.
pub struct Listener {
    socket: TcpListener,
    whom: Whom,
}

/// For whom connections come in by a socket.
#[derive(Debug, Clone)]
pub enum Whom {
    /// For the first instance, or whomever the peer's address tells.
    First,
    /// By a socket that has the whole loopback network: as [`Whom::First`] at these addresses, at others for whose they are.
    Loopback(Vec<IpAddr>),
    /// For this instance.
    One(Name),
}

impl Listener {
    /// A socket at this address.
    pub fn bind(address: SocketAddr, whom: Whom) -> io::Result<Listener> {
        Listener::listen(Listener::socket(address)?, address, whom)
    }

    /// A socket at this port of every address of the loopback network, and of no other that a machine beside this one reaches.
    #[cfg(target_os = "linux")]
    pub fn bind_loopback(port: u16, listened_on: Vec<IpAddr>) -> io::Result<Listener> {
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let socket = Listener::socket(address)?;
        socket.bind_device(Some(b"lo"))?;
        Listener::listen(socket, address, Whom::Loopback(listened_on))
    }

    fn socket(address: SocketAddr) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            // So that both families can have the same port.
            socket.set_only_v6(true)?;
        }
        // A restart finds its port free. On Windows the option would let two programs have one port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    fn listen(socket: Socket, address: SocketAddr, whom: Whom) -> io::Result<Listener> {
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Listener { socket: TcpListener::from_std(socket.into())?, whom })
    }

    /// The address with the port that the system chose, where it was asked to.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves whoever comes, until told to stop.
    pub async fn serve(self, service: Arc<Service>, places: Places, stop: watch::Receiver<()>) {
        let mut stopped = stop.clone();
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = self.serve_all(&service, &places, &stop) => {}
        }
    }

    /// The same, until somebody closes it. Connections that are open go on.
    pub async fn serve_until(
        self,
        mut closed: watch::Receiver<()>,
        service: Arc<Service>,
        places: Places,
        stop: watch::Receiver<()>,
    ) {
        tokio::select! {
            biased;
            _ = closed.changed() => {}
            () = self.serve(service, places, stop) => {}
        }
    }

    async fn serve_all(&self, service: &Arc<Service>, places: &Places, stop: &watch::Receiver<()>) {
        loop {
            let (stream, peer) = self.accept().await;
            let open = service.watch.as_ref().map(|watch| watch.connections.accepted());
            let route = self.route(service, &stream, peer.ip());
            if let Some(reason) = service.refuses(&route, peer) {
                if let Some(open) = open {
                    open.refused(reason);
                }
                continue;
            }
            // With no place free, this connection and all behind it wait.
            let place = places.take().await;
            if let Some(open) = open.as_ref().filter(|_| place.refused) {
                open.refused(Refused::Busy);
            }
            let served = stream::serve(stream, peer, route, service.clone(), place, stop.clone());
            tokio::spawn(async move {
                served.await;
                drop(open);
            });
        }
    }

    /// The next connection, as soon as there is one.
    pub async fn accept(&self) -> (TcpStream, SocketAddr) {
        let mut failing = false;
        loop {
            match self.socket.accept().await {
                Ok(accepted) => return accepted,
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

impl Listener {
    fn route(&self, service: &Service, stream: &TcpStream, peer: IpAddr) -> Route {
        match (&self.whom, stream.local_addr()) {
            (Whom::One(instance), _) => Route::Instance(instance.clone()),
            (Whom::First, Ok(asked)) => service.route(asked, true, peer),
            (Whom::Loopback(listened_on), Ok(asked)) => service.route(asked, listened_on.contains(&asked.ip()), peer),
            // The connection is gone already.
            (_, Err(_)) => Route::Nobody,
        }
    }
}

/// Connections that wait to be accepted; the system may have a lower bound.
const BACKLOG: i32 = 1024;
/// Long enough not to spin where the system is out of files, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(50);
