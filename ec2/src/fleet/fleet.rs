//! Many instances, by id and by address: launched, modified, stopped, started, terminated.
//!
//! The fleet is a machine like [`Connection`](imds::Connection): operations take the time first, what happened is drained
//! from [`Fleet::poll_event`], and [`Fleet::poll_timeout`] says when time alone changes something.
//!
//! **A clone shares everything with its original until one of them changes, and costs next to nothing.** So an operation that
//! is refused has changed nothing, several operations are one where they are tried on a clone, and whoever answers requests on
//! other threads does so from a clone that nobody changes.
//!
//! ```
//! use imds_ec2::fleet::{Fleet, InstanceState, Launch};
//! use imds::{Record, Seed, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
//! let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
//! let ids = fleet.launch(now, &Launch { count: 2, ..Launch::of(record) })?;
//! let member = fleet.member(&ids[0]).ok_or("launched")?;
//! let address = member.instance().details().primary().local_ipv4s[0];
//! assert_eq!(fleet.find_by_address(now, address.into()).map(|found| found.id()), Some(&ids[0]));
//!
//! fleet.terminate(now, &ids[0])?;
//! assert_eq!(fleet.member(&ids[0]).map(|member| member.state(now)), Some(InstanceState::Terminated));
//! assert!(fleet.find_by_address(now, address.into()).is_none(), "a terminated instance is silent");
//! # Ok(())
//! # }
//! ```

mod account;
mod address;
mod error;
mod event;
mod file;
mod launch;
mod member;
mod operations;
mod snapshot;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

pub use account::{AccountDefaults, Image};
pub use error::FleetError;
pub use event::{Event, EventKind};
pub use launch::{ApiAttributes, ClientToken, Launch, Tenancy, Volume};
pub use member::{FleetInstance, InstanceState, LaunchSeq, StateChange};
pub use snapshot::SNAPSHOT_VERSION;

use imds::record::{InstanceOverrides, Line, Name, Record};
use imds::seed::Seed;
use imds::time::Timestamp;

/// Many instances. See the [module](self) for how it is driven.
#[derive(Clone)]
pub struct Fleet {
    seed: Seed,
    /// How many values were drawn from the seed: the next one is another.
    drawn: u64,
    settings: Settings,
    account: AccountDefaults,
    images: RedBlackTreeMapSync<Line, Image>,
    /// What launches begin with, as a launch template of EC2's.
    launch_template: Arc<Record>,
    /// What the next instances have of their own.
    planned: Arc<VecDeque<InstanceOverrides>>,
    next: LaunchSeq,
    members: RedBlackTreeMapSync<LaunchSeq, FleetInstance>,
    by_id: RedBlackTreeMapSync<Name, LaunchSeq>,
    by_address: RedBlackTreeMapSync<IpAddr, LaunchSeq>,
    /// The addresses of the loopback network that the private one does not give away.
    by_loopback: RedBlackTreeMapSync<Ipv4Addr, LaunchSeq>,
    by_client_token: RedBlackTreeMapSync<Line, Arc<TokenUse>>,
    /// Where in a subnet the search for a free address goes on.
    cursors: RedBlackTreeMapSync<Line, u32>,
    /// How many public addresses were given away.
    public_addresses: u32,
    /// When time alone changes something, and of whom.
    agenda: RedBlackTreeSetSync<(Timestamp, LaunchSeq, TimedEvent)>,
    /// What the last launch's instances share: equal launches in a row share it too.
    last_launch: Option<launch::Common>,
    events: VecDeque<Event>,
}

/// A launch that a client token stands for.
#[derive(Debug, PartialEq, Eq)]
struct TokenUse {
    digest: [u8; 32],
    launched: Vec<LaunchSeq>,
}

/// What time alone brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum TimedEvent {
    /// Options that were pending are in force.
    Applied,
    /// A passing state has ended.
    Settled,
    /// A terminated instance is shown no longer.
    Purged,
}

