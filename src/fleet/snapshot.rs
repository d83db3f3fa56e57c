//! A fleet as text, to go on with after a restart. **It holds the seed, from which every token's key derives: keep it secret.**

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::member::Life;
use super::operations::{addresses, forgotten_at};
use super::{AccountDefaults, Due, Fleet, Image, InstanceState, Member, Notes, Order, Settings, TokenUse};
use crate::instance::{Instance, Timeline};
use crate::record::json::{objects, write_compact};
use crate::record::{Details, Line, Map, Own, Record, RecordError, Template, read_json, to_map};
use crate::seed::Seed;
use crate::time::Timestamp;

/// The version of the text. One of another version is refused.
pub const SNAPSHOT_VERSION: u32 = 1;

struct Snapshot {
    format: String,
    version: u32,
    seed: String,
    drawn: u64,
    next: Order,
    public_addresses: u32,
    account: AccountDefaults,
    images: Map<Line, Image>,
    launch_template: Record,
    planned: Vec<Own>,
    cursors: Map<Line, u32>,
    client_tokens: Map<Line, Used>,
    templates: Vec<Record>,
    notes: Vec<Notes>,
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
    launched: Vec<Order>,
}

/// One member. `template`, `notes`, `tags` and `shown_tags` are places in the lists above.
struct Saved {
    order: Order,
    template: usize,
    notes: usize,
    tags: usize,
    shown_tags: usize,
    own: Own,
    options: Timeline,
    generation: u64,
    life: Life,
    client_token: Option<Line>,
    loopback: Option<Ipv4Addr>,
}

objects! {
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
                own: Own::of(details),
                options: *member.instance.timeline(),
                generation: member.instance.generation(),
                life: member.life,
                client_token: member.client_token.clone(),
                loopback: member.endpoint.map(|endpoint| *endpoint.ip()),
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
            notes: notes.list.iter().map(|notes| Notes::clone(notes)).collect(),
            tags: tags.list.iter().map(|tags| BTreeMap::clone(tags)).collect(),
            members,
        };
        write_compact(&snapshot)
    }

    /// The fleet of a snapshot, as it would be at this time. What fell due meanwhile has happened without an event.
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
        for (index, member) in saved.members.into_iter().enumerate() {
            let wrong = |reason: &str| RecordError::new(&format!("members[{index}]"), reason);
            let missing = || wrong("it names a template, notes or tags that are not there");
            if member.order >= fleet.next || member.own.instance_id.is_none() {
                return Err(wrong("its place is not before the next one's, or it has no id"));
            }
            let shared = SharedParts {
                template: templates.get(member.template).cloned().ok_or_else(missing)?,
                notes: notes.get(member.notes).cloned().ok_or_else(missing)?,
                tags: tags.get(member.tags).cloned().ok_or_else(missing)?,
                shown_tags: tags.get(member.shown_tags).cloned().ok_or_else(missing)?,
            };
            fleet.resume(member, shared, now).map_err(|taken| wrong(&taken))?;
        }
        fleet.handle_deadline(now);
        fleet.events.clear();
        Ok(fleet)
    }

    fn resume(&mut self, saved: Saved, shared: SharedParts, now: Timestamp) -> Result<(), String> {
        let order = saved.order;
        let mut details = Details::of(shared.template, saved.own, now);
        details.tags = shared.shown_tags;
        let id = details.instance_id.clone();
        if self.members.contains_key(&order) || self.by_id.contains_key(&id) {
            return Err(format!("{id} is there twice"));
        }
        let member = Member {
            order,
            instance: Instance::resumed(details, saved.options, saved.generation),
            life: saved.life,
            tags: shared.tags,
            notes: shared.notes,
            client_token: saved.client_token,
            endpoint: None,
        };
        let is_gone = saved.life.toward.settled() == InstanceState::Terminated && saved.life.until() <= now;
        if !is_gone {
            for address in addresses(member.instance.details()) {
                if self.by_address.contains_key(&address) {
                    return Err(format!("another instance has the address {address}"));
                }
                self.by_address.insert_mut(address, order);
            }
        }
        self.by_id.insert_mut(id, order);
        if is_gone {
            self.agenda.insert_mut((forgotten_at(saved.life.until()), order, Due::Forgotten));
        } else if saved.life.until() > now {
            self.agenda.insert_mut((saved.life.until(), order, Due::Settled));
        }
        if let Some(at) = saved.options.effective().filter(|at| *at > now) {
            self.agenda.insert_mut((at, order, Due::Applied));
        }
        let private = member.instance.details().primary().local_ipv4s.first().copied();
        self.members.insert_mut(order, member);
        if !is_gone && let Some(port) = self.settings.loopback_port {
            let endpoint = match saved.loopback.filter(|address| address.is_loopback()) {
                Some(address) if self.at_loopback(address).is_none() => {
                    if private.map(IpAddr::V4) != Some(IpAddr::V4(super::address::private_of(address))) {
                        self.by_loopback.insert_mut(address, order);
                    }
                    Some(SocketAddrV4::new(address, port))
                }
                _ => self.loopback_endpoint(order, private),
            };
            self.change(order, |member| member.endpoint = endpoint);
        }
        Ok(())
    }
}

struct SharedParts {
    template: Arc<Template>,
    notes: Arc<Notes>,
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
