//! Launches.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::addresses::prefix_addresses;
use super::attributes::ApiAttributes;
use super::client_token::{ClientToken, TokenUse};
use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::instance::FleetInstance;
use super::launch_seq::LaunchSeq;
use super::shared::SharedParts;
use super::state::{InstanceState, Transition};
use super::tags::check_tags;
use imds::instance::Instance;
use imds::metadata::check_extra;
use imds::record::{
    Details, HttpTokens, InstanceOverrides, InterfaceOverrides, Line, MetadataOptions, Name, Record, SecurityGroup,
    resource_id, subnet_blocks, vpc_blocks,
};
use imds::time::Timestamp;

/// A launch request.
#[derive(Clone)]
#[non_exhaustive]
pub struct Launch {
    /// The record of the instances. Only a launch of one instance can set an id or addresses.
    pub record: Record,
    /// The number of instances.
    pub count: u32,
    /// Tags in addition to the record's. Their keys can be ones that the metadata does not allow.
    pub tags: BTreeMap<String, String>,
    /// Whether the primary interface gets a public address if the record has none.
    pub public_address: bool,
    /// The attributes that only the API shows.
    pub attributes: ApiAttributes,
    /// The client token, which makes a repeated request the same launch.
    pub client_token: Option<ClientToken>,
}

impl Launch {
    /// A launch of one instance of this record.
    pub fn new(record: Record) -> Launch {
        Launch {
            record,
            count: 1,
            tags: BTreeMap::new(),
            public_address: false,
            attributes: ApiAttributes::default(),
            client_token: None,
        }
    }

    /// This launch with another [`count`](Launch::count).
    #[must_use]
    pub fn with_count(mut self, count: u32) -> Launch {
        self.count = count;
        self
    }

    /// This launch with other [`tags`](Launch::tags).
    #[must_use]
    pub fn with_tags(mut self, tags: BTreeMap<String, String>) -> Launch {
        self.tags = tags;
        self
    }

    /// This launch with or without a [`public_address`](Launch::public_address).
    #[must_use]
    pub fn with_public_address(mut self, public_address: bool) -> Launch {
        self.public_address = public_address;
        self
    }

    /// This launch with or without a [`client_token`](Launch::client_token).
    #[must_use]
    pub fn with_client_token(mut self, client_token: Option<ClientToken>) -> Launch {
        self.client_token = client_token;
        self
    }
}

impl Fleet {
    /// Launches instances and returns their ids, in order. The metadata options of the launch are
    /// in effect from the start.
    ///
    /// First makes the changes that are due, as [`Fleet::handle_timeout`] does: the addresses of an
    /// instance that is terminated by now are free.
    ///
    /// # Errors
    ///
    /// If one of the instances cannot be launched. Then none is launched.
    pub fn launch(&mut self, now: Timestamp, launch: &Launch) -> Result<Vec<Name>, FleetError> {
        self.handle_timeout(now);
        self.attempt(|fleet| fleet.launch_all(now, launch))
    }

    fn launch_all(&mut self, now: Timestamp, launch: &Launch) -> Result<Vec<Name>, FleetError> {
        check_extra(&launch.record)?;
        let (mut shared, mut first) = launch.record.clone().split()?;
        if launch.count > 1
            && let Some(value) = single_instance_value(&first)
        {
            return Err(FleetError::SingleInstanceOnly(value));
        }
        self.apply_image(&mut shared);
        self.separate_networks(&mut shared);
        let options = self.launch_options(&shared.metadata_options, shared.ami_id.as_deref());
        if self.account.enforces_tokens() && options.http_tokens == HttpTokens::Optional {
            return Err(FleetError::TokensEnforced);
        }
        let mut tags = core::mem::take(&mut first.tags);
        tags.extend(launch.tags.clone());
        check_tags(&tags, options.instance_metadata_tags.is_enabled())?;
        let parts = self.share_with_last_launch(shared, &launch.attributes, tags)?;
        let first_index = first.ami_launch_index.take().unwrap_or_default();
        let first = self.with_queued_overrides(first);
        let reservation_id = match &first.reservation_id {
            Some(id) => id.clone(),
            None => Line::generated(&self.draw_id("r")),
        };
        let plan = LaunchPlan {
            now,
            parts,
            options,
            reservation_id,
            public_address: launch.public_address,
            client_token: launch.client_token.as_ref().map(|token| token.text.clone()),
        };
        let (mut launched, mut ids) = (Vec::new(), Vec::new());
        let mut of_record = Some(first);
        for index in 0..launch.count {
            let own = of_record.take().unwrap_or_else(|| self.with_queued_overrides(InstanceOverrides::default()));
            let ami_launch_index = own.ami_launch_index.or(Some(first_index.saturating_add(index)));
            let own = InstanceOverrides { ami_launch_index, ..own };
            let (seq, id) = self.launch_one(&plan, own)?;
            launched.push(seq);
            ids.push(id);
        }
        if let Some(ClientToken { text, digest }) = &launch.client_token {
            self.by_client_token.insert_mut(text.clone(), Arc::new(TokenUse { digest: *digest, launched }));
        }
        Ok(ids)
    }

