use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr};

use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::account::{AccountDefaults, Image};
use super::client_token::TokenUse;
use super::error::FleetError;
use super::event::{Event, EventKind, TimedEvent};
use super::instance::FleetInstance;
use super::launch_seq::LaunchSeq;
use super::settings::Settings;
use super::shared::SharedParts;
use super::virtual_clock::VirtualClock;
use imds::record::{
    IdentityKeys, IdentitySignatures, IdentitySigner, InstanceOverrides, Line, Name, NetworkInterface, Record,
    RecordError, Template, resource_id,
};
use imds::seed::Seed;
use imds::time::Timestamp;

/// A fleet of instances. The [module](crate::fleet) explains how to use it.
#[derive(Clone)]
pub struct Fleet {
    pub(super) seed: Seed,
    /// The number of values drawn from the seed.
    pub(super) drawn: u64,
    pub(super) settings: Settings,
    pub(super) account: AccountDefaults,
    pub(super) images: RedBlackTreeMapSync<Line, Image>,
    pub(super) launch_template: Arc<Record>,
    pub(super) queued_overrides: Arc<VecDeque<InstanceOverrides>>,
    /// The position of the next launch.
    pub(super) next: LaunchSeq,
    pub(super) instances: RedBlackTreeMapSync<LaunchSeq, FleetInstance>,
    pub(super) by_id: RedBlackTreeMapSync<Name, LaunchSeq>,
    pub(super) by_address: RedBlackTreeMapSync<IpAddr, LaunchSeq>,
    /// Loopback addresses that do not follow from the private address of their instance.
    pub(super) by_loopback: RedBlackTreeMapSync<Ipv4Addr, LaunchSeq>,
    pub(super) by_client_token: RedBlackTreeMapSync<Line, Arc<TokenUse>>,
    /// The CIDR blocks of each generated id of a subnet or a VPC.
    pub(super) networks: RedBlackTreeMapSync<Line, String>,
    /// For each subnet, the offset at which the search for a free address continues.
    pub(super) cursors: RedBlackTreeMapSync<Line, u32>,
    /// The number of public addresses assigned.
    pub(super) public_addresses: u32,
    pub(super) timers: RedBlackTreeSetSync<(Timestamp, LaunchSeq, TimedEvent)>,
    /// The shared parts of the last launch. Equal launches in a row share them too.
    pub(super) last_launch: Option<SharedParts>,
    pub(super) events: VecDeque<Event>,
    pub(super) clock: VirtualClock,
}

/// Accepts each key and signs nothing.
struct NoKeys;

impl IdentityKeys for NoKeys {
    fn read(&self, _: &str, _: &str) -> Result<Arc<dyn IdentitySigner>, RecordError> {
        Ok(Arc::new(NoKeys))
    }

    fn default_key(&self) -> Option<Arc<dyn IdentitySigner>> {
        None
    }
}

impl IdentitySigner for NoKeys {
    fn sign(&self, _: &[u8], _: Timestamp) -> Option<IdentitySignatures> {
        None
    }
}

impl Fleet {
    /// Creates a fleet without instances. All generated values derive from the seed.
    pub fn new(seed: Seed) -> Fleet {
        Fleet {
            seed,
            drawn: 0,
            settings: Settings::default(),
            account: AccountDefaults::default(),
            images: RedBlackTreeMapSync::new_sync(),
            launch_template: Arc::new(default_template()),
            queued_overrides: Arc::default(),
            next: LaunchSeq::FIRST,
            instances: RedBlackTreeMapSync::new_sync(),
            by_id: RedBlackTreeMapSync::new_sync(),
            by_address: RedBlackTreeMapSync::new_sync(),
            by_loopback: RedBlackTreeMapSync::new_sync(),
            by_client_token: RedBlackTreeMapSync::new_sync(),
            networks: RedBlackTreeMapSync::new_sync(),
            cursors: RedBlackTreeMapSync::new_sync(),
            public_addresses: 0,
            timers: RedBlackTreeSetSync::new_sync(),
            last_launch: None,
            events: VecDeque::new(),
            clock: VirtualClock::default(),
        }
    }

    /// The instance with this id. A terminated instance is found for one more hour, as in EC2.
    pub fn instance(&self, id: &str) -> Option<&FleetInstance> {
        self.instances.get(self.by_id.get(id)?)
    }

    /// All instances from this position on, in the order of their launches.
    pub fn instances(&self, from: LaunchSeq) -> impl Iterator<Item = &FleetInstance> {
        self.instances.range(from..).map(|(_, instance)| instance)
    }

    /// The instance that was launched first.
    pub fn first_launched(&self) -> Option<&FleetInstance> {
        self.instances.first().map(|(_, instance)| instance)
    }

    /// The digest and the instances of the launch with this client token.
    pub fn find_by_client_token(&self, token: &str) -> Option<(&[u8; 32], impl Iterator<Item = &FleetInstance>)> {
        let used = self.by_client_token.get(token)?;
        Some((&used.digest, used.launched.iter().filter_map(|seq| self.instances.get(seq))))
    }

    /// The number of instances, those included that were terminated in the last hour.
    pub fn len(&self) -> usize {
        self.instances.size()
    }

