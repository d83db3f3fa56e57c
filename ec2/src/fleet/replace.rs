//! Replacement of an instance's record.

use alloc::sync::Arc;

use super::addresses::private_addresses;
use super::error::FleetError;
use super::event::EventKind;
use super::fleet::Fleet;
use super::tags::{check_tags, shows_tags};
use imds::metadata::check_extra;
use imds::record::{Details, Record};
use imds::time::Timestamp;

impl Fleet {
    /// Replaces the record of an instance, which keeps its id, its tokens and its metadata options.
    ///
    /// The instance also keeps each [own value](imds::record::InstanceOverrides) that the record
    /// leaves out, such as its addresses and its tags; an empty list or map removes them.
    /// Interfaces are matched by their places in the list; `ipv6s` without `local_ipv4s` makes an
    /// interface IPv6-only, as in a launch.
    ///
    /// # Errors
    ///
    /// If there is no such instance or it is terminated, if the record is invalid or contradicts
    /// the values that are kept, if another instance has one of its addresses, or if the tags are
    /// not allowed. The instance is then unchanged.
    pub fn replace(&mut self, now: Timestamp, id: &str, record: &Record) -> Result<(), FleetError> {
        let seq = self.find_present(now, id)?;
        check_extra(record)?;
        let (mut shared, own) = record.clone().split()?;
        self.attempt(|fleet| {
            fleet.apply_image(&mut shared);
            fleet.separate_networks(&mut shared);
            let template = Arc::new(fleet.template(shared)?);
            let Some(mut instance) = fleet.instances.get(&seq).cloned() else {
                return Err(FleetError::NoSuchInstance(id.into()));
            };
            let tags = if record.tags.is_some() { Arc::new(own.tags.clone()) } else { instance.tags.clone() };
            check_tags(&tags, shows_tags(&instance.instance, now))?;
            let own = own.over(instance.instance.details())?;
            let loopback = instance
                .endpoint
                .map(|endpoint| *endpoint.ip())
                .filter(|address| fleet.find_by_loopback(*address) == Some(seq));
            fleet.free_addresses(seq, instance.instance.details());
            let mut details = Details::of(template, own, now);
            for address in private_addresses(&details) {
                fleet.claim_address(seq, address)?;
            }
            // The loopback address stays the same, even if it does not follow from the new private
            // address.
            if let Some(loopback) = loopback.filter(|address| fleet.find_by_loopback(*address) != Some(seq)) {
                fleet.by_loopback.insert_mut(loopback, seq);
            }
            details.tags = tags.clone();
            instance.tags = tags;
            instance.instance.replace_details(details);
            fleet.push_event(now, instance.id(), EventKind::Replaced);
            fleet.instances.insert_mut(seq, instance);
            Ok(())
        })
    }
}
