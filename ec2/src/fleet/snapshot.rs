//! A fleet as text, to go on with after a restart. **It holds the seed, from which every token's key derives: keep it secret.**

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, SocketAddrV4};

use super::address::private_of;
use super::member::Transition;
use super::operations::{addresses, forgotten_at};
use super::{
    AccountDefaults, ApiAttributes, Fleet, FleetInstance, Image, InstanceState, LaunchSeq, Settings, TimedEvent,
    TokenUse,
};
use imds::instance::{Instance, Timeline};
use imds::json_struct;
use imds::record::json::write_compact;
use imds::record::{Details, InstanceOverrides, Line, Map, Record, RecordError, Template, read_json, to_map};
use imds::seed::Seed;
use imds::time::Timestamp;

/// The version of the text. One of another version is refused.
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
    planned: Vec<InstanceOverrides>,
    cursors: Map<Line, u32>,
    client_tokens: Map<Line, Used>,
    templates: Vec<Record>,
    notes: Vec<ApiAttributes>,
    tags: Vec<BTreeMap<String, String>>,
    members: Vec<Saved>,
}

/// The two keys that tell whose text it is, read before all others are.
struct Header {
    format: String,
    version: u32,
}

struct Used {
    digest: String,
    launched: Vec<LaunchSeq>,
}

/// One member. `template`, `notes`, `tags` and `shown_tags` are places in the lists above.
struct Saved {
    order: LaunchSeq,
    template: usize,
    notes: usize,
    tags: usize,
    shown_tags: usize,
    own: InstanceOverrides,
    options: Timeline,
    generation: u64,
    life: Transition,
    client_token: Option<Line>,
    loopback: Option<Ipv4Addr>,
}

json_struct! {
    Header { optional { format, version } others true }
    Snapshot {
        needed {
            format, version, seed, drawn, next, public_addresses, account, images, launch_template, planned, cursors,
            client_tokens, templates, notes, tags, members,
        }
    }
    Used { needed { digest, launched } }
    Saved {
        needed { order, template, notes, tags, shown_tags, own, options, generation, life }
        optional { client_token, loopback }
    }
}

impl Fleet {
    /// The whole fleet as JSON, but for its settings and the events that nobody took.
    pub fn snapshot(&self) -> String {
        let mut templates = Shared::default();
        let mut notes = Shared::default();
        let mut tags = Shared::default();
        let members = self.members.values().map(|member| {
            let details = member.instance.details();
            Saved {
                order: member.order,
                template: templates.place(&details.template),
                notes: notes.place(&member.notes),
                tags: tags.place(&member.tags),
                shown_tags: tags.place(&details.tags),
                own: InstanceOverrides::of(details),
                options: *member.instance.timeline(),
                generation: member.instance.generation(),
                life: member.life,
                client_token: member.client_token.clone(),
                loopback: member
                    .endpoint
                    .map(|endpoint| *endpoint.ip())
                    // Endpoints that the shell chose may share an address.
                    .filter(|address| self.at_loopback(*address) == Some(member.order)),
            }
        });
        let members = members.collect();
        let used = |used: &TokenUse| Used { digest: Seed::new(used.digest).to_hex(), launched: used.launched.clone() };
        let snapshot = Snapshot {
            format: FORMAT.into(),
            version: SNAPSHOT_VERSION,
            seed: self.seed.to_hex(),
            drawn: self.drawn,
            next: self.next,
            public_addresses: self.public_addresses,
            account: self.account,
            images: to_map(self.images.iter().map(|(id, image)| (id.clone(), image.clone()))),
            launch_template: (*self.launch_template).clone(),
            planned: self.planned.iter().cloned().collect(),
            cursors: to_map(self.cursors.iter().map(|(block, place)| (block.clone(), *place))),
            client_tokens: to_map(self.by_client_token.iter().map(|(token, use_)| (token.clone(), used(use_)))),
            templates: templates.list.iter().map(|template| template.record.clone()).collect(),
            notes: notes.list.iter().map(|notes| ApiAttributes::clone(notes)).collect(),
            tags: tags.list.iter().map(|tags| BTreeMap::clone(tags)).collect(),
            members,
        };
        write_compact(&snapshot)
    }

