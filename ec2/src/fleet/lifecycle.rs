//! What can be done to instances that are there.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::launch::check_tags;
use super::member::Transition;
use super::{EventKind, Fleet, FleetError, FleetInstance, InstanceState, LaunchSeq, StateChange, TimedEvent, TokenUse};
use imds::record::{Details, HttpTokens, Line, MetadataOptions, MetadataOptionsChange, Name, Record, Template};
use imds::time::Timestamp;

impl Fleet {
    /// Asks for other metadata options, which are pending for a while. Gives all options as they were asked for.
    pub fn modify_options(
        &mut self,
        now: Timestamp,
        id: &str,
        change: &MetadataOptionsChange,
    ) -> Result<MetadataOptions, FleetError> {
        let order = self.present(now, id)?;
        if self.account.enforces_tokens() && change.http_tokens == Some(HttpTokens::Optional) {
            return Err(FleetError::TokensEnforced);
        }
        let effective = now.saturating_add_millis(self.settings.modify_millis);
        let modified = self.change(order, |member| {
            if change.instance_metadata_tags.is_some_and(|tags| tags.is_enabled()) {
                check_tags(&member.tags, true)?;
            }
            Ok((member.id().clone(), member.instance.modify_options(now, change, effective)))
        });
        let (id, wanted) = modified.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        self.note(now, &id, EventKind::Modified);
        self.agenda.insert_mut((effective, order, TimedEvent::Applied));
        self.handle_timeout(now);
        Ok(wanted)
    }

    /// Starts a stopped instance: a new generation, in which the tokens of the one before are void.
    pub fn start(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        self.transition(now, id, InstanceState::Pending, &[InstanceState::Stopped])
    }

    /// Stops a running instance. It keeps its private addresses.
    pub fn stop(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        self.transition(now, id, InstanceState::Stopping, &[InstanceState::Running])
    }

    /// Terminates an instance, in whichever state it is. It is shown for another hour.
    pub fn terminate(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        let order = self.order_of(id)?;
        if let Some(member) = self.members.get(&order).filter(|member| member.notes.termination_protected) {
            return Err(FleetError::TerminationProtected(member.id().clone()));
        }
        let from = [InstanceState::Pending, InstanceState::Running, InstanceState::Stopping, InstanceState::Stopped];
        self.transition(now, id, InstanceState::ShuttingDown, &from)
    }

