//! A fixed set of counters with labels, addressed by index.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Counters in a fixed order, all of them exported, zero or not.
#[derive(Debug, Clone)]
pub struct IndexedCounters(Arc<[(Labels, AtomicU64)]>);

pub type Labels = Vec<(&'static str, String)>;

impl IndexedCounters {
    pub fn new(labels: impl IntoIterator<Item = Labels>) -> IndexedCounters {
        IndexedCounters(labels.into_iter().map(|labels| (labels, AtomicU64::new(0))).collect())
    }

    /// Increments a counter; an index out of range has no effect.
    pub fn increment(&self, index: usize) {
        if let Some((_, count)) = self.0.get(index) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl EncodeMetric for IndexedCounters {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(labels, count)| {
            ConstCounter::new(count.load(Ordering::Relaxed)).encode(encoder.encode_family(labels)?)
        })
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for IndexedCounters {
    const TYPE: MetricType = MetricType::Counter;
}
