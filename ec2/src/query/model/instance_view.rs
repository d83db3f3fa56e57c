use alloc::format;
use alloc::string::{String, ToString};
use core::net::Ipv4Addr;

use super::constants::DEFAULT_ROOT_DEVICE;
use crate::fleet::{Fleet, FleetInstance, InstanceState, LaunchSeq, Volume};
use imds::http::Profile;
use imds::instance::OptionsState;
use imds::record::{Details, Interface, Line, Network, Record, Template, resource_id};
use imds::time::Timestamp;

/// An instance as the API shows it at one time, in responses and to filters.
#[derive(Clone, Copy)]
pub struct InstanceView<'a> {
    pub instance: &'a FleetInstance,
    pub state: InstanceState,
    pub options_state: OptionsState,
    pub now: Timestamp,
}

/// An attached volume.
pub struct VolumeView<'a> {
    pub device: &'a str,
    pub id: String,
    pub delete_on_termination: bool,
    /// The values that the launch set for it. `None` for the root volume of a launch without
    /// volumes.
    pub volume: Option<&'a Volume>,
}

impl<'a> VolumeView<'a> {
    /// A value that the launch set, by the name of its element.
    pub fn shown(&self, name: &str) -> Option<&'a str> {
        self.volume?.shown.get(name).map(String::as_str)
    }
}

impl<'a> InstanceView<'a> {
    pub fn new(instance: &'a FleetInstance, now: Timestamp) -> InstanceView<'a> {
        let (_, options_state) = instance.instance().requested_options(now);
        InstanceView { instance, state: instance.state(now), options_state, now }
    }

    /// The instance in the response to its launch. In AWS's example of `aws ec2 run-instances`, the
    /// state and the metadata options are `pending`; here they are even if they apply at once.
    pub fn launched(instance: &'a FleetInstance, now: Timestamp) -> InstanceView<'a> {
        InstanceView { instance, state: InstanceState::Pending, options_state: OptionsState::Pending, now }
    }

    /// All instances of a fleet from this position on, in the order of their launches.
    pub fn all(fleet: &'a Fleet, now: Timestamp, from: LaunchSeq) -> impl Iterator<Item = InstanceView<'a>> {
        fleet.instances(from).map(move |instance| InstanceView::new(instance, now))
    }

    pub fn id(&self) -> &'a str {
        self.instance.id()
    }

    pub fn details(&self) -> &'a Details {
        self.instance.instance().details()
    }

    pub fn template(&self) -> &'a Template {
        &self.details().template
    }

