//! Counters that are found by an index and shown in its order, each with its labels.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::{MetricType, TypedMetric};

/// All are there, and shown, before anything is counted.
#[derive(Debug, Clone)]
pub struct Indexed(Arc<[(Labels, AtomicU64)]>);

pub type Labels = Vec<(&'static str, String)>;

impl Indexed {
    pub fn new(labels: impl IntoIterator<Item = Labels>) -> Indexed {
        Indexed(labels.into_iter().map(|labels| (labels, AtomicU64::new(0))).collect())
    }

    pub fn count(&self, index: usize) {
        if let Some((_, count)) = self.0.get(index) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl EncodeMetric for Indexed {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(labels, count)| {
            ConstCounter::new(count.load(Ordering::Relaxed)).encode(encoder.encode_family(labels)?)
        })
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Indexed {
    const TYPE: MetricType = MetricType::Counter;
}
