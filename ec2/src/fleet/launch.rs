use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::member::Transition;
use super::{EventKind, Fleet, FleetError, FleetInstance, InstanceState, LaunchSeq, TimedEvent, TokenUse};
use imds::instance::Instance;
use imds::record::{
    Details, HttpTokens, InstanceOverrides, InterfaceOverrides, Line, Map, MetadataOptions, Name, NetworkInterface,
    Record, TagKey, Template,
};
use imds::time::Timestamp;
use imds::{json_enum, json_struct};

/// What is launched.
#[derive(Clone)]
pub struct Launch {
    /// What the instances are. Its id and addresses are the first one's; several cannot have them.
    pub record: Record,
    /// How many.
    pub count: u32,
    /// Tags beside the record's, with keys that the metadata cannot show among them.
    pub tags: BTreeMap<String, String>,
    /// Whether the primary interface gets a public address where the record has none.
    pub public_address: bool,
    /// What the API shows of the instances besides.
    pub notes: ApiAttributes,
    /// What makes the same call again the same launch.
    pub client_token: Option<ClientToken>,
}

/// A client token, and a digest of the call that it came with.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientToken {
    /// The token.
    pub text: Line,
    /// Of everything in the call that tells it from another.
    pub digest: [u8; 32],
}

/// What EC2's API shows of an instance and its metadata does not. Instances of a launch share it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApiAttributes {
    /// Where it runs.
    pub tenancy: Tenancy,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// Whether it terminates when it is shut down from inside.
    pub shutdown_terminates: bool,
    /// Whether it is protected from being terminated.
    pub termination_protected: bool,
    /// As `/dev/xvda`.
    pub root_device_name: Option<Line>,
    /// Its volumes, the root device's first.
    pub volumes: Vec<Volume>,
    /// What the launch says of the interfaces, by their places.
    pub interface_descriptions: Map<usize, Line>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// As `/dev/xvda`.
    pub device_name: Line,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
}

/// Whose hardware an instance runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tenancy {
    /// Shared.
    #[default]
    Default,
    /// The account's alone.
    Dedicated,
    /// A dedicated host.
    Host,
}

json_struct! {
    ApiAttributes {
        optional {
            tenancy, ebs_optimized, shutdown_terminates, termination_protected, root_device_name, volumes,
            interface_descriptions,
        }
    }
    Volume { needed { device_name, delete_on_termination } }
}

json_enum! {
    Tenancy: Default Dedicated Host;
}

impl Tenancy {
    /// As EC2's API has it.
    pub const fn name(self) -> &'static str {
        match self {
            Tenancy::Default => "default",
            Tenancy::Dedicated => "dedicated",
            Tenancy::Host => "host",
        }
    }
}

impl Launch {
    /// One instance of this record.
    pub fn of(record: Record) -> Launch {
        Launch {
            record,
            count: 1,
            tags: BTreeMap::new(),
            public_address: false,
            notes: ApiAttributes::default(),
            client_token: None,
        }
    }
}

impl Fleet {
    /// Launches instances, which run with the options of the launch from the beginning. Returns
    /// their ids, in their order.
    ///
    /// First does what is due, as [`Fleet::handle_timeout`] does: an instance that is terminated by
    /// now has no address any more.
    ///
    /// # Errors
    ///
    /// If the launch is not possible. Then nothing is launched.
    pub fn launch(&mut self, now: Timestamp, launch: &Launch) -> Result<Vec<Name>, FleetError> {
        self.handle_timeout(now);
        self.attempt(|fleet| fleet.launch_all(now, launch))
    }