/// How a fleet behaves where EC2 leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long a change of metadata options is pending, in milliseconds.
    pub modify_millis: u64,
    /// How long a launch, a start, a stop and a termination take, in milliseconds.
    pub transition_millis: u32,
    /// The port at which the shell serves each instance at an [endpoint](FleetInstance::endpoint) of its own in 127.0.0.0/8, if it does.
    pub loopback_port: Option<u16>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { modify_millis: 1000, transition_millis: 0, loopback_port: None }
    }
}

impl Fleet {
    /// A fleet without instances. All that it makes up derives from the seed.
    pub fn new(seed: Seed) -> Fleet {
        Fleet {
            seed,
            drawn: 0,
            settings: Settings::default(),
            account: AccountDefaults::default(),
            images: RedBlackTreeMapSync::new_sync(),
            launch_template: Arc::new(launch::default_template()),
            planned: Arc::default(),
            next: LaunchSeq::FIRST,
            members: RedBlackTreeMapSync::new_sync(),
            by_id: RedBlackTreeMapSync::new_sync(),
            by_address: RedBlackTreeMapSync::new_sync(),
            by_loopback: RedBlackTreeMapSync::new_sync(),
            by_client_token: RedBlackTreeMapSync::new_sync(),
            cursors: RedBlackTreeMapSync::new_sync(),
            public_addresses: 0,
            agenda: RedBlackTreeSetSync::new_sync(),
            last_launch: None,
            events: VecDeque::new(),
        }
    }

    /// The instance of that id, terminated ones included for as long as EC2 shows them.
    pub fn member(&self, id: &str) -> Option<&FleetInstance> {
        self.members.get(self.by_id.get(id)?)
    }

    /// The instance that was launched first.
    pub fn first_launched(&self) -> Option<&FleetInstance> {
        self.members.first().map(|(_, member)| member)
    }

    /// All instances from that place on, in the order of their launches.
    pub fn members(&self, from: LaunchSeq) -> impl Iterator<Item = &FleetInstance> {
        self.members.range(from..).map(|(_, member)| member)
    }

