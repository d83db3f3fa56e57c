//! Metadata options of launches and their changes.

use super::account::Image;
use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::tags::check_tags;
use imds::record::{HttpTokens, MetadataOptions, MetadataOptionsChange};
use imds::time::Timestamp;

impl Fleet {
    /// Requests a change of an instance's metadata options and returns all options as requested.
    /// The change is pending for [`modify_millis`](crate::fleet::Settings::modify_millis).
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], [`FleetError::IncorrectState`] if the instance is
    /// terminated, [`FleetError::TokensEnforced`], or [`FleetError::InvalidTagKey`] if the change
    /// puts tags into the metadata and a tag key is not allowed there.
    pub fn modify_options(
        &mut self,
        now: Timestamp,
        id: &str,
        change: &MetadataOptionsChange,
    ) -> Result<MetadataOptions, FleetError> {
        let seq = self.find_present(now, id)?;
        if self.account.enforces_tokens() && change.http_tokens == Some(HttpTokens::Optional) {
            return Err(FleetError::TokensEnforced);
        }
        let effective = now.saturating_add_millis(self.settings.modify_millis);
        let modified = self.change(seq, |instance| {
            if change.instance_metadata_tags.is_some_and(|tags| tags.is_enabled()) {
                check_tags(&instance.tags, true)?;
            }
            Ok((instance.id().clone(), instance.instance.modify_options(now, change, effective)))
        });
        let (id, wanted) = modified.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        self.push_event(now, &id, EventKind::Modified);
        self.timers.insert_mut((effective, seq, TimedEvent::Applied));
        self.handle_timeout(now);
        Ok(wanted)
    }

    /// The options of a launch. AWS: each option comes from the launch, else from the account's
    /// defaults, else from the image, else from EC2's default.
    pub(super) fn launch_options(&self, launch: &MetadataOptionsChange, image: Option<&str>) -> MetadataOptions {
        let image = image.and_then(|id| self.image(id)).map(Image::options_change).unwrap_or_default();
        MetadataOptions::API_LAUNCH.with(&image).with(&self.account.options()).with(launch)
    }
}