    /// Returns whether the fleet has no instances.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Returns whether a fleet and a clone of it are still the same, in constant time. The result
    /// can be `false` for fleets that are equal but not clones.
    pub fn is_unchanged_from(&self, other: &Fleet) -> bool {
        self.instances.ptr_eq(&other.instances)
            && self.timers.ptr_eq(&other.timers)
            && self.by_client_token.ptr_eq(&other.by_client_token)
            && self.images.ptr_eq(&other.images)
            && Arc::ptr_eq(&self.launch_template, &other.launch_template)
            && Arc::ptr_eq(&self.queued_overrides, &other.queued_overrides)
            && (self.drawn, self.next, self.public_addresses) == (other.drawn, other.next, other.public_addresses)
            && (self.settings, self.account, self.clock) == (other.settings, other.account, other.clock)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The account's defaults for metadata options.
    pub fn account_defaults(&self) -> &AccountDefaults {
        &self.account
    }

    /// Sets the account's defaults. They apply to later launches only.
    pub fn set_account_defaults(&mut self, defaults: AccountDefaults) {
        self.account = defaults;
    }

    /// The clock that the caller keeps in the fleet. No operation uses it.
    pub fn clock(&self) -> VirtualClock {
        self.clock
    }

    /// Replaces the clock, and makes the changes that are due at the time that it then shows.
    pub fn set_clock(&mut self, clock: VirtualClock, base: Timestamp) {
        self.clock = clock;
        self.handle_timeout(clock.now(base));
    }

    /// The properties of an image, if they were set.
    pub fn image(&self, id: &str) -> Option<&Image> {
        self.images.get(id)
    }

    /// Sets the properties of an image. They apply to later launches only.
    pub fn set_image(&mut self, id: Line, image: Image) {
        self.images.insert_mut(id, image);
    }

    /// The record that launches through the Query API start from, like an EC2 launch template.
    pub fn launch_template(&self) -> &Record {
        &self.launch_template
    }

    /// Sets the record that launches through the Query API start from.
    pub fn set_launch_template(&mut self, record: Record) {
        self.launch_template = Arc::new(record);
    }

    /// Queues values for the next instances, in the order of their launches. An instance that gets
    /// its id or its addresses from its launch does not use the queued values.
    pub fn queue_overrides(&mut self, overrides: impl IntoIterator<Item = InstanceOverrides>) {
        Arc::make_mut(&mut self.queued_overrides).extend(overrides);
    }

    /// The next event, in order of time. Requests to the metadata service are no events.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The template of a record, whose identity documents the keys of the settings sign.
    pub(super) fn template(&self, record: Record) -> Result<Template, RecordError> {
        Template::new(record, &self.seed, self.settings.identity_keys)
    }

    /// A clone whose launches sign no identity documents, which takes milliseconds for each.
    pub(crate) fn clone_without_keys(&self) -> Fleet {
        let settings = self.settings.with_identity_keys(Some(&NoKeys));
        // A launch must not share a template with a signer.
        Fleet { settings, last_launch: None, ..self.clone() }
    }

    /// Continues the stream of random values at this position.
    ///
    /// A caller that restores snapshots passes a random number: what was drawn after the snapshot,
    /// ids and generations of instances among it, is then not drawn again.
    pub fn continue_random_values_at(&mut self, position: u64) {
        self.drawn = position;
    }

    /// A new value from the fleet's stream of random values.
    pub(crate) fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn = self.drawn.wrapping_add(1);
        self.seed.generate("imds 2026 fleet v1", &[&self.drawn.to_le_bytes()])
    }

    /// A value that derives from the seed, the purpose and the parts. It does not change the stream
    /// of random values.
    pub(crate) fn derive<const N: usize>(&self, purpose: &str, parts: &[&[u8]]) -> [u8; N] {
        self.seed.generate(purpose, parts)
    }

    /// A new id with this prefix, for example `i-0123456789abcdef0`.
    pub(super) fn draw_id(&mut self, prefix: &str) -> String {
        resource_id(prefix, self.draw())
    }

    pub(super) fn find_seq(&self, id: &str) -> Result<LaunchSeq, FleetError> {
        self.by_id.get(id).copied().ok_or_else(|| FleetError::NoSuchInstance(id.into()))
    }

    /// Returns whether an instance is terminated and its addresses are free.
    pub(super) fn has_ended(&self, instance: &FleetInstance) -> bool {
        let settles = (instance.transition.end(), instance.launch_seq, TimedEvent::Settled);
        instance.transition.is_termination() && !self.timers.contains(&settles)
    }

    /// Changes one instance, if it exists. Clones of the fleet keep the old version.
    pub(super) fn change<T>(&mut self, seq: LaunchSeq, change: impl FnOnce(&mut FleetInstance) -> T) -> Option<T> {
        self.instances.get_mut(&seq).map(change)
    }

    /// Runs the steps on a clone and keeps the result if they succeed.
    pub(super) fn attempt<T>(
        &mut self,
        steps: impl FnOnce(&mut Fleet) -> Result<T, FleetError>,
    ) -> Result<T, FleetError> {
        let mut trial = self.clone();
        let done = steps(&mut trial)?;
        *self = trial;
        Ok(done)
    }

    pub(super) fn push_event(&mut self, at: Timestamp, instance: &Name, kind: EventKind) {
        self.events.push_back(Event { at, instance: instance.clone(), kind });
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("instances", &self.len()).finish_non_exhaustive()
    }
}

/// The default launch template: a Nitro instance in a subnet that fills its VPC.
fn default_template() -> Record {
    let block = Line::generated("10.0.0.0/16");
    let mut interface = NetworkInterface::new();
    interface.subnet_ipv4_cidr_block = Some(block.clone());
    interface.vpc_ipv4_cidr_blocks = Some([block].into());
    let mut record = Record::new(Line::generated("t3.micro"));
    record.network_interfaces = [interface].into();
    record
}