    /// The fleet of a snapshot, as it would be at this time. What fell due meanwhile has happened without an event.
    ///
    /// # Errors
    ///
    /// If the text is no snapshot of [`SNAPSHOT_VERSION`], or if it contradicts itself, such as by
    /// one address of two instances. The error names the place.
    pub fn restore(json: &str, settings: Settings, now: Timestamp) -> Result<Fleet, RecordError> {
        let header: Header = read_json(json)?;
        if header.format != FORMAT {
            return Err(RecordError::new("format", format!("this is no snapshot of a fleet: it is not `{FORMAT}`")));
        }
        if header.version != SNAPSHOT_VERSION {
            let reason = format!("version {} is not {SNAPSHOT_VERSION}, the one that is read here", header.version);
            return Err(RecordError::new("version", reason));
        }
        let saved: Snapshot = read_json(json)?;
        let seed = Seed::parse_hex(&saved.seed).map_err(|error| RecordError::new("seed", error))?;
        let mut fleet = Fleet::new(seed);
        fleet.settings = settings;
        fleet.drawn = saved.drawn;
        fleet.next = saved.next;
        fleet.public_addresses = saved.public_addresses;
        fleet.account = saved.account;
        fleet.images = saved.images.into_iter().collect();
        fleet.launch_template = Arc::new(saved.launch_template);
        fleet.planned = Arc::new(saved.planned.into());
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
            .map(|(index, record)| match Template::new(record, &fleet.seed) {
                Ok(template) => Ok(Arc::new(template)),
                Err(error) => Err(RecordError { path: format!("templates[{index}].{}", error.path), ..error }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let notes: Vec<_> = saved.notes.into_iter().map(Arc::new).collect();
        let tags: Vec<_> = saved.tags.into_iter().map(Arc::new).collect();
        let mut loopbacks = BTreeMap::new();
        for (index, member) in saved.members.into_iter().enumerate() {
            let path = format!("members[{index}]");
            let wrong = |reason: String| RecordError::new(&path, reason);
            let missing = || wrong("it names a template, notes or tags that are not there".into());
            if member.order >= fleet.next {
                return Err(wrong(format!("its order {} is not less than `next`", member.order.get())));
            }
            if member.own.instance_id.is_none() {
                return Err(wrong("it has no id".into()));
            }
            if member.life.toward == member.life.toward.settled() {
                let settled = member.life.toward.name();
                let reason =
                    format!("an instance is `pending`, `stopping` or `shutting-down` before it is `{settled}`");
                return Err(RecordError::new(&format!("{path}.life.toward"), reason));
            }
            if member.generation == u64::MAX {
                return Err(RecordError::new(&format!("{path}.generation"), "no generation can follow this one"));
            }
            let shared = SharedParts {
                template: templates.get(member.template).cloned().ok_or_else(missing)?,
                notes: notes.get(member.notes).cloned().ok_or_else(missing)?,
                tags: tags.get(member.tags).cloned().ok_or_else(missing)?,
                shown_tags: tags.get(member.shown_tags).cloned().ok_or_else(missing)?,
            };
            fleet.resume(member, shared, &mut loopbacks, now).map_err(wrong)?;
        }
        fleet.check_client_tokens()?;
        fleet.resume_endpoints(loopbacks);
        fleet.handle_timeout(now);
        fleet.events.clear();
        Ok(fleet)
    }

    fn resume(
        &mut self,
        saved: Saved,
        shared: SharedParts,
        loopbacks: &mut BTreeMap<Ipv4Addr, LaunchSeq>,
        now: Timestamp,
    ) -> Result<(), String> {
        let order = saved.order;
        let mut details = Details::of(shared.template, saved.own, now);
        details.tags = shared.shown_tags;
        let id = details.instance_id.clone();
        if let Some(other) = self.members.get(&order) {
            return Err(format!("{} already has the order {}", other.id(), order.get()));
        }
        if self.by_id.contains_key(&id) {
            return Err(format!("another instance has the id {id}"));
        }
        let member = FleetInstance {
            order,
            instance: Instance::resumed(details, saved.options, saved.generation),
            life: saved.life,
            tags: shared.tags,
            notes: shared.notes,
            client_token: saved.client_token,
            endpoint: None,
        };
        let is_gone = saved.life.toward.settled() == InstanceState::Terminated && saved.life.until() <= now;
        self.by_id.insert_mut(id, order);
        self.members.insert_mut(order, member.clone());
        if is_gone {
            self.agenda.insert_mut((forgotten_at(saved.life.until()), order, TimedEvent::Purged));
        } else {
            for address in addresses(member.instance.details()) {
                if let Some(holder) = self.by_address.get(&address) {
                    return Err(format!("{} already has the address {address}", self.id_of(*holder)));
                }
                self.by_address.insert_mut(address, order);
            }
            if let Some(loopback) = saved.loopback.filter(is_own_loopback)
                && let Some(holder) = loopbacks.insert(loopback, order)
            {
                return Err(format!("{} already has the loopback address {loopback}", self.id_of(holder)));
            }
            if saved.life.until() > now {
                self.agenda.insert_mut((saved.life.until(), order, TimedEvent::Settled));
            }
        }
        if let Some(at) = saved.options.effective().filter(|at| *at > now) {
            self.agenda.insert_mut((at, order, TimedEvent::Applied));
        }
        Ok(())
    }

    /// Gives each instance an endpoint: the saved ones first, so that no other instance gets them.
    fn resume_endpoints(&mut self, loopbacks: BTreeMap<Ipv4Addr, LaunchSeq>) {
        let Some(port) = self.settings.loopback_port else { return };
        for (address, order) in loopbacks {
            let private = private_of(address);
            let primary = self.members.get(&order).and_then(primary_address);
            if primary != Some(private) {
                self.by_loopback.insert_mut(address, order);
            }
            self.change(order, |member| member.endpoint = Some(SocketAddrV4::new(address, port)));
        }
        let others: Vec<_> = self
            .members
            .values()
            .filter(|member| member.endpoint.is_none() && !self.has_ended(member))
            .map(|member| (member.order, primary_address(member)))
            .collect();
        for (order, private) in others {
            let endpoint = self.loopback_endpoint(order, private);
            self.change(order, |member| member.endpoint = endpoint);
        }
    }

    /// Whether the instances that client tokens name are there, and of launches with these tokens.
    fn check_client_tokens(&self) -> Result<(), RecordError> {
        for (token, used) in self.by_client_token.iter() {
            for order in &used.launched {
                let reason = match self.members.get(order) {
                    Some(member) if member.client_token.as_ref() == Some(token) => continue,
                    Some(member) => format!("{} was launched without this client token", member.id()),
                    None => format!("no instance has the order {}", order.get()),
                };
                return Err(RecordError::new(&format!("client_tokens.{token}"), reason));
            }
        }
        Ok(())
    }

    fn id_of(&self, order: LaunchSeq) -> &str {
        self.members.get(&order).map_or("an instance", |member| member.id())
    }
}

fn primary_address(member: &FleetInstance) -> Option<Ipv4Addr> {
    member.instance.details().primary().local_ipv4s.first().copied()
}

/// Whether one instance alone can be at this address: all instances share 127.0.0.1 where each has
/// a port.
fn is_own_loopback(address: &Ipv4Addr) -> bool {
    address.is_loopback() && *address != Ipv4Addr::LOCALHOST
}

struct SharedParts {
    template: Arc<Template>,
    notes: Arc<ApiAttributes>,
    tags: Arc<BTreeMap<String, String>>,
    shown_tags: Arc<BTreeMap<String, String>>,
}

/// Things that several members share, each once.
struct Shared<'a, T> {
    list: Vec<&'a Arc<T>>,
    /// By their addresses.
    places: BTreeMap<usize, usize>,
}

impl<T> Default for Shared<'_, T> {
    fn default() -> Self {
        Shared { list: Vec::new(), places: BTreeMap::new() }
    }
}

impl<'a, T> Shared<'a, T> {
    fn place(&mut self, thing: &'a Arc<T>) -> usize {
        *self.places.entry(Arc::as_ptr(thing).addr()).or_insert_with(|| {
            self.list.push(thing);
            self.list.len() - 1
        })
    }
}

const FORMAT: &str = "imds-fleet";
