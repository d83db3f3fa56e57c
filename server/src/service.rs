//! What all connections share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use imds::connection::KeepAlive;
use imds::{Instance, Seed, Throttle, Timestamp};

use crate::args::Options;
use crate::clock::Clock;
use crate::instance;

/// The instance, and all that the core asks of its shell to answer for it.
pub struct Service {
    pub instance: Instance,
    pub clock: Clock,
    pub keep_alive: KeepAlive,
    throttle: Option<Mutex<Throttle>>,
    nonce: AtomicU64,
}

impl Service {
    pub fn new(options: &Options) -> Result<Service, String> {
        let no_randomness = |error| format!("the system has no randomness: {error}");
        // With a seed of its own, a run can be repeated down to the tokens.
        let (seed, nonce) = match &options.seed {
            Some(seed) => (seed.clone(), 0),
            None => (random_seed().map_err(no_randomness)?, getrandom::u64().map_err(no_randomness)?),
        };
        let clock = Clock::start(options.clock);
        Ok(Service {
            instance: instance::launch(options, &seed, clock.now())?,
            clock,
            keep_alive: if options.keep_alive { KeepAlive::On } else { KeepAlive::Off },
            throttle: options.throttle.map(|per_second| Mutex::new(Throttle::new(per_second))),
            nonce: AtomicU64::new(nonce),
        })
    }

    /// Whether connections of the address's family are closed without an answer.
    pub fn refuses(&self, address: SocketAddr) -> bool {
        address.is_ipv6() && !self.instance.options(self.clock.now()).http_protocol_ipv6.is_enabled()
    }

    /// A number that no other request gets.
    pub fn nonce(&self) -> u64 {
        self.nonce.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts one request and says whether it is one too many.
    pub fn is_throttled(&self, now: Timestamp) -> bool {
        let Some(throttle) = &self.throttle else { return false };
        // Nothing panics while holding it, and a count is a count even then.
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        !throttle.admit(now)
    }
}

fn random_seed() -> Result<Seed, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Seed::new(bytes))
}
