//! Callers that use IMDSv1: a bounded number of counters by address and user agent.

use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Counts requests by caller without a lock: each slot is filled once and never reused.
#[derive(Debug, Clone, Default)]
pub struct Callers(Arc<Table>);

/// A hash table with linear probing.
#[derive(Debug)]
struct Table {
    slots: [OnceLock<Caller>; MAX_CALLERS],
    /// Requests of callers that found no free slot.
    other: AtomicU64,
}

#[derive(Debug)]
struct Caller {
    hash: u64,
    address: IpAddr,
    user_agent: Box<[u8]>,
    requests: AtomicU64,
}

impl Callers {
    /// Counts a request. Only the first [`USER_AGENT_BYTES`] of the user agent count.
    pub fn count(&self, address: IpAddr, user_agent: &[u8]) {
        let user_agent = &user_agent[..user_agent.len().min(USER_AGENT_BYTES)];
        let mut hasher = DefaultHasher::new();
        (address, user_agent).hash(&mut hasher);
        let hash = hasher.finish();
        let new = || Caller { hash, address, user_agent: user_agent.into(), requests: AtomicU64::new(0) };
        let start = hash as usize % MAX_CALLERS;
        let (before, from) = self.0.slots.split_at(start);
        for slot in from.iter().chain(before) {
            let caller = slot.get_or_init(new);
            if caller.hash == hash && caller.address == address && *caller.user_agent == *user_agent {
                caller.requests.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        self.0.other.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for Table {
    fn default() -> Table {
        Table { slots: [const { OnceLock::new() }; MAX_CALLERS], other: AtomicU64::new(0) }
    }
}

impl EncodeMetric for Callers {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let mut encode = |address: &str, user_agent: &str, requests: &AtomicU64| {
            let requests = ConstCounter::new(requests.load(Ordering::Relaxed));
            requests.encode(encoder.encode_family(&[("address", address), ("user_agent", user_agent)])?)
        };
        for caller in self.0.slots.iter().filter_map(OnceLock::get) {
            encode(&caller.address.to_string(), &printable(&caller.user_agent), &caller.requests)?;
        }
        encode(OTHER, OTHER, &self.0.other)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Callers {
    const TYPE: MetricType = MetricType::Counter;
}

/// Escapes the bytes as one line of printable ASCII. A backslash is doubled, so that different user
/// agents have different labels.
fn printable(user_agent: &[u8]) -> String {
    let mut text = String::with_capacity(user_agent.len());
    for &byte in user_agent {
        let _ = match byte {
            b'\\' => text.write_str(r"\\"),
            b' '..=b'~' => text.write_char(char::from(byte)),
            _ => write!(text, r"\x{byte:02x}"),
        };
    }
    text
}

const MAX_CALLERS: usize = 64;
const USER_AGENT_BYTES: usize = 128;
const OTHER: &str = "other";
