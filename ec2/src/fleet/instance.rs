use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::net::SocketAddrV4;

use super::ApiAttributes;
use imds::instance::Instance;
use imds::record::json::{Json, JsonError, JsonNode, Printer};
use imds::record::{Line, Name};
use imds::time::Timestamp;
use imds::{json_enum, json_struct};

/// An instance's place in the order of all launches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaunchSeq(u32);

impl LaunchSeq {
    /// The first instance's.
    pub const FIRST: LaunchSeq = LaunchSeq(0);

    /// The place after this one. After the last that there can be it is that one again.
    #[must_use]
    pub const fn next(self) -> LaunchSeq {
        LaunchSeq(self.0.saturating_add(1))
    }

    /// The place as a number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<u32> for LaunchSeq {
    fn from(place: u32) -> LaunchSeq {
        LaunchSeq(place)
    }
}

impl Json for LaunchSeq {
    fn placeholder() -> LaunchSeq {
        LaunchSeq::FIRST
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        self.0.read(node)
    }

    fn write(&self, to: &mut Printer) {
        self.0.write(to);
    }
}

/// One instance of a fleet: its metadata service, its state, and what the API shows of it besides.
#[derive(Debug, Clone)]
pub struct FleetInstance {
    pub(super) order: LaunchSeq,
    pub(super) instance: Instance,
    pub(super) life: Transition,
    pub(super) tags: Arc<BTreeMap<String, String>>,
    pub(super) notes: Arc<ApiAttributes>,
    pub(super) client_token: Option<Line>,
    pub(super) endpoint: Option<SocketAddrV4>,
}

impl FleetInstance {
    /// Its place in the order of launches.
    pub fn order(&self) -> LaunchSeq {
        self.order
    }

    /// Its id.
    pub fn id(&self) -> &Name {
        &self.instance.details().instance_id
    }

    /// Its metadata service.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Its state at this time.
    pub fn state(&self, now: Timestamp) -> InstanceState {
        if now < self.life.until() { self.life.toward } else { self.life.toward.settled() }
    }

    /// When it was asked to go where it is going, or went.
    pub fn state_since(&self) -> Timestamp {
        self.life.since
    }

    /// Its tags. The metadata of a Xen instance shows changes of them only after the next start.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// What the API shows of it besides.
    pub fn notes(&self) -> &ApiAttributes {
        &self.notes
    }

    /// The client token of its launch.
    pub fn client_token(&self) -> Option<&str> {
        self.client_token.as_deref()
    }

    /// The address of its own at which the shell serves it, if it does.
    pub fn endpoint(&self) -> Option<SocketAddrV4> {
        self.endpoint
    }

    /// Whether it is terminated or about to be.
    pub(super) fn is_over(&self) -> bool {
        self.life.toward.settled() == InstanceState::Terminated
    }

    /// Whether its metadata service answers: for as long as the machine may be on.
    pub fn is_served(&self, now: Timestamp) -> bool {
        !matches!(self.state(now), InstanceState::Stopped | InstanceState::Terminated)
    }

    /// Whether it answers who asks over IPv4 or IPv6.
    pub fn is_served_over(&self, now: Timestamp, ipv6: bool) -> bool {
        self.is_served(now) && (!ipv6 || self.instance.options(now).http_protocol_ipv6.is_enabled())
    }
}

/// The state that an instance is in or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transition {
    /// A passing state: what it is until it has settled.
    pub toward: InstanceState,
    pub since: Timestamp,
    /// How long it takes to settle.
    pub millis: u32,
}

impl Transition {
    pub fn new(toward: InstanceState, since: Timestamp, millis: u32) -> Transition {
        Transition { toward, since, millis }
    }

    /// When it has settled.
    pub fn until(self) -> Timestamp {
        self.since.saturating_add_millis(self.millis.into())
    }
}

/// The states of an instance, with the names and codes of EC2's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstanceState {
    /// On its way up.
    Pending,
    /// Up.
    Running,
    /// On its way to the end.
    ShuttingDown,
    /// Gone.
    Terminated,
    /// On its way to a stop.
    Stopping,
    /// Down, to be started again.
    Stopped,
}

json_struct! {
    Transition { needed { toward, since, millis } }
}

json_enum! {
    InstanceState: Pending Running ShuttingDown Terminated Stopping Stopped;
}

impl InstanceState {
    /// The state's code.
    pub const fn code(self) -> u16 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
            InstanceState::Stopping => 64,
            InstanceState::Stopped => 80,
        }
    }

    /// The state's name.
    pub const fn name(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
            InstanceState::Stopping => "stopping",
            InstanceState::Stopped => "stopped",
        }
    }

    /// Where a passing state ends.
    pub(super) const fn settled(self) -> InstanceState {
        match self {
            InstanceState::Pending | InstanceState::Running => InstanceState::Running,
            InstanceState::ShuttingDown | InstanceState::Terminated => InstanceState::Terminated,
            InstanceState::Stopping | InstanceState::Stopped => InstanceState::Stopped,
        }
    }
}

/// What an operation did to an instance's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange {
    /// The state before.
    pub previous: InstanceState,
    /// The state that follows at once.
    pub current: InstanceState,
}