    fn launch_all(&mut self, now: Timestamp, launch: &Launch) -> Result<Vec<Name>, FleetError> {
        let (shared, first) = launch.record.clone().split()?;
        if launch.count > 1
            && let Some(what) = only_of_one(&first)
        {
            return Err(FleetError::NotForSeveral(what));
        }
        let options = self.launch_options(&shared.metadata_options, shared.ami_id.as_deref());
        if self.account.enforces_tokens() && options.http_tokens == HttpTokens::Optional {
            return Err(FleetError::TokensEnforced);
        }
        let mut tags = first.tags.clone();
        tags.extend(launch.tags.clone());
        check_tags(&tags, options.instance_metadata_tags.is_enabled())?;
        let Common { template, notes, tags } = self.common_with_last(shared, &launch.notes, tags)?;
        let reservation_id = match &first.reservation_id {
            Some(id) => id.clone(),
            None => Line::generated(&self.draw_id("r")),
        };
        let plan = Plan {
            now,
            template,
            notes,
            options,
            tags,
            reservation_id,
            public_address: launch.public_address,
            client_token: launch.client_token.as_ref().map(|token| token.text.clone()),
        };
        let (mut orders, mut ids) = (Vec::new(), Vec::new());
        let first_index = first.ami_launch_index.unwrap_or_default();
        let mut given = Some(first);
        for index in 0..launch.count {
            let ami_launch_index = Some(first_index.saturating_add(index));
            let own = InstanceOverrides { ami_launch_index, ..given.take().unwrap_or_default() };
            let (order, id) = self.launch_one(&plan, own)?;
            orders.push(order);
            ids.push(id);
        }
        if let Some(ClientToken { text, digest }) = &launch.client_token {
            let used = TokenUse { digest: *digest, launched: orders };
            self.by_client_token.insert_mut(text.clone(), Arc::new(used));
        }
        Ok(ids)
    }

    /// What the instances of this launch share: of the last launch, where it is the same.
    fn common_with_last(
        &mut self,
        shared: Record,
        notes: &ApiAttributes,
        tags: BTreeMap<String, String>,
    ) -> Result<Common, FleetError> {
        let last = self.last_launch.take();
        let template = match last.as_ref().filter(|last| last.template.record == shared) {
            Some(last) => last.template.clone(),
            None => Arc::new(Template::new(shared, &self.seed)?),
        };
        let notes = match last.as_ref().filter(|last| *last.notes == *notes) {
            Some(last) => last.notes.clone(),
            None => Arc::new(notes.clone()),
        };
        let tags = match last.filter(|last| *last.tags == tags) {
            Some(last) => last.tags,
            None => Arc::new(tags),
        };
        let common = Common { template, notes, tags };
        self.last_launch = Some(common.clone());
        Ok(common)
    }

    fn launch_one(&mut self, plan: &Plan, own: InstanceOverrides) -> Result<(LaunchSeq, Name), FleetError> {
        let order = self.next;
        self.next = order.next();
        if self.next == order {
            return Err(FleetError::TooManyLaunches);
        }
        let mut own = self.with_planned(own);
        let id = match own.instance_id.take() {
            Some(id) => id,
            None => Name::generated(&self.draw_id("i")),
        };
        if self.by_id.contains_key(&id) {
            return Err(FleetError::IdInUse(id));
        }
        own.instance_id = Some(id.clone());
        own.reservation_id = Some(plan.reservation_id.clone());
        own.tags = BTreeMap::new();
        self.give_addresses(plan, &mut own, order)?;
        let mut details = Details::of(plan.template.clone(), own, plan.now);
        details.tags = plan.tags.clone();
        let endpoint = self.loopback_endpoint(order, details.primary().local_ipv4s.first().copied());
        let launched = details.launch_time.max(plan.now);
        let life = Transition::new(InstanceState::Pending, launched, self.settings.transition_millis);
        self.by_id.insert_mut(id.clone(), order);
        self.members.insert_mut(
            order,
            FleetInstance {
                order,
                instance: Instance::launched(details, plan.options),
                life,
                tags: plan.tags.clone(),
                notes: plan.notes.clone(),
                client_token: plan.client_token.clone(),
                endpoint,
            },
        );
        if life.until() > plan.now {
            self.agenda.insert_mut((life.until(), order, TimedEvent::Settled));
        }
        self.note(plan.now, &id, EventKind::Launched);
        Ok((order, id))
    }

