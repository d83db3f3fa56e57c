//! The state that the console's handlers share.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

use crate::app::service::Service;
use crate::telemetry::Telemetry;

#[derive(Clone)]
pub struct Shared {
    pub service: Arc<Service>,
    pub telemetry: Arc<Telemetry>,
    pub addresses: Arc<Addresses>,
    /// Closed when the console stops, which ends the event streams.
    pub stopped: watch::Receiver<()>,
}

/// Where the server listens.
pub struct Addresses {
    pub metadata: Vec<SocketAddr>,
    pub console: SocketAddr,
}
