//! The console: the playground, the EC2 API, metrics and events, for whoever runs the server.
//!
//! It alone can change what is served. SigV4 signatures are not verified: what keeps others out is the address, which is a
//! loopback one by default, and the fence (`fence.rs`), which keeps web pages out.

mod connection;
mod events;
mod fence;
mod host;
mod page;
mod query;
mod refusal;
mod site;
pub mod watch;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::{Semaphore, watch as signal};
use tower_http::compression::CompressionLayer;

use crate::listener::{Listener, Whom};
use crate::service::Service;
use crate::tell;
use fence::Fence;
pub use host::HostName;
use page::Addresses;
use watch::Watch;

/// A bound console.
pub struct Console {
    listener: Listener,
    address: SocketAddr,
    names: Arc<[HostName]>,
    watch: Arc<Watch>,
}

/// What its answers need.
#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    watch: Arc<Watch>,
    addresses: Arc<Addresses>,
    /// Changes, for streams that have no end of their own, when the console ends.
    ending: signal::Receiver<()>,
}

impl Console {
    pub fn bind(address: SocketAddr, names: &[HostName], watch: Arc<Watch>) -> Result<Console, String> {
        let cannot = |error: io::Error| {
            let reason = tell::reason(&error);
            format!("cannot listen on {address} for the console: {reason}; --console takes another address, or off")
        };
        let listener = Listener::bind(address, Whom::First).map_err(cannot)?;
        let address = listener.address().map_err(cannot)?;
        Ok(Console { listener, address, names: names.into(), watch })
    }

    /// Says where it is, and who is let in.
    pub fn tell(&self) {
        let address = self.address;
        tell::news(format_args!("console on http://{address}"));
        tell::news("the console does not verify SigV4 signatures: its address and its Host rule are the fence");
        if !address.ip().is_loopback() {
            tell::warning(format_args!("{address} is not a loopback address: other machines may reach the console"));
        }
    }

    /// Serves whoever comes, until told to stop.
    pub async fn serve(self, service: Arc<Service>, metadata: Vec<SocketAddr>, stop: signal::Receiver<()>) {
        let mut stopped = stop.clone();
        let addresses = Arc::new(Addresses { metadata, console: self.address });
        // The server counts whoever holds its own signal as a connection. The end of this one's sender is enough to tell.
        let (_running, ending) = signal::channel(());
        let shared = Shared { service, watch: self.watch.clone(), addresses, ending };
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = self.accept(routes(shared), &stop) => {}
        }
    }

    async fn accept(&self, routes: Router, stop: &signal::Receiver<()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // With no place free, whoever comes waits to be accepted. The semaphore is never closed.
            let Ok(place) = places.clone().acquire_owned().await else { return };
            let (stream, peer) = self.listener.accept().await;
            // Gone before it was its turn.
            let Ok(reached) = stream.local_addr() else { continue };
            let routes = Fence { own: [self.address, reached], names: self.names.clone() }.around(routes.clone());
            let stop = stop.clone();
            tokio::spawn(async move {
                connection::serve(stream, peer, routes, stop).await;
                drop(place);
            });
        }
    }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/", get(page::page).post(query::query))
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", get(metrics))
        .route("/events", get(events::events))
        .route("/{*path}", get(site::asset))
        .with_state(shared)
        // It leaves event streams alone.
        .layer(CompressionLayer::new())
}

async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    ([(CONTENT_TYPE, OPEN_METRICS)], shared.watch.metrics(shared.service.fleet.now().len()))
}

/// How many connections it has at once: a person's, a scraper's, and those of a good many clients.
pub const CONNECTIONS: usize = 64;
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
