//! The state that all connections share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use imds::connection::KeepAlive;
use imds::{Nonce, Seed, Throttle, Timestamp};
use imds_ec2::{Fleet, query};

use super::call_limits::CallLimits;
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
    pub calls: CallLimits,
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
        let fleet = initial_fleet::load(&config.fleet, state.as_ref(), seed, &clock)?;
        let first = fleet.first_launched().map(|instance| instance.id().clone());
        let telemetry: Option<Arc<Telemetry>> = config.has_console.then(Arc::default);
        let limit = |per_second| Mutex::new(Throttle::new(per_second));
        let (fleet, writer) = FleetWriter::new(fleet, clock.clone(), telemetry.clone());
        let service = Service {
            router: Router::new(first, config.endpoint_mode),
            fleet,
            clock,
            monotonic: MonotonicClock::start(),
            keep_alive: config.keep_alive,
            calls: CallLimits::new(),
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
    /// A thread of its own reads the form, which can be long, and answers a call that only reads, on a
    /// clone of the fleet. A call that changes the fleet runs in the fleet's thread, and is answered
    /// when the change is stored.
    pub async fn call_ec2(self: &Arc<Service>, form: Vec<u8>) -> QueryResponse {
        let clock = self.clock.clone();
        let nonce = Nonce::new(self.next_nonce());
        let is_over_limit = self.is_over_api_limit();
        let permit = self.calls.work.acquire().await;
        let mut fleet = Fleet::clone(&self.fleet.load());
        let read = move || {
            let read = if is_over_limit {
                Ok(query::reject_over_limit(&fleet, &form, nonce))
            } else if query::is_read_only(&form) {
                Ok(query::handle(&mut fleet, clock.now(), &form, nonce))
            } else {
                Err(form)
            };
            drop(permit);
            read
        };
        let form = match tokio::task::spawn_blocking(read).await {
            Ok(Ok(response)) => return response.into(),
            Ok(Err(form)) => form,
            Err(_) => return QueryResponse::internal_error(),
        };
        let permit = self.calls.changes.acquire().await;
        let clock = self.clock.clone();
        let change = move |fleet: &mut Fleet| {
            let response = query::handle(fleet, clock.now(), &form, nonce);
            drop(permit);
            response
        };
        self.fleet.commit(change).await.map_or_else(|NotStored| QueryResponse::not_stored(), Into::into)
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

    /// Counts a request and returns whether it exceeds the rate limit. A clock that is paused or
    /// advanced does not change the rate.
    pub fn is_throttled(&self) -> bool {
        self.request_limit.as_ref().is_some_and(|limit| !admit(limit, self.monotonic.now()))
    }

    /// Counts a call and returns whether it exceeds the rate limit of calls.
    pub fn is_over_api_limit(&self) -> bool {
        self.api_limit.as_ref().is_some_and(|limit| !admit(limit, self.monotonic.now()))
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};
    use std::time::Duration;

    use imds::connection::KeepAlive;
    use tokio::runtime::{Builder, Runtime};
    use tokio::task::JoinSet;
    use tokio::time::timeout;

    use super::super::call_limits::MAX_CALLS;
    use super::super::initial_fleet::FleetConfig;
    use super::super::router::EndpointMode;
    use super::{Loaded, Service, ServiceConfig};
    use crate::clock::ClockStart;

    #[test]
    fn changes_wait_in_a_bounded_number_even_if_their_clients_have_left() {
        let Loaded { service, writer, .. } = Service::load(&config()).unwrap();
        let service = Arc::new(service);
        runtime().block_on(async {
            let mut clients = JoinSet::new();
            for _ in 0..2 * MAX_CALLS {
                let service = service.clone();
                clients.spawn(async move { service.call_ec2(DELETE_TAGS.to_vec()).await });
            }
            let all_wait = async {
                while service.calls.changes.available() > 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            timeout(TIMEOUT, all_wait).await.expect("the changes wait for the fleet's thread");
            clients.shutdown().await;
            assert_eq!(service.calls.changes.available(), 0);
            writer.start().unwrap();
            let response = timeout(TIMEOUT, service.call_ec2(DELETE_TAGS.to_vec())).await;
            assert_eq!(response.expect("the changes before it are made").status, 200);
        });
        assert_eq!(service.calls.changes.available(), MAX_CALLS as usize);
    }

    #[test]
    fn forms_are_read_by_threads_with_a_permit_to_work() {
        let Loaded { service, .. } = Service::load(&ServiceConfig { api_rate: Some(1), ..config() }).unwrap();
        let service = Arc::new(service);
        runtime().block_on(async {
            let mut permits = Vec::new();
            while service.calls.work.available() > 0 {
                permits.push(service.calls.work.acquire().await);
            }
            // The second one is over the rate.
            for _ in 0..2 {
                let mut call = pin!(service.call_ec2(DELETE_TAGS.to_vec()));
                assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
                assert_eq!(service.calls.changes.available(), MAX_CALLS as usize);
            }
        });
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_time().build().unwrap()
    }

    const DELETE_TAGS: &[u8] = b"Action=DeleteTags&Version=2016-11-15&ResourceId.1=i-0abcdef1234567890";
    const TIMEOUT: Duration = Duration::from_secs(20);

    fn config() -> ServiceConfig {
        ServiceConfig {
            fleet: FleetConfig::default(),
            seed: None,
            clock: ClockStart::System,
            endpoint_mode: EndpointMode::Addresses,
            keep_alive: KeepAlive::Off,
            request_rate: None,
            api_rate: None,
            has_console: true,
        }
    }
}
