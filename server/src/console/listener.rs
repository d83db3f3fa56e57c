//! Binds the console's address and accepts its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use super::connection;
use super::host_guard::HostGuard;
use super::host_name::HostName;
use super::routes;
use super::shared::{Addresses, Shared};
use crate::app::call_limits;
use crate::app::service::Service;
use crate::net::capacity::ConnectionLimit;
use crate::net::listener::{Listener, ListenerScope};
use crate::telemetry::Telemetry;
use crate::terminal;

/// The configuration of a [`Console`].
pub struct ConsoleConfig {
    pub address: SocketAddr,
    /// Host names that it accepts besides its address and `localhost`.
    pub host_names: Vec<HostName>,
}

/// A bound console.
pub struct Console {
    listener: Listener,
    address: SocketAddr,
    host_names: Arc<[HostName]>,
    telemetry: Arc<Telemetry>,
}

impl Console {
    /// Binds the console's address.
    ///
    /// # Errors
    ///
    /// One line that names the address.
    pub fn bind(config: &ConsoleConfig, telemetry: Arc<Telemetry>) -> Result<Console, String> {
        let cannot_listen = |error: io::Error| {
            let reason = terminal::reason(&error);
            let address = config.address;
            format!("cannot listen on {address} for the console: {reason}; set --console to another address or off")
        };
        let listener = Listener::bind(config.address, ListenerScope::ListenAddress).map_err(cannot_listen)?;
        let address = listener.address().map_err(cannot_listen)?;
        Ok(Console { listener, address, host_names: config.host_names.as_slice().into(), telemetry })
    }

    /// Prints the address and what protects the console.
    pub fn announce(&self) {
        let address = self.address;
        terminal::status(format_args!("console on http://{address}"));
        terminal::status(
            "the console does not verify SigV4 signatures: any program that can reach its address can use it",
        );
        if !address.ip().is_loopback() {
            terminal::warning(format_args!(
                "{address} is not a loopback address: other machines may reach the console"
            ));
        }
    }

    /// Serves connections until `stop` is notified.
    pub async fn serve(self, service: Arc<Service>, metadata: Vec<SocketAddr>, stop: watch::Receiver<()>) {
        let mut stopping = stop.clone();
        let addresses = Arc::new(Addresses { metadata, console: self.address });
        // Not a clone of `stop`: the server counts its receivers as connections. Dropping the
        // sender ends the event streams.
        let (_running, stopped) = watch::channel(());
        let shared = Shared { service, telemetry: self.telemetry.clone(), addresses, stopped };
        tokio::select! {
            biased;
            _ = stopping.changed() => {}
            () = self.accept_all(routes::router(shared), &stop) => {}
        }
    }

    async fn accept_all(&self, router: Router, stop: &watch::Receiver<()>) {
        let limit = ConnectionLimit::new(PLACES, RESERVED).with_limit_of_peer(PLACES_OF_PEER, false);
        loop {
            let (stream, peer) = self.listener.accept().await;
            // Fails if the connection is already closed.
            let Ok(local) = stream.local_addr() else { continue };
            // Not essential.
            let _ = stream.set_nodelay(true);
            // Without a permit, further connections wait.
            let Some(permit) = limit.acquire(peer.ip()).await else { continue };
            let guard = HostGuard { addresses: [self.address, local], names: self.host_names.clone() };
            let router = if permit.is_overflow() { routes::only_checks(router.clone()) } else { router.clone() };
            let router = guard.protect(router);
            let stop = stop.clone();
            tokio::spawn(async move {
                connection::serve(stream, peer, router, permit.is_overflow(), stop).await;
                drop(permit);
            });
        }
    }
}

/// Concurrent connections of the console: enough for a person, a metrics scraper and some API
/// clients. Each has at most one call.
const PLACES: u32 = call_limits::MAX_CALLS;
/// The places that one address has, unless it is a loopback address.
const PLACES_OF_PEER: u32 = PLACES / 2;
/// Further connections, for health checks and metrics alone.
const RESERVED: u32 = 16;
/// All connections that can be open.
pub const MAX_CONNECTIONS: u64 = (PLACES + RESERVED) as u64;
