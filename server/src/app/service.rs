//! What all connections share.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use imds::connection::KeepAlive;
use imds::record::Name;
use imds::{Seed, Throttle, Timestamp};
use imds_ec2::query;

use crate::args::{Endpoints, Options};
use crate::beginning;
use crate::clock::{Clock, Steady};
use crate::console::watch::{Refused, Watch};
use crate::fleet::SharedFleet;
use crate::reply::Reply;
use crate::route::Route;

/// The fleet, and all that the core asks of its shell to answer for it.
pub struct Service {
    pub fleet: SharedFleet,
    pub clock: Clock,
    /// What the deadlines of connections go by.
    pub steady: Steady,
    /// Who is served where --listen says.
    first: Option<Name>,
    endpoints: Endpoints,
    pub keep_alive: KeepAlive,
    throttle: Option<Mutex<Throttle>>,
    nonce: AtomicU64,
    /// What the console shows of all this; where there is none, nothing is counted.
    pub watch: Option<Arc<Watch>>,
    /// How many calls of the EC2 API are taken in a second.
    calls: Option<Mutex<Throttle>>,
}

impl Service {
    pub fn new(options: &Options) -> Result<Service, String> {
        let no_randomness = |error| format!("the system has no randomness: {error}");
        // With a seed of its own, a run can be repeated down to the tokens.
        let (seed, nonce) = match &options.seed {
            Some(seed) if options.state.is_none() => (seed.clone(), 0),
            // A state may have been used with any nonce already.
            Some(seed) => (seed.clone(), getrandom::u64().map_err(no_randomness)?),
            None => (random_seed().map_err(no_randomness)?, getrandom::u64().map_err(no_randomness)?),
        };
        let clock = Clock::start(options.clock);
        let fleet = beginning::fleet(options, seed, clock.now())?;
        let first = fleet.first_launched().map(|member| member.id().clone());
        let watch: Option<Arc<Watch>> = options.console.is_on().then(Arc::default);
        Ok(Service {
            first,
            endpoints: options.endpoints(),
            fleet: SharedFleet::new(fleet, watch.clone()),
            clock,
            steady: Steady::start(),
            keep_alive: if options.keep_alive { KeepAlive::On } else { KeepAlive::Off },
            throttle: options.throttle.map(|per_second| Mutex::new(Throttle::new(per_second))),
            nonce: AtomicU64::new(nonce),
            watch,
            calls: options.api_rate.map(|per_second| Mutex::new(Throttle::new(per_second))),
        })
    }

    /// Whether there are, or can be, instances beside the first.
    pub fn may_grow(&self, options: &Options) -> bool {
        options.console.is_on() || options.fleet.is_some() || self.fleet.now().len() > 1
    }

    /// The instance that whoever asks this address is answered by: at the addresses of --listen the first, at others their
    /// own; or the one whose address the peer has.
    pub fn route(&self, asked: SocketAddr, is_listened_on: bool, peer: IpAddr) -> Route {
        match (&self.first, self.endpoints) {
            (_, Endpoints::Peers) => Route::Address(peer),
            (Some(first), _) if is_listened_on => Route::Instance(first.clone()),
            (None, _) if is_listened_on => Route::Nobody,
            _ => Route::Address(asked.ip()),
        }
    }

    /// Answers a call of the EC2 Query API, whose form is given as it came.
    pub fn ec2(&self, form: &[u8]) -> Reply {
        let now = self.clock.now();
        if self.calls.as_ref().is_some_and(|calls| !admits(calls, now)) {
            return query::refuse_over_limit(&self.fleet.now(), form, self.nonce()).into();
        }
        self.fleet.change(|fleet| query::handle(fleet, now, form, self.nonce())).into()
    }

    /// Why a connection is closed without an answer, if it is.
    pub fn refuses(&self, route: &Route, peer: SocketAddr) -> Option<Refused> {
        let now = self.clock.now();
        let fleet = self.fleet.now();
        let Some(member) = route.find(&fleet, now) else { return Some(Refused::NoInstance) };
        // The instance is on: it can only be that it does not answer over IPv6.
        (!member.is_served_over(now, peer.is_ipv6())).then_some(Refused::Ipv6Disabled)
    }

    /// A number that no other request gets.
    pub fn nonce(&self) -> u64 {
        self.nonce.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts one request and says whether it is one too many.
    pub fn is_throttled(&self, now: Timestamp) -> bool {
        self.throttle.as_ref().is_some_and(|throttle| !admits(throttle, now))
    }
}

fn admits(throttle: &Mutex<Throttle>, now: Timestamp) -> bool {
    // Nothing panics while holding it, and a count is a count even then.
    throttle.lock().unwrap_or_else(PoisonError::into_inner).admit(now)
}

fn random_seed() -> Result<Seed, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Seed::new(bytes))
}
