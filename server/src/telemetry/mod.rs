//! What the console shows of the metadata port: counted as it happens, told to whoever listens.
//!
//! **Nobody who answers waits for it**: counters are atomics, and what a slow listener has no room for is lost to it.

mod answers;
mod callers;
mod connections;
mod events;
mod indexed;
mod latency;

use prometheus_client::encoding::text;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

pub use answers::Answers;
pub use connections::{Connections, Refused};
pub use events::{Events, Seen};

#[derive(Default)]
pub struct Watch {
    pub answers: Answers,
    pub connections: Connections,
    pub events: Events,
}

impl Watch {
    /// Everything that is counted, in the text format of OpenMetrics, which Prometheus reads.
    pub fn metrics(&self, instances: usize) -> String {
        let mut registry = Registry::with_prefix("imds");
        self.answers.register(&mut registry);
        self.connections.register(&mut registry);
        let instances = ConstGauge::new(i64::try_from(instances).unwrap_or(i64::MAX));
        registry.register("instances", "Instances that are served", instances);
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &registry);
        out
    }
}