    pub fn record(&self) -> &'a Record {
        &self.template().record
    }

    /// The interfaces with their networks. A terminated instance has none.
    pub fn interfaces(&self) -> impl Iterator<Item = (&'a Interface, &'a Network)> + use<'a> {
        let interfaces = if self.is_terminated() { &[] } else { &*self.details().interfaces };
        interfaces.iter().zip(&self.template().networks)
    }

    pub fn primary(&self) -> Option<(&'a Interface, &'a Network)> {
        self.interfaces().next()
    }

    /// Returns whether it is terminated. EC2 then shows neither its interfaces nor its volumes.
    pub fn is_terminated(&self) -> bool {
        self.state == InstanceState::Terminated
    }

    /// The public addresses of an interface. AWS releases them when the instance stops.
    pub fn public_ipv4s(&self, interface: &'a Interface) -> &'a [Ipv4Addr] {
        match self.state {
            InstanceState::Stopped | InstanceState::Terminated => &[],
            _ => &interface.public_ipv4s,
        }
    }

    pub fn private_dns_name(&self, interface: &'a Interface) -> Option<String> {
        self.instance.instance().private_dns_name(interface)
    }

    pub fn public_dns_name(&self, interface: &'a Interface) -> Option<String> {
        if self.public_ipv4s(interface).is_empty() { None } else { self.instance.instance().public_dns_name(interface) }
    }

    /// The description that the launch set for an interface. The default for the primary interface
    /// is the instance's endpoint.
    pub fn description(&self, index: usize) -> String {
        match (self.instance.attributes().interface_descriptions.get(&index), self.instance.endpoint()) {
            (Some(description), _) => (**description).into(),
            (None, Some(endpoint)) if index == 0 => format!("imds: http://{endpoint}"),
            _ => String::new(),
        }
    }

    pub fn root_device_name(&self) -> &'a str {
        let of_launch = self.instance.attributes().root_device_name.as_deref();
        let mapped = || self.template().block_device_mapping.get("root").map(|device| &**device);
        of_launch.or_else(mapped).unwrap_or(DEFAULT_ROOT_DEVICE)
    }

    /// The attached volumes. Without volumes of the launch, only the root volume.
    pub fn volumes(&self) -> impl Iterator<Item = VolumeView<'a>> + use<'a> {
        let view = *self;
        let of_launch = self.instance.attributes().volumes.iter();
        let of_launch = of_launch.map(|volume| (&*volume.device_name, volume.delete_on_termination, Some(volume)));
        let root = (of_launch.len() == 0).then(|| (self.root_device_name(), true, None));
        let volumes = root.into_iter().chain(of_launch).filter(move |_| !view.is_terminated());
        volumes.map(move |(device, delete_on_termination, volume)| VolumeView {
            device,
            id: view.derived_id("vol", device),
            delete_on_termination,
            volume,
        })
    }

    /// The values of the launch below a path of `ApiAttributes::shown`, with the rest of their paths.
    pub fn shown(&self, path: &str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let path: String = path.into();
        let from = self.instance.attributes().shown.range(path.clone()..);
        from.map_while(move |(name, value)| Some((name.strip_prefix(&path)?, value.as_str())))
    }

    /// A value of the launch by its path in `ApiAttributes::shown`.
    pub fn shown_value(&self, path: &str) -> Option<&'a str> {
        self.instance.attributes().shown.get(path).map(String::as_str)
    }

    /// A value of the launch for an interface.
    pub fn shown_of_interface(&self, index: usize, path: &str) -> Option<&'a str> {
        self.shown_value(&format!("interface {index}/{path}"))
    }

    /// The credit option of a burstable instance. AWS: the default is `unlimited`, on T2 `standard`.
    pub fn cpu_credits(&self) -> Option<&'a str> {
        let instance_type = self.record().instance_type.strip_prefix('t')?;
        let default = match instance_type.split('.').next()? {
            "2" => "standard",
            "3" | "3a" | "4g" => "unlimited",
            _ => return None,
        };
        Some(self.shown_value("credits/cpuCredits").unwrap_or(default))
    }

    pub fn attachment_id(&self, interface: &Interface) -> String {
        self.derived_id("eni-attach", &interface.interface_id)
    }

    /// The id of a resource that only this instance has.
    fn derived_id(&self, prefix: &str, name: &str) -> String {
        let parts = [self.id().as_bytes(), prefix.as_bytes(), name.as_bytes()];
        resource_id(prefix, self.template().seed.generate("imds 2026 control derived id v1", &parts))
    }

    /// The ARN and the id of the instance profile.
    pub fn instance_profile(&self) -> Option<(String, &'a Line)> {
        let template = self.template();
        let role = self.record().role.as_ref()?;
        Some((template.instance_profile_arn(role).concat(), &template.instance_profile_id))
    }

    /// The reason of its state, for example `User initiated (2020-09-26 14:28:58 GMT)`; empty while
    /// it runs.
    pub fn reason(&self) -> String {
        if matches!(self.state, InstanceState::Pending | InstanceState::Running) {
            return String::new();
        }
        let since = self.instance.state_since().display_with_millis().to_string();
        let (date, time) = since.split_once('T').unwrap_or_default();
        format!("User initiated ({date} {} GMT)", time.split('.').next().unwrap_or_default())
    }

    /// The code and the message of the reason of its state.
    pub fn state_reason(&self) -> Option<(&'static str, &'static str)> {
        match self.state {
            InstanceState::Running => None,
            // From AWS's example of `aws ec2 run-instances`.
            InstanceState::Pending => Some(("pending", "pending")),
            _ => Some(("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")),
        }
    }

    /// `spot` or `scheduled`; `None` for on-demand instances.
    pub fn lifecycle(&self) -> Option<&'a str> {
        Some(&*self.template().instance_life_cycle).filter(|lifecycle| *lifecycle != "on-demand")
    }

    pub fn virtualization_type(&self) -> &'static str {
        if self.record().kernel_id.is_some() { "paravirtual" } else { "hvm" }
    }

    pub fn is_nitro(&self) -> bool {
        self.template().profile.name == Profile::NITRO.name
    }
}
