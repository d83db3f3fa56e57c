//! Who still speaks version 1: counts by address and user agent, within bounds.

use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Callers in places that are filled once and never change hands, so that whoever counts takes no lock.
#[derive(Debug, Clone, Default)]
pub struct Callers(Arc<Table>);

#[derive(Debug)]
struct Table {
    /// A caller is in the place that its hash names, or in the next one that was free.
    places: [OnceLock<Caller>; CALLERS],
    /// Calls of those who came when all places were taken.
    other: AtomicU64,
}

#[derive(Debug)]
struct Caller {
    hash: u64,
    address: IpAddr,
    agent: Box<[u8]>,
    calls: AtomicU64,
}

impl Callers {
    pub fn count(&self, address: IpAddr, agent: &[u8]) {
        let agent = &agent[..agent.len().min(AGENT_BYTES)];
        let mut hasher = DefaultHasher::new();
        (address, agent).hash(&mut hasher);
        let hash = hasher.finish();
        let new = || Caller { hash, address, agent: agent.into(), calls: AtomicU64::new(0) };
        let start = hash as usize % CALLERS;
        let (before, from) = self.0.places.split_at(start);
        for place in from.iter().chain(before) {
            let caller = place.get_or_init(new);
            if caller.hash == hash && caller.address == address && *caller.agent == *agent {
                caller.calls.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        self.0.other.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for Table {
    fn default() -> Table {
        Table { places: [const { OnceLock::new() }; CALLERS], other: AtomicU64::new(0) }
    }
}

impl EncodeMetric for Callers {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let mut encode = |address: &str, agent: &str, calls: &AtomicU64| {
            let calls = ConstCounter::new(calls.load(Ordering::Relaxed));
            calls.encode(encoder.encode_family(&[("address", address), ("user_agent", agent)])?)
        };
        for caller in self.0.places.iter().filter_map(OnceLock::get) {
            encode(&caller.address.to_string(), &printable(&caller.agent), &caller.calls)?;
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

/// The bytes as one line of printable ASCII; a backslash is doubled, so that two agents never look the same.
fn printable(agent: &[u8]) -> String {
    let mut text = String::with_capacity(agent.len());
    for &byte in agent {
        let _ = match byte {
            b'\\' => text.write_str(r"\\"),
            b' '..=b'~' => text.write_char(char::from(byte)),
            _ => write!(text, r"\x{byte:02x}"),
        };
    }
    text
}

const CALLERS: usize = 64;
const AGENT_BYTES: usize = 128;
const OTHER: &str = "other";
