//! Tags of instances.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;

use super::error::FleetError;
use super::event::EventKind;
use super::fleet::Fleet;
use imds::instance::Instance;
use imds::limits;
use imds::record::{MetadataTagKeyError, is_reserved_tag_key};
use imds::time::Timestamp;

impl Fleet {
    /// Sets tags of an instance. A tag replaces the one with the same key.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], [`FleetError::IncorrectState`] if the instance is
    /// terminated, [`FleetError::TooManyTags`], or [`FleetError::InvalidTagKey`].
    pub fn set_tags(&mut self, now: Timestamp, id: &str, tags: &BTreeMap<String, String>) -> Result<(), FleetError> {
        self.change_tags(now, id, |own| own.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone()))))
    }

    /// Removes the tags for whose key and value `is_removed` returns true. It is no error if there
    /// are none.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], [`FleetError::IncorrectState`] if the instance is
    /// terminated, or [`FleetError::InvalidTagKey`].
    pub fn remove_tags(
        &mut self,
        now: Timestamp,
        id: &str,
        is_removed: impl Fn(&str, &str) -> bool,
    ) -> Result<(), FleetError> {
        self.change_tags(now, id, |own| own.retain(|key, value| !is_removed(key, value)))
    }

    fn change_tags(
        &mut self,
        now: Timestamp,
        id: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), FleetError> {
        let seq = self.find_present(now, id)?;
        let changed = self.change(seq, |instance| {
            let mut tags = BTreeMap::clone(&instance.tags);
            change(&mut tags);
            check_tags(&tags, shows_tags(&instance.instance, now))?;
            if tags != *instance.tags {
                instance.tags = Arc::new(tags);
                // AWS: only the metadata of Nitro instances shows a change of tags at run time.
                if instance.instance.details().profile().live_tags {
                    instance.instance.set_tags(now, instance.tags.clone());
                }
            }
            Ok(instance.id().clone())
        });
        let id = changed.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        self.push_event(now, &id, EventKind::Tagged);
        Ok(())
    }
}

/// Returns whether the tags are in the metadata, or a pending change will put them there.
pub(super) fn shows_tags(instance: &Instance, now: Timestamp) -> bool {
    let (wanted, _) = instance.requested_options(now);
    [wanted, instance.options(now)].iter().any(|options| options.instance_metadata_tags.is_enabled())
}

/// Checks the number of tags, without those of AWS, and their keys if they are in the metadata.
pub(super) fn check_tags(tags: &BTreeMap<String, String>, in_metadata: bool) -> Result<(), FleetError> {
    if tags.keys().filter(|key| !is_reserved_tag_key(key)).count() > limits::TAGS {
        return Err(FleetError::TooManyTags);
    }
    if in_metadata {
        MetadataTagKeyError::check(tags.keys().map(String::as_str))
            .map_err(|MetadataTagKeyError(key)| FleetError::InvalidTagKey(key))?;
    }
    Ok(())
}
