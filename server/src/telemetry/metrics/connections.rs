//! Connections to the metadata port, counted.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::indexed::Indexed;

pub struct Connections {
    open: Gauge,
    accepted: Counter,
    refused: Indexed,
}

/// Why a connection is refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no place for it: its requests are answered with 503.
    Busy,
    /// It came over IPv6, which is disabled.
    Ipv6Disabled,
    /// There is no instance that it could be for, or it is stopped or terminated.
    NoInstance,
}

/// A connection that counts as open until this is dropped.
pub struct Open {
    open: Gauge,
    refused: Indexed,
}

impl Default for Connections {
    fn default() -> Connections {
        let reason = |name: &str| vec![("reason", name.to_owned())];
        Connections {
            open: Gauge::default(),
            accepted: Counter::default(),
            // In the order of `Refused`.
            refused: Indexed::new(["busy", "ipv6_disabled", "no_instance"].map(reason)),
        }
    }
}

impl Connections {
    /// Counts one more.
    pub fn accepted(&self) -> Open {
        self.accepted.inc();
        self.open.inc();
        Open { open: self.open.clone(), refused: self.refused.clone() }
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("connections_open", "Connections to the metadata port", self.open.clone());
        registry.register(
            "connections_accepted",
            "Connections that came in, the refused ones too",
            self.accepted.clone(),
        );
        registry.register("connections_refused", "Connections that were refused, by reason", self.refused.clone());
    }
}

impl Open {
    pub fn refused(&self, reason: Refused) {
        self.refused.count(reason as usize);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.open.dec();
    }
}
