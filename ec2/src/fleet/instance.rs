use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::net::SocketAddrV4;

use super::attributes::ApiAttributes;
use super::launch_seq::LaunchSeq;
use super::state::{InstanceState, Transition};
use imds::instance::Instance;
use imds::record::{Line, Name};
use imds::time::Timestamp;

/// One instance of a fleet: its metadata service, its state, and the attributes that only the API
/// shows.
#[derive(Debug, Clone)]
pub struct FleetInstance {
    pub(super) launch_seq: LaunchSeq,
    pub(super) instance: Instance,
    pub(super) transition: Transition,
    pub(super) tags: Arc<BTreeMap<String, String>>,
    pub(super) attributes: Arc<ApiAttributes>,
    pub(super) client_token: Option<Line>,
    pub(super) endpoint: Option<SocketAddrV4>,
}

impl FleetInstance {
    /// Its position in the order of launches.
    pub fn launch_seq(&self) -> LaunchSeq {
        self.launch_seq
    }

    /// Its id.
    pub fn id(&self) -> &Name {
        &self.instance.details().instance_id
    }

    /// Its metadata service.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Its state at the given time.
    pub fn state(&self, now: Timestamp) -> InstanceState {
        self.transition.state(now)
    }

    /// When its last launch, start, stop or termination began.
    pub fn state_since(&self) -> Timestamp {
        self.transition.started
    }

    /// Its tags. The metadata of a Xen instance shows a change of them only after the next start.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// The attributes that the API shows and the metadata does not.
    pub fn attributes(&self) -> &ApiAttributes {
        &self.attributes
    }

    /// The client token of its launch.
    pub fn client_token(&self) -> Option<&str> {
        self.client_token.as_deref()
    }

    /// The loopback address and port at which the shell serves this instance alone.
    pub fn endpoint(&self) -> Option<SocketAddrV4> {
        self.endpoint
    }

    /// Returns whether its metadata service answers: in all states but `stopped` and `terminated`.
    pub fn is_served(&self, now: Timestamp) -> bool {
        !matches!(self.state(now), InstanceState::Stopped | InstanceState::Terminated)
    }

    /// Returns whether its metadata service answers over IPv6 (`ipv6`) or over IPv4.
    pub fn is_served_over(&self, now: Timestamp, ipv6: bool) -> bool {
        self.is_served(now) && (!ipv6 || self.instance.options(now).http_protocol_ipv6.is_enabled())
    }
}
