//! A fleet as JSON text. **The text contains the seed, from which all token keys derive, and the
//! private keys of the records: keep it secret.**

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, SocketAddrV4};

use super::account::{AccountDefaults, Image};
use super::addresses::private_addresses;
use super::attributes::ApiAttributes;
use super::client_token::TokenUse;
use super::endpoints::{primary_address, private_of};
use super::event::TimedEvent;
use super::fleet::Fleet;
use super::instance::FleetInstance;
use super::launch_seq::LaunchSeq;
use super::settings::Settings;
use super::state::Transition;
use super::virtual_clock::VirtualClock;
use imds::instance::{Instance, Timeline};
use imds::json_struct;
use imds::record::json::write_compact;
use imds::record::{
    Details, InstanceOverrides, Line, Map, Plan, PlannedEvent, Record, RecordError, Template, read_json,
};
use imds::seed::Seed;
use imds::time::Timestamp;

/// The version of the format. [`Fleet::restore`] rejects other versions.
pub const SNAPSHOT_VERSION: u32 = 1;

struct Snapshot {
    format: String,
    version: u32,
    seed: String,
    drawn: u64,
    next: LaunchSeq,
    public_addresses: u32,
    account: AccountDefaults,
    images: Map<Line, Image>,
    launch_template: Record,
    queued_overrides: Vec<InstanceOverrides>,
    networks: Map<Line, String>,
    cursors: Map<Line, u32>,
    client_tokens: Map<Line, SavedTokenUse>,
    templates: Vec<Record>,
    attributes: Vec<ApiAttributes>,
    tags: Vec<BTreeMap<String, String>>,
    instances: Vec<SavedInstance>,
    clock: Option<VirtualClock>,
}

/// The keys that identify the format. They are read before the others.
struct Header {
    format: String,
    version: u32,
}

struct SavedTokenUse {
    digest: String,
    launched: Vec<LaunchSeq>,
}

/// An instance. `template`, `attributes`, `tags` and `metadata_tags` are indices of the lists of
/// [`Snapshot`].
struct SavedInstance {
    launch_seq: LaunchSeq,
    template: usize,
    attributes: usize,
    tags: usize,
    metadata_tags: usize,
    overrides: InstanceOverrides,
    options: Timeline,
    generation: u64,
    transition: Transition,
    client_token: Option<Line>,
    loopback: Option<Ipv4Addr>,
    events: Vec<PlannedEvent>,
}

json_struct! {
    Header { optional { format, version } others true }
    Snapshot {
        needed {
            format, version, seed, drawn, next, public_addresses, account, images, launch_template,
            queued_overrides = "planned", cursors, client_tokens, templates, attributes = "notes", tags,
            instances = "members",
        }
        // Absent in snapshots of older versions.
        optional { networks, clock }
    }
    SavedTokenUse { needed { digest, launched } }
    SavedInstance {
        needed {
            launch_seq = "order", template, attributes = "notes", tags, metadata_tags = "shown_tags", overrides = "own",
            options, generation, transition = "life",
        }
        // `events` is absent in snapshots of older versions.
        optional { client_token, loopback, events }
    }
}

impl Fleet {
    /// Writes the fleet as JSON, without its settings and its pending events.
    pub fn snapshot(&self) -> String {
        let mut templates = SharedList::default();
        let mut attributes = SharedList::default();
        let mut tags = SharedList::default();
        let instances = self.instances.values().map(|instance| {
            let details = instance.instance.details();
            SavedInstance {
                launch_seq: instance.launch_seq,
                template: templates.index_of(&details.template),
                attributes: attributes.index_of(&instance.attributes),
                tags: tags.index_of(&instance.tags),
                metadata_tags: tags.index_of(&details.tags),
                overrides: InstanceOverrides::of(details),
                options: *instance.instance.timeline(),
                generation: instance.instance.generation(),
                transition: instance.transition,
                client_token: instance.client_token.clone(),
                events: instance.instance.planned_events().to_vec(),
                loopback: instance
                    .endpoint
                    .map(|endpoint| *endpoint.ip())
                    // Endpoints that the shell chose can share an address.
                    .filter(|address| self.find_by_loopback(*address) == Some(instance.launch_seq)),
            }
        });
        let instances = instances.collect();
        let saved_use = |used: &TokenUse| SavedTokenUse {
            digest: Seed::new(used.digest).to_hex(),
            launched: used.launched.clone(),
        };
        let snapshot = Snapshot {
            format: FORMAT.into(),
            version: SNAPSHOT_VERSION,
            seed: self.seed.to_hex(),
            drawn: self.drawn,
            next: self.next,
            public_addresses: self.public_addresses,
            account: self.account,
            images: Map::from_iter(self.images.iter().map(|(id, image)| (id.clone(), image.clone()))),
            launch_template: (*self.launch_template).clone(),
            queued_overrides: self.queued_overrides.iter().cloned().collect(),
            networks: Map::from_iter(self.networks.iter().map(|(id, blocks)| (id.clone(), blocks.clone()))),
            cursors: Map::from_iter(self.cursors.iter().map(|(block, offset)| (block.clone(), *offset))),
            client_tokens: Map::from_iter(
                self.by_client_token.iter().map(|(token, used)| (token.clone(), saved_use(used))),
            ),
            templates: templates.list.iter().map(|template| template.record.clone()).collect(),
            attributes: attributes.list.iter().map(|attributes| ApiAttributes::clone(attributes)).collect(),
            tags: tags.list.iter().map(|tags| BTreeMap::clone(tags)).collect(),
            instances,
            clock: (self.clock != VirtualClock::default()).then_some(self.clock),
        };
        write_compact(&snapshot)
    }