    /// The shared parts of this launch. Those that are equal to the last launch's are shared with
    /// it.
    fn share_with_last_launch(
        &mut self,
        record: Record,
        attributes: &ApiAttributes,
        tags: BTreeMap<String, String>,
    ) -> Result<SharedParts, FleetError> {
        let last = self.last_launch.take();
        let template = match last.as_ref().filter(|last| last.template.record == record) {
            Some(last) => last.template.clone(),
            None => Arc::new(self.template(record)?),
        };
        let attributes = match last.as_ref().filter(|last| *last.attributes == *attributes) {
            Some(last) => last.attributes.clone(),
            None => Arc::new(attributes.clone()),
        };
        let tags = match last.filter(|last| *last.tags == tags) {
            Some(last) => last.tags,
            None => Arc::new(tags),
        };
        let parts = SharedParts { template, attributes, tags };
        self.last_launch = Some(parts.clone());
        Ok(parts)
    }

    fn launch_one(&mut self, plan: &LaunchPlan, mut own: InstanceOverrides) -> Result<(LaunchSeq, Name), FleetError> {
        let seq = self.next;
        self.next = seq.next();
        if self.next == seq {
            return Err(FleetError::TooManyLaunches);
        }
        let id = match own.instance_id.take() {
            Some(id) => id,
            None => Name::generated(&self.draw_id("i")),
        };
        if self.by_id.contains_key(&id) {
            return Err(FleetError::IdInUse(id));
        }
        own.instance_id = Some(id.clone());
        own.reservation_id = Some(plan.reservation_id.clone());
        let SharedParts { template, attributes, mut tags } = plan.parts.clone();
        if !own.tags.is_empty() {
            Arc::make_mut(&mut tags).append(&mut own.tags);
            check_tags(&tags, plan.options.instance_metadata_tags.is_enabled())?;
        }
        self.assign_addresses(plan, &mut own, seq)?;
        own.check("network_interfaces")?;
        let mut details = Details::of(template, own, plan.now);
        details.tags = tags.clone();
        let endpoint = self.loopback_endpoint(seq, details.primary().local_ipv4s.first().copied());
        let launched = details.launch_time.max(plan.now);
        let transition = Transition::new(InstanceState::Pending, launched, self.settings.transition_millis);
        self.by_id.insert_mut(id.clone(), seq);
        self.instances.insert_mut(
            seq,
            FleetInstance {
                launch_seq: seq,
                instance: Instance::launched(details, plan.options),
                transition,
                tags,
                attributes,
                client_token: plan.client_token.clone(),
                endpoint,
            },
        );
        if transition.end() > plan.now {
            self.timers.insert_mut((transition.end(), seq, TimedEvent::Settled));
        }
        self.push_event(plan.now, &id, EventKind::Launched);
        Ok((seq, id))
    }

    /// Takes the queued overrides for an instance whose launch sets neither an id nor addresses.
    /// Overrides whose id or address is in use are dropped.
    fn with_queued_overrides(&mut self, own: InstanceOverrides) -> InstanceOverrides {
        if own.instance_id.is_some() || self.queued_overrides.is_empty() {
            return own;
        }
        let Some(queued) = Arc::make_mut(&mut self.queued_overrides).pop_front() else { return own };
        let addresses = || queued.interfaces.iter().flat_map(|interface| interface.local_ipv4s.iter().flatten());
        let is_in_use = queued.instance_id.as_ref().is_some_and(|id| self.by_id.contains_key(id))
            || addresses().any(|address| self.by_address.contains_key(&IpAddr::V4(*address)));
        if is_in_use || own.interfaces.iter().any(sets_own_values) {
            return own;
        }
        queued.over_launch(own)
    }

    /// Sets what a record leaves out and its image has.
    pub(super) fn apply_image(&self, record: &mut Record) {
        let Some(image) = record.ami_id.as_ref().and_then(|id| self.image(id)) else { return };
        if record.architecture.is_none() {
            record.architecture.clone_from(&image.architecture);
        }
        if let (None, Some(root)) = (&record.block_device_mapping, &image.root_device_name) {
            record.block_device_mapping = Some(record.devices(root));
        }
    }

