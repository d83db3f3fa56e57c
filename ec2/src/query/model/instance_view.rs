use alloc::format;
use alloc::string::String;
use core::net::Ipv4Addr;

use super::hex;
use super::xml::Time;
use crate::fleet::{Fleet, FleetInstance, InstanceState, LaunchSeq};
use imds::http::Profile;
use imds::instance::OptionsState;
use imds::record::{Details, Interface, Line, Network, Template};
use imds::time::Timestamp;

/// An instance as the API shows it at one time. Descriptions and filters see the same.
#[derive(Clone, Copy)]
pub(super) struct InstanceView<'a> {
    pub member: &'a FleetInstance,
    pub state: InstanceState,
    pub options_state: OptionsState,
    pub now: Timestamp,
}

impl<'a> InstanceView<'a> {
    pub fn new(member: &'a FleetInstance, now: Timestamp) -> InstanceView<'a> {
        InstanceView { member, state: member.state(now), options_state: member.instance().wanted_options(now).1, now }
    }

    /// The instance as its launch answers it. AWS's example of `aws ec2 run-instances`: its state and its metadata options are
    /// `pending`, however soon it runs with them.
    pub fn launched(member: &'a FleetInstance, now: Timestamp) -> InstanceView<'a> {
        InstanceView { member, state: InstanceState::Pending, options_state: OptionsState::Pending, now }
    }

    /// All instances of a fleet from that place on, in the order of their launches.
    pub fn all(fleet: &'a Fleet, now: Timestamp, from: LaunchSeq) -> impl Iterator<Item = InstanceView<'a>> {
        fleet.members(from).map(move |member| InstanceView::new(member, now))
    }

    pub fn id(&self) -> &'a str {
        self.member.id()
    }

    pub fn details(&self) -> &'a Details {
        self.member.instance().details()
    }

    pub fn template(&self) -> &'a Template {
        &self.details().template
    }

    /// The interfaces and where each is attached. A terminated instance has none.
    pub fn interfaces(&self) -> impl Iterator<Item = (&'a Interface, &'a Network)> + use<'a> {
        let interfaces = if self.is_gone() { &[] } else { &*self.details().interfaces };
        interfaces.iter().zip(&self.template().networks)
    }

    pub fn primary(&self) -> Option<(&'a Interface, &'a Network)> {
        self.interfaces().next()
    }

    /// Whether it is terminated. EC2 takes from such an instance what others can have.
    pub fn is_gone(&self) -> bool {
        self.state == InstanceState::Terminated
    }

    /// An interface's public addresses. AWS: they are released when the instance stops.
    pub fn public_ipv4s(&self, interface: &'a Interface) -> &'a [Ipv4Addr] {
        match self.state {
            InstanceState::Stopped | InstanceState::Terminated => &[],
            _ => &interface.public_ipv4s,
        }
    }

    pub fn private_dns_name(&self, interface: &'a Interface) -> Option<String> {
        self.member.instance().private_dns_name(interface)
    }

    pub fn public_dns_name(&self, interface: &'a Interface) -> Option<String> {
        if self.public_ipv4s(interface).is_empty() { None } else { self.member.instance().public_dns_name(interface) }
    }

    /// What the launch said of an interface, or else of the primary one the address of its own at which the instance is served.
    pub fn description(&self, index: usize) -> String {
        match (self.member.notes().interface_descriptions.get(&index), self.member.endpoint()) {
            (Some(description), _) => (**description).into(),
            (None, Some(endpoint)) if index == 0 => format!("imds: http://{endpoint}"),
            _ => String::new(),
        }
    }

    pub fn root_device_name(&self) -> &'a str {
        let noted = self.member.notes().root_device_name.as_deref();
        let mapped = || self.template().block_device_mapping.get("root").map(|device| &**device);
        noted.or_else(mapped).unwrap_or(DEFAULT_ROOT_DEVICE)
    }

    /// The attached volumes: device, id, and whether it goes with the instance.
    pub fn volumes(&self) -> impl Iterator<Item = (&'a str, String, bool)> + use<'a> {
        let shown = *self;
        let noted = self.member.notes().volumes.iter();
        let noted = noted.map(|volume| (&*volume.device_name, volume.delete_on_termination));
        let root = self.member.notes().volumes.is_empty().then(|| (self.root_device_name(), true));
        let volumes = root.into_iter().chain(noted).filter(move |_| !shown.is_gone());
        volumes.map(move |(device, goes)| (device, shown.derived_id("vol", device), goes))
    }

    pub fn attachment_id(&self, interface: &Interface) -> String {
        self.derived_id("eni-attach", &interface.interface_id)
    }

    /// An id of something that this instance alone has.
    fn derived_id(&self, prefix: &str, what: &str) -> String {
        let seed = &self.template().seed;
        let bytes: [u8; 8] =
            seed.draw("imds 2026 control derived id v1", &[self.id().as_bytes(), prefix.as_bytes(), what.as_bytes()]);
        format!("{prefix}-0{}", hex(&bytes))
    }

    /// The instance profile's ARN and id.
    pub fn instance_profile(&self) -> Option<(String, &'a Line)> {
        let template = self.template();
        let role = template.record.role.as_ref()?;
        Some((template.instance_profile_arn(role).concat(), &template.instance_profile_id))
    }

    /// Who asked it into its state, as `User initiated (2020-09-26 14:28:58 GMT)`; nothing while it runs.
    pub fn reason(&self) -> String {
        if matches!(self.state, InstanceState::Pending | InstanceState::Running) {
            return String::new();
        }
        let since = format!("{}", Time(self.member.state_since()));
        let (date, time) = since.split_once('T').unwrap_or_default();
        format!("User initiated ({date} {} GMT)", time.split('.').next().unwrap_or_default())
    }

    /// The code and the message for the state that it was asked into.
    pub fn state_reason(&self) -> Option<(&'static str, &'static str)> {
        match self.state {
            InstanceState::Running => None,
            // AWS's example of `aws ec2 run-instances`.
            InstanceState::Pending => Some(("pending", "pending")),
            _ => Some(("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")),
        }
    }

    /// `spot` or `scheduled`; nothing for most.
    pub fn lifecycle(&self) -> Option<&'a str> {
        Some(&*self.template().instance_life_cycle).filter(|life_cycle| *life_cycle != "on-demand")
    }

    pub fn virtualization_type(&self) -> &'static str {
        if self.template().record.kernel_id.is_some() { "paravirtual" } else { "hvm" }
    }

    pub fn is_nitro(&self) -> bool {
        self.template().profile.name == Profile::NITRO.name
    }
}

/// Of Amazon's own images.
pub(super) const DEFAULT_ROOT_DEVICE: &str = "/dev/xvda";
