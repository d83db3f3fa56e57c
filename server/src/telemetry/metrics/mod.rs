//! Metrics of the metadata port, all atomics.

mod answers;
mod callers;
mod connections;
mod indexed;
mod latency;

pub use answers::AnswerMetrics;
pub use connections::{ConnectionMetrics, RejectReason};