    /// Restores the fleet of a snapshot at the given time. Changes that were due in the meantime
    /// are made without events.
    ///
    /// # Errors
    ///
    /// If the text is no snapshot of [`SNAPSHOT_VERSION`], or if it contradicts itself: for
    /// example, two instances have the same address. The error has the path of the value.
    pub fn restore(json: &str, settings: Settings, now: Timestamp) -> Result<Fleet, RecordError> {
        let header: Header = read_json(json)?;
        if header.format != FORMAT {
            return Err(RecordError::new("format", format!("not a snapshot of a fleet: the value is not `{FORMAT}`")));
        }
        if header.version != SNAPSHOT_VERSION {
            let reason = format!("version {} is not supported, only {SNAPSHOT_VERSION} is", header.version);
            return Err(RecordError::new("version", reason));
        }
        let saved: Snapshot = read_json(json)?;
        let seed = Seed::parse_hex(&saved.seed).map_err(|error| RecordError::new("seed", error))?;
        let mut fleet = Fleet::new(seed);
        fleet.settings = settings;
        fleet.clock = saved.clock.unwrap_or_default();
        fleet.drawn = saved.drawn;
        fleet.next = saved.next;
        fleet.public_addresses = saved.public_addresses;
        fleet.account = saved.account;
        fleet.images = saved.images.into_iter().collect();
        fleet.launch_template = Arc::new(saved.launch_template);
        fleet.queued_overrides = Arc::new(saved.queued_overrides.into());
        fleet.networks = saved.networks.into_iter().collect();
        fleet.cursors = saved.cursors.into_iter().collect();
        for (token, used) in saved.client_tokens {
            let digest = Seed::parse_hex(&used.digest)
                .map_err(|_| RecordError::new("client_tokens", "a digest is 64 hexadecimal digits"))?;
            let used = TokenUse { digest: *digest.as_bytes(), launched: used.launched };
            fleet.by_client_token.insert_mut(token, Arc::new(used));
        }
        let templates = saved
            .templates
            .into_iter()
            .enumerate()
            .map(|(index, record)| {
                // Every launch adds the primary interface.
                let checked = match record.network_interfaces.is_empty() {
                    true => Err(RecordError::new("network_interfaces", "an instance has at least one interface")),
                    false => fleet.template(record),
                };
                checked
                    .map(Arc::new)
                    .map_err(|error| RecordError { path: format!("templates[{index}].{}", error.path), ..error })
            })
            .collect::<Result<Vec<_>, _>>()?;
        for template in &templates {
            // The ids stay as they were, also if two templates had the same with other blocks.
            fleet.separate_networks(&mut template.record.clone());
        }
        let attributes: Vec<_> = saved.attributes.into_iter().map(Arc::new).collect();
        let tags: Vec<_> = saved.tags.into_iter().map(Arc::new).collect();
        let mut loopbacks = BTreeMap::new();
        for (index, instance) in saved.instances.into_iter().enumerate() {
            let path = format!("members[{index}]");
            let invalid = |reason: String| RecordError::new(&path, reason);
            let missing = || invalid("`template`, `notes`, `tags` or `shown_tags` is not an index of its list".into());
            if instance.launch_seq >= fleet.next {
                return Err(invalid(format!("its order {} is not less than `next`", instance.launch_seq.get())));
            }
            if instance.overrides.instance_id.is_none() {
                return Err(invalid("it has no id".into()));
            }
            let target = instance.transition.target;
            if target == target.settled() {
                let reason = format!(
                    "the target of a transition is `pending`, `stopping` or `shutting-down`, not `{}`",
                    target.name()
                );
                return Err(RecordError::new(&format!("{path}.life.toward"), reason));
            }
            let parts = InstanceParts {
                template: templates.get(instance.template).cloned().ok_or_else(missing)?,
                attributes: attributes.get(instance.attributes).cloned().ok_or_else(missing)?,
                tags: tags.get(instance.tags).cloned().ok_or_else(missing)?,
                metadata_tags: tags.get(instance.metadata_tags).cloned().ok_or_else(missing)?,
            };
            fleet.restore_instance(instance, parts, &mut loopbacks, now).map_err(invalid)?;
        }
        fleet.check_client_tokens()?;
        fleet.restore_endpoints(loopbacks);
        fleet.handle_timeout(now);
        fleet.events.clear();
        Ok(fleet)
    }