    /// How many there are, terminated ones included for as long as EC2 shows them.
    pub fn len(&self) -> usize {
        self.members.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The running instance that has this address: a private one, or its own of the loopback network.
    pub fn find_by_address(&self, now: Timestamp, address: IpAddr) -> Option<&FleetInstance> {
        let order = match address {
            IpAddr::V4(loopback) if loopback.is_loopback() => self.at_loopback(loopback)?,
            _ => *self.by_address.get(&address)?,
        };
        self.members.get(&order).filter(|member| member.is_served(now))
    }

    /// Whether nothing has changed between a fleet and a clone of it. It is as good as free, and may say no of two fleets that
    /// came to be the same in different ways.
    pub fn is_unchanged_from(&self, other: &Fleet) -> bool {
        self.members.ptr_eq(&other.members)
            && self.agenda.ptr_eq(&other.agenda)
            && self.by_client_token.ptr_eq(&other.by_client_token)
            && self.images.ptr_eq(&other.images)
            && Arc::ptr_eq(&self.launch_template, &other.launch_template)
            && Arc::ptr_eq(&self.planned, &other.planned)
            && (self.drawn, self.next, self.public_addresses) == (other.drawn, other.next, other.public_addresses)
            && (self.settings, self.account) == (other.settings, other.account)
    }

    /// How it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes how it behaves from here on. What is pending stays so for as long as it was to be; instances get endpoints, or
    /// other ports, or lose them, as the port says.
    pub fn set_settings(&mut self, settings: Settings) {
        let is_other_port = settings.loopback_port != self.settings.loopback_port;
        self.settings = settings;
        if !is_other_port {
            return;
        }
        let members: Vec<(LaunchSeq, Option<Ipv4Addr>, Option<SocketAddrV4>)> = self
            .members
            .values()
            .filter(|member| !self.has_ended(member))
            .map(|member| {
                let private = member.instance.details().primary().local_ipv4s.first().copied();
                (member.order, private, member.endpoint)
            })
            .collect();
        for (order, private, before) in members {
            let endpoint = match (before, settings.loopback_port) {
                (Some(endpoint), Some(port)) => Some(SocketAddrV4::new(*endpoint.ip(), port)),
                (None, Some(_)) => self.loopback_endpoint(order, private),
                (_, None) => None,
            };
            if let (Some(before), None) = (before, endpoint) {
                self.free_loopback(order, *before.ip());
            }
            self.change(order, |member| member.endpoint = endpoint);
        }
    }

    /// Sets where the shell serves an instance. The instance gives up the loopback address that the
    /// fleet chose for it.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`].
    pub fn set_endpoint(&mut self, id: &str, endpoint: Option<SocketAddrV4>) -> Result<(), FleetError> {
        let order = self.order_of(id)?;
        let before = self.change(order, |member| core::mem::replace(&mut member.endpoint, endpoint)).flatten();
        if let Some(before) = before.filter(|before| endpoint.is_none_or(|endpoint| endpoint.ip() != before.ip())) {
            self.free_loopback(order, *before.ip());
        }
        Ok(())
    }

    /// What launches begin with, as a launch template of EC2's.
    pub fn launch_template(&self) -> &Record {
        &self.launch_template
    }

    /// Sets what launches begin with.
    pub fn set_launch_template(&mut self, record: Record) {
        self.launch_template = Arc::new(record);
    }

    /// What the next instances have of their own, in the order of their launches, where a launch does not say.
    pub fn queue_overrides(&mut self, own: impl IntoIterator<Item = InstanceOverrides>) {
        Arc::make_mut(&mut self.planned).extend(own);
    }

    /// Why a token from an earlier launch is the same launch again, or another one.
    pub fn launched_with(&self, client_token: &str) -> Option<(&[u8; 32], impl Iterator<Item = &FleetInstance>)> {
        let used = self.by_client_token.get(client_token)?;
        Some((&used.digest, used.launched.iter().filter_map(|order| self.members.get(order))))
    }

    /// The next thing that happened, in order. What happened to a request is its answer's trace.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When time alone changes something next: an option takes effect, a state is reached, a terminated instance is forgotten.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, ..)| *at)
    }

    /// A value of its own from the fleet's one stream of randomness.
    pub(crate) fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn = self.drawn.wrapping_add(1);
        self.seed.draw("imds 2026 fleet v1", &[&self.drawn.to_le_bytes()])
    }

    /// A value that derives from the fleet's seed and these parts alone: the same again, and nothing is used up.
    pub(crate) fn derive<const N: usize>(&self, purpose: &str, parts: &[&[u8]]) -> [u8; N] {
        self.seed.draw(purpose, parts)
    }

    /// An id such as `i-0123456789abcdef0`, of that prefix.
    fn draw_id(&mut self, prefix: &str) -> String {
        let mut id = String::from(prefix);
        id.push_str("-0");
        for byte in self.draw::<8>() {
            for digit in [byte >> 4, byte & 15] {
                id.extend(char::from_digit(digit.into(), 16));
            }
        }
        id
    }

    fn order_of(&self, id: &str) -> Result<LaunchSeq, FleetError> {
        self.by_id.get(id).copied().ok_or_else(|| FleetError::NoSuchInstance(id.into()))
    }

    /// Changes one instance, if it is there. Clones of the fleet keep it as it was.
    fn change<T>(&mut self, order: LaunchSeq, change: impl FnOnce(&mut FleetInstance) -> T) -> Option<T> {
        self.members.get_mut(&order).map(change)
    }

    /// Does all of it or nothing.
    fn attempt<T>(&mut self, steps: impl FnOnce(&mut Fleet) -> Result<T, FleetError>) -> Result<T, FleetError> {
        let mut trial = self.clone();
        let done = steps(&mut trial)?;
        *self = trial;
        Ok(done)
    }

    fn note(&mut self, at: Timestamp, instance: &Name, kind: EventKind) {
        self.events.push_back(Event { at, instance: instance.clone(), kind });
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("instances", &self.len()).finish_non_exhaustive()
    }
}