    /// Fills in what was planned for the next instance where the launch does not say. A plan that cannot be kept is dropped.
    fn with_planned(&mut self, own: InstanceOverrides) -> InstanceOverrides {
        if own.instance_id.is_some() || self.planned.is_empty() {
            return own;
        }
        let Some(planned) = Arc::make_mut(&mut self.planned).pop_front() else { return own };
        let addresses = || planned.interfaces.iter().flat_map(|interface| interface.local_ipv4s.iter());
        let is_taken = planned.instance_id.as_ref().is_some_and(|id| self.by_id.contains_key(id))
            || addresses().any(|address| self.by_address.contains_key(&IpAddr::V4(*address)));
        let asks_for_addresses = own.interfaces.iter().any(|interface| !interface.local_ipv4s.is_empty());
        if is_taken || asks_for_addresses {
            return own;
        }
        InstanceOverrides { ami_launch_index: own.ami_launch_index, ..planned }
    }

    /// Sees to it that each interface has addresses that no other has.
    fn give_addresses(&mut self, plan: &Plan, own: &mut InstanceOverrides, order: LaunchSeq) -> Result<(), FleetError> {
        own.interfaces.resize_with(plan.template.networks.len(), InterfaceOverrides::default);
        let shared = plan.template.record.network_interfaces.iter();
        for (index, (interface, shared)) in own.interfaces.iter_mut().zip(shared).enumerate() {
            let subnet = shared.subnet_ipv4_cidr_block.as_ref();
            match (subnet, interface.local_ipv4s.first()) {
                (Some(subnet), None) if interface.ipv6s.is_empty() => {
                    interface.local_ipv4s.push(self.free_address(subnet)?);
                }
                (_, Some(first)) => self.check_address(*first, subnet)?,
                _ => {}
            }
            if index == 0
                && plan.public_address
                && interface.public_ipv4s.is_empty()
                && !interface.local_ipv4s.is_empty()
            {
                interface.public_ipv4s.push(self.public_address());
            }
            let ipv4s = interface.local_ipv4s.iter().copied().map(IpAddr::V4);
            for address in ipv4s.chain(interface.ipv6s.iter().copied().map(IpAddr::V6)) {
                if self.by_address.contains_key(&address) {
                    return Err(FleetError::AddressInUse(address));
                }
                self.by_address.insert_mut(address, order);
            }
        }
        Ok(())
    }
}

/// What the instances of launches that say the same have in common.
#[derive(Clone)]
pub(super) struct Common {
    template: Arc<Template>,
    notes: Arc<ApiAttributes>,
    tags: Arc<BTreeMap<String, String>>,
}

/// What the instances of one launch have in common.
struct Plan {
    now: Timestamp,
    template: Arc<Template>,
    notes: Arc<ApiAttributes>,
    options: MetadataOptions,
    tags: Arc<BTreeMap<String, String>>,
    reservation_id: Line,
    public_address: bool,
    client_token: Option<Line>,
}

/// What a launch of several cannot ask for.
fn only_of_one(own: &InstanceOverrides) -> Option<&'static str> {
    let interface = |has: fn(&InterfaceOverrides) -> bool| own.interfaces.iter().any(has);
    if own.instance_id.is_some() {
        Some("instance id")
    } else if interface(|interface| !interface.local_ipv4s.is_empty() || !interface.ipv6s.is_empty()) {
        Some("private address")
    } else if interface(|interface| !interface.public_ipv4s.is_empty()) {
        Some("public address")
    } else if interface(|interface| interface.mac.is_some() || interface.interface_id.is_some()) {
        Some("network interface")
    } else {
        None
    }
}

/// Whether a resource can have these tags, shown in its metadata perhaps.
pub(super) fn check_tags(tags: &BTreeMap<String, String>, visible: bool) -> Result<(), FleetError> {
    if tags.len() > MOST_TAGS {
        return Err(FleetError::TooManyTags);
    }
    match tags.keys().find(|key| visible && TagKey::try_from(key.as_str()).is_err()) {
        Some(key) => Err(FleetError::TagKey(key.clone())),
        None => Ok(()),
    }
}

/// What launches begin with where nobody says: a Nitro instance, in a subnet that fills its VPC.
pub(super) fn default_template() -> Record {
    let block = Line::generated("10.0.0.0/16");
    let interface = NetworkInterface {
        subnet_ipv4_cidr_block: Some(block.clone()),
        vpc_ipv4_cidr_blocks: [block].into(),
        ..NetworkInterface::new()
    };
    Record { network_interfaces: [interface].into(), ..Record::new(Line::generated("t3.micro")) }
}

/// AWS: 50 for each resource.
const MOST_TAGS: usize = 50;
