//! Metrics, events and the log.
//!
//! **The request path never blocks on observers**: metrics are atomics, and a listener or log
//! reader that is too slow loses events or lines.

pub mod access_record;
pub mod events;
pub mod log;
mod metrics;

use prometheus_client::encoding::text;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use events::Events;
pub use metrics::RejectReason;
use metrics::{AnswerMetrics, ConnectionMetrics};

/// The metrics and events that the console shows.
#[derive(Default)]
pub struct Telemetry {
    pub answers: AnswerMetrics,
    pub connections: ConnectionMetrics,
    pub events: Events,
}

impl Telemetry {
    /// Returns all metrics in the OpenMetrics text format.
    pub fn encode_metrics(&self, instances: usize) -> String {
        let mut registry = Registry::with_prefix("imds");
        self.answers.register(&mut registry);
        self.connections.register(&mut registry);
        let instances = ConstGauge::new(i64::try_from(instances).unwrap_or(i64::MAX));
        registry.register("instances", "Instances in the fleet", instances);
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &registry);
        out
    }
}