    /// Sets the ids of subnets and VPCs that would be generated, if other launches have the
    /// generated ids with other CIDR blocks.
    pub(super) fn separate_networks(&mut self, record: &mut Record) {
        let ids = record.network_ids(&self.seed);
        for (interface, (subnet_id, vpc_id)) in record.network_interfaces.iter_mut().zip(ids) {
            let blocks = vpc_blocks(interface);
            if interface.vpc_id.is_none() {
                interface.vpc_id = self.separate_network("vpc", vpc_id, blocks);
                // A security group is in one VPC.
                if let (Some(vpc_id), None) = (&interface.vpc_id, &interface.security_groups) {
                    let id = self.derive("imds 2026 separate network v1", &[b"sg", vpc_id.as_bytes()]);
                    let group = SecurityGroup::new(Line::generated(&resource_id("sg", id)), Line::generated("default"));
                    interface.security_groups = Some([group].into());
                }
            }
            let blocks = subnet_blocks(interface);
            if interface.subnet_id.is_none() {
                interface.subnet_id = self.separate_network("subnet", subnet_id, blocks);
            }
        }
    }

    /// An id for these blocks, if the generated one is the id of other blocks.
    fn separate_network(&mut self, prefix: &str, generated: Line, blocks: String) -> Option<Line> {
        match self.networks.get(&generated) {
            None => {
                self.networks.insert_mut(generated, blocks);
                None
            }
            Some(known) if *known == blocks => None,
            Some(_) => {
                let id = self.derive("imds 2026 separate network v1", &[prefix.as_bytes(), blocks.as_bytes()]);
                Some(Line::generated(&resource_id(prefix, id)))
            }
        }
    }

    /// Assigns the addresses of each interface: those of the launch, or free ones.
    fn assign_addresses(
        &mut self,
        plan: &LaunchPlan,
        own: &mut InstanceOverrides,
        seq: LaunchSeq,
    ) -> Result<(), FleetError> {
        let shared = &plan.parts.template.record.network_interfaces;
        own.interfaces.resize_with(shared.len(), InterfaceOverrides::default);
        for (index, (interface, shared)) in own.interfaces.iter_mut().zip(shared).enumerate() {
            let subnet = shared.subnet_ipv4_cidr_block.as_ref();
            let has_ipv6 = has(&interface.ipv6s);
            match (subnet, interface.local_ipv4s.as_deref()) {
                (Some(subnet), None) if !has_ipv6 => {
                    interface.local_ipv4s = Some([self.free_address(subnet)?].into());
                }
                (_, Some([first, ..])) => self.check_address(*first, subnet)?,
                // A VPC without IPv4 blocks.
                (None, None) => interface.local_ipv4s = Some(Vec::new()),
                _ => {}
            }
            if index == 0 && plan.public_address && !has(&interface.public_ipv4s) && has(&interface.local_ipv4s) {
                interface.public_ipv4s = Some([self.public_address()].into());
            }
            let ipv4s = interface.local_ipv4s.iter().flatten().copied().map(IpAddr::V4);
            let ipv4s = ipv4s.chain(interface.ipv4_prefixes.iter().flatten().flat_map(prefix_addresses));
            for address in ipv4s.chain(interface.ipv6s.iter().flatten().copied().map(IpAddr::V6)) {
                self.claim_address(seq, address)?;
            }
        }
        Ok(())
    }
}

/// The values that all instances of one launch have.
struct LaunchPlan {
    now: Timestamp,
    parts: SharedParts,
    options: MetadataOptions,
    reservation_id: Line,
    public_address: bool,
    client_token: Option<Line>,
}

/// A value that a launch of several instances cannot set.
fn single_instance_value(own: &InstanceOverrides) -> Option<&'static str> {
    let interface = |has: fn(&InterfaceOverrides) -> bool| own.interfaces.iter().any(has);
    if own.instance_id.is_some() {
        Some("instance id")
    } else if interface(|interface| has(&interface.local_ipv4s) || has(&interface.ipv6s)) {
        Some("private address")
    } else if interface(|interface| has(&interface.public_ipv4s)) {
        Some("public address")
    } else if interface(|interface| has(&interface.ipv4_prefixes) || has(&interface.ipv6_prefixes)) {
        Some("delegated prefix")
    } else if interface(|interface| interface.mac.is_some() || interface.interface_id.is_some()) {
        Some("network interface")
    } else {
        None
    }
}

/// Returns whether a launch sets the addresses or the id of an interface.
fn sets_own_values(interface: &InterfaceOverrides) -> bool {
    let InterfaceOverrides { mac: _, public_ipv4s: _, interface_id, local_ipv4s, ipv4_prefixes, ipv6s, ipv6_prefixes } =
        interface;
    let has_prefixes = ipv4_prefixes.is_some() || ipv6_prefixes.is_some();
    interface_id.is_some() || local_ipv4s.is_some() || ipv6s.is_some() || has_prefixes
}

fn has<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}
