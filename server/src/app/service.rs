//! The state that all connections share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use imds::connection::KeepAlive;
use imds::{Nonce, Seed, Throttle, Timestamp};
use imds_ec2::{Fleet, query};

use super::fleet_store::{FleetStore, NotStored};
use super::fleet_writer::FleetWriter;
use super::initial_fleet::{self, FleetConfig};
use super::query_response::QueryResponse;
use super::router::{EndpointMode, Route, Router};
use super::state_file::StateFile;
use crate::clock::{Clock, ClockStart, MonotonicClock};
use crate::telemetry::{RejectReason, Telemetry};

/// The configuration of a [`Service`].
pub struct ServiceConfig {
    pub fleet: FleetConfig,
    pub seed: Option<Seed>,
    pub clock: ClockStart,
    pub endpoint_mode: EndpointMode,
    pub keep_alive: KeepAlive,
    /// Requests per second; more are answered with 503.
    pub request_rate: Option<u32>,
    /// Calls of the EC2 API per second.
    pub api_rate: Option<u32>,
    /// Whether to collect telemetry for a console, which can also launch instances.
    pub has_console: bool,
}

/// The fleet and its environment: clocks, nonces and rate limits.
pub struct Service {
    pub fleet: Arc<FleetStore>,
    pub clock: Clock,
    /// The clock of connection deadlines.
    pub monotonic: MonotonicClock,
    pub router: Router,
    pub keep_alive: KeepAlive,
    /// `None` without a console.
    pub telemetry: Option<Arc<Telemetry>>,
    has_fleet_file: bool,
    request_limit: Option<Mutex<Throttle>>,
    api_limit: Option<Mutex<Throttle>>,
    nonce: AtomicU64,
}

/// A [`Service`], and what changes and stores its fleet.
pub struct Loaded {
    pub service: Service,
    pub writer: FleetWriter,
    pub state: Option<StateFile>,
}

impl Service {
    /// Loads the fleet.
    ///
    /// # Errors
    ///
    /// One line: a file cannot be loaded, or the system has no random bytes.
    pub fn load(config: &ServiceConfig) -> Result<Loaded, String> {
        let no_randomness = |error| format!("cannot read system randomness: {error}");
        let (seed, nonce) = match &config.seed {
            // A run with a seed is reproducible, including its tokens.
            Some(seed) if config.fleet.state.is_none() => (seed.clone(), 0),
            // A run that continues from a state file must not repeat nonces.
            Some(seed) => (seed.clone(), getrandom::u64().map_err(no_randomness)?),
            None => (random_seed().map_err(no_randomness)?, getrandom::u64().map_err(no_randomness)?),
        };
        let clock = Clock::start(config.clock);
        let state = config.fleet.state.as_deref().map(StateFile::open).transpose()?;
        let fleet = initial_fleet::load(&config.fleet, state.as_ref(), seed, clock.now())?;
        let first = fleet.first_launched().map(|instance| instance.id().clone());
        let telemetry: Option<Arc<Telemetry>> = config.has_console.then(Arc::default);
        let limit = |per_second| Mutex::new(Throttle::new(per_second));
        let (fleet, writer) = FleetWriter::new(fleet, clock, telemetry.clone());
        let service = Service {
            router: Router::new(first, config.endpoint_mode),
            fleet,
            clock,
            monotonic: MonotonicClock::start(),
            keep_alive: config.keep_alive,
            telemetry,
            has_fleet_file: config.fleet.fleet.is_some(),
            request_limit: config.request_rate.map(limit),
            api_limit: config.api_rate.map(limit),
            nonce: AtomicU64::new(nonce),
        };
        Ok(Loaded { service, writer, state })
    }

    /// Returns whether there are, or can be, more instances than the first.
    pub fn can_have_more_instances(&self) -> bool {
        self.telemetry.is_some() || self.has_fleet_file || self.fleet.load().len() > 1
    }

    /// Answers a call of the EC2 Query API. `form` is the request body.
    ///
    /// A call that reads runs on a clone of the fleet in a thread of its own; one that changes the
    /// fleet runs in the fleet's thread, and is answered when the change is stored.
    pub async fn call_ec2(self: &Arc<Service>, form: Vec<u8>) -> QueryResponse {
        let now = self.clock.now();
        let nonce = Nonce::new(self.next_nonce());
        if self.api_limit.as_ref().is_some_and(|limit| !admit(limit, now)) {
            return query::reject_over_limit(&self.fleet.load(), &form, nonce).into();
        }
        if query::is_read_only(&form) {
            let mut fleet = Fleet::clone(&self.fleet.load());
            let call = move || query::handle(&mut fleet, now, &form, nonce);
            return tokio::task::spawn_blocking(call)
                .await
                .map_or_else(|_| QueryResponse::internal_error(), Into::into);
        }
        let clock = self.clock;
        let answer = self.fleet.commit(move |fleet| query::handle(fleet, clock.now(), &form, nonce)).await;
        answer.map_or_else(|NotStored| QueryResponse::not_stored(), Into::into)
    }

    /// Returns why a connection is closed without a response, if it is. `address` is either end of
    /// the connection.
    pub fn reject_reason(&self, route: &Route, address: SocketAddr) -> Option<RejectReason> {
        let now = self.clock.now();
        let fleet = self.fleet.load();
        let Some(instance) = route.find(&fleet, now) else { return Some(RejectReason::NoInstance) };
        (!instance.is_served_over(now, address.is_ipv6())).then_some(RejectReason::Ipv6Disabled)
    }

    /// Returns a number that no other request gets.
    pub fn next_nonce(&self) -> u64 {
        self.nonce.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a request and returns whether it exceeds the rate limit.
    pub fn is_throttled(&self, now: Timestamp) -> bool {
        self.request_limit.as_ref().is_some_and(|limit| !admit(limit, now))
    }
}

fn admit(limit: &Mutex<Throttle>, now: Timestamp) -> bool {
    // Nothing panics while it is locked.
    limit.lock().unwrap_or_else(PoisonError::into_inner).admit(now)
}

fn random_seed() -> Result<Seed, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Seed::new(bytes))
}