    fn restore_instance(
        &mut self,
        saved: SavedInstance,
        parts: InstanceParts,
        loopbacks: &mut BTreeMap<Ipv4Addr, LaunchSeq>,
        now: Timestamp,
    ) -> Result<(), String> {
        let seq = saved.launch_seq;
        let mut details = Details::of(parts.template, saved.overrides, now);
        details.tags = parts.metadata_tags;
        details.plan = (!saved.events.is_empty()).then(|| Arc::new(Plan::of(saved.events)));
        let id = details.instance_id.clone();
        if let Some(other) = self.instances.get(&seq) {
            return Err(format!("{} already has the order {}", other.id(), seq.get()));
        }
        if self.by_id.contains_key(&id) {
            return Err(format!("another instance has the id {id}"));
        }
        let instance = FleetInstance {
            launch_seq: seq,
            instance: Instance::resumed(details, saved.options, saved.generation),
            transition: saved.transition,
            tags: parts.tags,
            attributes: parts.attributes,
            client_token: saved.client_token,
            endpoint: None,
        };
        let end = saved.transition.end();
        self.by_id.insert_mut(id, seq);
        self.instances.insert_mut(seq, instance.clone());
        if saved.transition.is_termination() && end <= now {
            self.start_purge_timer(end, seq);
            self.drop_events(seq);
        } else {
            for address in private_addresses(instance.instance.details()) {
                if let Some(holder) = self.by_address.get(&address) {
                    return Err(format!("{} already has the address {address}", self.id_of(*holder)));
                }
                self.by_address.insert_mut(address, seq);
            }
            if let Some(loopback) = saved.loopback.filter(is_exclusive_loopback)
                && let Some(holder) = loopbacks.insert(loopback, seq)
            {
                return Err(format!("{} already has the loopback address {loopback}", self.id_of(holder)));
            }
            self.start_step_timers(seq);
            if end > now {
                self.timers.insert_mut((end, seq, TimedEvent::Settled));
            }
        }
        if let Some(at) = saved.options.effective().filter(|at| *at > now) {
            self.timers.insert_mut((at, seq, TimedEvent::Applied));
        }
        Ok(())
    }

    /// Sets the endpoint of each instance: first the saved ones, so that no other instance gets
    /// them.
    fn restore_endpoints(&mut self, loopbacks: BTreeMap<Ipv4Addr, LaunchSeq>) {
        let Some(port) = self.settings.loopback_port else { return };
        for (address, seq) in loopbacks {
            let private = private_of(address);
            let primary = self.instances.get(&seq).and_then(primary_address);
            if primary != Some(private) {
                self.by_loopback.insert_mut(address, seq);
            }
            self.change(seq, |instance| instance.endpoint = Some(SocketAddrV4::new(address, port)));
        }
        let others: Vec<_> = self
            .instances
            .values()
            .filter(|instance| instance.endpoint.is_none() && !self.has_ended(instance))
            .map(|instance| (instance.launch_seq, primary_address(instance)))
            .collect();
        for (seq, private) in others {
            let endpoint = self.loopback_endpoint(seq, private);
            self.change(seq, |instance| instance.endpoint = endpoint);
        }
    }

    /// Checks that the instances of each client token exist and were launched with it.
    fn check_client_tokens(&self) -> Result<(), RecordError> {
        for (token, used) in self.by_client_token.iter() {
            for seq in &used.launched {
                let reason = match self.instances.get(seq) {
                    Some(instance) if instance.client_token.as_ref() == Some(token) => continue,
                    Some(instance) => format!("{} was launched without this client token", instance.id()),
                    None => format!("no instance has the order {}", seq.get()),
                };
                return Err(RecordError::new(&format!("client_tokens.{token}"), reason));
            }
        }
        Ok(())
    }

    fn id_of(&self, seq: LaunchSeq) -> &str {
        self.instances.get(&seq).map_or("an instance", |instance| instance.id())
    }
}

/// Returns whether only one instance can have this loopback address. A shell that serves each
/// instance at its own port serves all of them at 127.0.0.1.
fn is_exclusive_loopback(address: &Ipv4Addr) -> bool {
    address.is_loopback() && *address != Ipv4Addr::LOCALHOST
}

/// The parts of an instance that are saved in lists.
struct InstanceParts {
    template: Arc<Template>,
    attributes: Arc<ApiAttributes>,
    tags: Arc<BTreeMap<String, String>>,
    metadata_tags: Arc<BTreeMap<String, String>>,
}

/// A list of values, each once, that several instances share.
struct SharedList<'a, T> {
    list: Vec<&'a Arc<T>>,
    /// The index of each value, by its address in memory.
    indices: BTreeMap<usize, usize>,
}

impl<T> Default for SharedList<'_, T> {
    fn default() -> Self {
        SharedList { list: Vec::new(), indices: BTreeMap::new() }
    }
}

impl<'a, T> SharedList<'a, T> {
    fn index_of(&mut self, value: &'a Arc<T>) -> usize {
        *self.indices.entry(Arc::as_ptr(value).addr()).or_insert_with(|| {
            self.list.push(value);
            self.list.len() - 1
        })
    }
}

const FORMAT: &str = "imds-fleet";