    /// Sets tags, each in place of the one of its key.
    pub fn set_tags(&mut self, now: Timestamp, id: &str, tags: &BTreeMap<String, String>) -> Result<(), FleetError> {
        self.change_tags(now, id, |own| own.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone()))))
    }

    /// Removes the tags of which `goes` says so, by key and value. That there is none is no error.
    pub fn remove_tags(
        &mut self,
        now: Timestamp,
        id: &str,
        goes: impl Fn(&str, &str) -> bool,
    ) -> Result<(), FleetError> {
        self.change_tags(now, id, |own| own.retain(|key, value| !goes(key, value)))
    }

    /// Replaces the record of an instance, which keeps its id, its tokens and its metadata options.
    ///
    /// The instance also keeps each [own value](imds::record::InstanceOverrides) that the record leaves out,
    /// such as its addresses and its tags. Interfaces are matched by their places in the list;
    /// `ipv6s` without `local_ipv4s` makes an interface IPv6-only, as in a launch.
    ///
    /// # Errors
    ///
    /// If there is no such instance or it is terminated, if the record is wrong or does not fit
    /// the values that are kept, if another instance has one of its addresses, or if the tags are
    /// not allowed. Then the instance is unchanged.
    pub fn replace(&mut self, now: Timestamp, id: &str, record: &Record) -> Result<(), FleetError> {
        let order = self.present(now, id)?;
        let (shared, own) = record.clone().split()?;
        let template = Arc::new(Template::new(shared, &self.seed)?);
        self.attempt(|fleet| {
            let Some(mut member) = fleet.members.get(&order).cloned() else {
                return Err(FleetError::NoSuchInstance(id.into()));
            };
            let tags = if record.tags.is_empty() { member.tags.clone() } else { Arc::new(own.tags.clone()) };
            check_tags(&tags, member.instance.wanted_options(now).0.instance_metadata_tags.is_enabled())?;
            let own = own.over(member.instance.details())?;
            let loopback = member
                .endpoint
                .map(|endpoint| *endpoint.ip())
                .filter(|address| fleet.at_loopback(*address) == Some(order));
            fleet.forget_addresses(order, member.instance.details());
            let mut details = Details::of(template, own, now);
            for address in addresses(&details) {
                if fleet.by_address.contains_key(&address) {
                    return Err(FleetError::AddressInUse(address));
                }
                fleet.by_address.insert_mut(address, order);
            }
            // The new private address may not give the loopback address away, which stays the same.
            if let Some(loopback) = loopback.filter(|address| fleet.at_loopback(*address) != Some(order)) {
                fleet.by_loopback.insert_mut(loopback, order);
            }
            details.tags = tags.clone();
            member.tags = tags;
            member.instance.replace_details(details);
            fleet.note(now, member.id(), EventKind::Replaced);
            fleet.members.insert_mut(order, member);
            Ok(())
        })
    }

    /// Does what is due. Calling it early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(&(at, order, due)) = self.agenda.first().filter(|(at, ..)| *at <= now) {
            self.agenda.remove_mut(&(at, order, due));
            let Some(member) = self.members.get(&order) else { continue };
            let id = member.id().clone();
            match due {
                TimedEvent::Applied if member.instance.is_applied(at) => self.note(at, &id, EventKind::Applied),
                TimedEvent::Settled if member.life.until() == at => self.settled(at, order, &id),
                TimedEvent::Purged => self.forget(at, order, &id),
                TimedEvent::Applied | TimedEvent::Settled => {}
            }
        }
    }

    fn transition(
        &mut self,
        now: Timestamp,
        id: &str,
        toward: InstanceState,
        from: &[InstanceState],
    ) -> Result<StateChange, FleetError> {
        self.handle_timeout(now);
        let order = self.order_of(id)?;
        let life = Transition::new(toward, now, self.settings.transition_millis);
        let changed = self.change(order, |member| {
            let previous = member.state(now);
            // EC2: what is there already, or on its way there, is no error.
            if previous == toward || previous == toward.settled() {
                return Ok((member.id().clone(), StateChange { previous, current: previous }));
            }
            if !from.contains(&previous) {
                return Err(FleetError::WrongState(member.id().clone(), previous));
            }
            member.life = life;
            if toward == InstanceState::Pending {
                member.instance.restart(now, member.tags.clone());
            }
            Ok((member.id().clone(), StateChange { previous, current: toward }))
        });
        let (id, change) = changed.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        if change.current == toward && change.previous != toward {
            if toward == InstanceState::Pending {
                self.note(now, &id, EventKind::Started);
            }
            self.agenda.insert_mut((life.until(), order, TimedEvent::Settled));
            self.handle_timeout(now);
        }
        Ok(change)
    }

    fn settled(&mut self, at: Timestamp, order: LaunchSeq, id: &Name) {
        match self.members.get(&order).map(|member| member.state(at)) {
            Some(InstanceState::Stopped) => self.note(at, id, EventKind::Stopped),
            Some(InstanceState::Terminated) => {
                self.note(at, id, EventKind::Terminated);
                self.agenda.insert_mut((forgotten_at(at), order, TimedEvent::Purged));
                // Its addresses are free for others at once.
                if let Some(member) = self.members.get(&order).cloned() {
                    self.forget_addresses(order, member.instance.details());
                    if let Some(endpoint) = member.endpoint {
                        self.free_loopback(order, *endpoint.ip());
                    }
                }
                self.change(order, |member| member.endpoint = None);
            }
            _ => {}
        }
    }

    fn forget(&mut self, at: Timestamp, order: LaunchSeq, id: &Name) {
        if let Some(token) = self.members.get(&order).and_then(|member| member.client_token.clone()) {
            self.forget_launch(&token, order);
        }
        self.members.remove_mut(&order);
        self.by_id.remove_mut(id);
        self.note(at, id, EventKind::Purged);
    }

    /// A client token stands for its launch until the last instance of it is forgotten.
    fn forget_launch(&mut self, token: &Line, order: LaunchSeq) {
        let Some(used) = self.by_client_token.get(token).filter(|used| used.launched.contains(&order)) else { return };
        let launched: Vec<LaunchSeq> = used.launched.iter().copied().filter(|launched| *launched != order).collect();
        if launched.is_empty() {
            self.by_client_token.remove_mut(token);
        } else {
            let used = TokenUse { digest: used.digest, launched };
            self.by_client_token.insert_mut(token.clone(), Arc::new(used));
        }
    }

    fn forget_addresses(&mut self, order: LaunchSeq, details: &Details) {
        for address in addresses(details) {
            if self.by_address.get(&address) == Some(&order) {
                self.by_address.remove_mut(&address);
            }
        }
    }

    /// Whether an instance is terminated and its addresses are free.
    pub(super) fn has_ended(&self, member: &FleetInstance) -> bool {
        member.is_over() && !self.agenda.contains(&(member.life.until(), member.order, TimedEvent::Settled))
    }

    fn change_tags(
        &mut self,
        now: Timestamp,
        id: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), FleetError> {
        let order = self.present(now, id)?;
        let changed = self.change(order, |member| {
            let mut tags = BTreeMap::clone(&member.tags);
            change(&mut tags);
            let (wanted, _) = member.instance.wanted_options(now);
            let in_force = member.instance.options(now);
            let visible = [wanted, in_force].iter().any(|options| options.instance_metadata_tags.is_enabled());
            check_tags(&tags, visible)?;
            if tags != *member.tags {
                member.tags = Arc::new(tags);
                // AWS: only an instance on Nitro sees its tags change while it runs.
                if member.instance.details().profile().live_tags {
                    member.instance.set_tags(now, member.tags.clone());
                }
            }
            Ok(member.id().clone())
        });
        let id = changed.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        self.note(now, &id, EventKind::Tagged);
        Ok(())
    }

    /// An instance that is not terminated.
    fn present(&mut self, now: Timestamp, id: &str) -> Result<LaunchSeq, FleetError> {
        self.handle_timeout(now);
        let order = self.order_of(id)?;
        match self.members.get(&order) {
            Some(member) if member.state(now) == InstanceState::Terminated => {
                Err(FleetError::WrongState(member.id().clone(), InstanceState::Terminated))
            }
            _ => Ok(order),
        }
    }
}

/// All private addresses of an instance.
pub(super) fn addresses(details: &Details) -> impl Iterator<Item = IpAddr> {
    details.interfaces.iter().flat_map(|interface| {
        let ipv4s = interface.local_ipv4s.iter().copied().map(IpAddr::V4);
        ipv4s.chain(interface.ipv6s().iter().copied().map(IpAddr::V6))
    })
}

/// When a terminated instance is shown no longer.
pub(super) fn forgotten_at(terminated: Timestamp) -> Timestamp {
    terminated.saturating_add_millis(TERMINATED_MILLIS)
}

/// EC2 shows a terminated instance for about an hour.
const TERMINATED_MILLIS: u64 = 3_600_000;
