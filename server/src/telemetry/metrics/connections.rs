//! Connection metrics of the metadata port.

use imds::connection::CloseReason;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::indexed::IndexedCounters;

/// Counts connections.
pub struct ConnectionMetrics {
    open: Gauge,
    accepted: Counter,
    /// In the order of [`RejectReason::ALL`].
    rejected: IndexedCounters,
    /// In the order of [`TIMEOUTS`].
    timed_out: IndexedCounters,
}

/// Why a connection is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// The connection limit is reached: requests are answered with 503.
    Busy,
    /// The connection limit of the peer is reached: requests are answered with 503, or the connection
    /// is closed.
    BusyPeer,
    /// The connection uses IPv6, which is disabled.
    Ipv6Disabled,
    /// No instance has the address, or it is stopped or terminated.
    NoInstance,
}

impl RejectReason {
    const ALL: [RejectReason; 4] =
        [RejectReason::Busy, RejectReason::BusyPeer, RejectReason::Ipv6Disabled, RejectReason::NoInstance];

    /// Returns the name in the metrics.
    const fn name(self) -> &'static str {
        match self {
            RejectReason::Busy => "busy",
            RejectReason::BusyPeer => "busy_peer",
            RejectReason::Ipv6Disabled => "ipv6_disabled",
            RejectReason::NoInstance => "no_instance",
        }
    }
}

/// A connection that counts as open until it is dropped.
pub struct OpenConnection {
    open: Gauge,
    rejected: IndexedCounters,
}

impl Default for ConnectionMetrics {
    fn default() -> ConnectionMetrics {
        let reason = |reason: RejectReason| vec![("reason", reason.name().to_owned())];
        ConnectionMetrics {
            open: Gauge::default(),
            accepted: Counter::default(),
            rejected: IndexedCounters::new(RejectReason::ALL.map(reason)),
            timed_out: IndexedCounters::new(TIMEOUTS.map(|reason| vec![("reason", reason.name().to_owned())])),
        }
    }
}

impl ConnectionMetrics {
    /// Counts an accepted connection.
    pub fn accept(&self) -> OpenConnection {
        self.accepted.inc();
        self.open.inc();
        OpenConnection { open: self.open.clone(), rejected: self.rejected.clone() }
    }

    /// Counts a connection that ended, if it was closed because its peer was too slow.
    pub fn count_end(&self, reason: Option<CloseReason>) {
        if let Some(index) = TIMEOUTS.iter().position(|timeout| Some(*timeout) == reason) {
            self.timed_out.increment(index);
        }
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("connections_open", "Open connections to the metadata port", self.open.clone());
        registry.register(
            "connections_accepted",
            "Accepted connections, including rejected ones",
            self.accepted.clone(),
        );
        registry.register("connections_refused", "Rejected connections by reason", self.rejected.clone());
        registry.register(
            "connections_timed_out",
            "Connections closed because the peer was too slow, by reason",
            self.timed_out.clone(),
        );
    }
}

impl OpenConnection {
    /// Counts the connection as rejected.
    pub fn reject(&self, reason: RejectReason) {
        self.rejected.increment(reason as usize);
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.open.dec();
    }
}

const TIMEOUTS: [CloseReason; 4] =
    [CloseReason::Idle, CloseReason::SlowHead, CloseReason::SlowBody, CloseReason::SlowReader];
