//! Metadata options of launches and their changes.

use super::account::Image;
use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::state::InstanceState;
use super::tags::check_tags;
use imds::record::{HttpTokens, MetadataOptions, MetadataOptionsChange};
use imds::time::Timestamp;

impl Fleet {
    /// Requests a change of an instance's metadata options and returns all options as requested.
    /// The change is pending for [`modify_millis`](crate::fleet::Settings::modify_millis), or until
    /// the next start if the instance stops or is stopped. If nothing changes, nothing is pending.
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
        let after_delay = now.saturating_add_millis(self.settings.modify_millis);
        let modified = self.change(seq, |instance| {
            if change.instance_metadata_tags.is_some_and(|tags| tags.is_enabled()) {
                check_tags(&instance.tags, true)?;
            }
            let is_down = matches!(instance.state(now), InstanceState::Stopping | InstanceState::Stopped);
            let effective = if is_down { Timestamp::MAX } else { after_delay };
            let (before, _) = instance.instance.requested_options(now);
            let wanted = instance.instance.modify_options(now, change, effective);
            Ok((instance.id().clone(), wanted, (wanted != before).then_some(effective)))
        });
        let (id, wanted, effective) = modified.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        if let Some(effective) = effective {
            self.push_event(now, &id, EventKind::Modified);
            if effective != Timestamp::MAX {
                self.timers.insert_mut((effective, seq, TimedEvent::Applied));
                self.handle_timeout(now);
            }
        }
        Ok(wanted)
    }

    /// The options of a launch. AWS: each option comes from the launch, else from the account's
    /// defaults, else from the image, else from EC2's default.
    pub(super) fn launch_options(&self, launch: &MetadataOptionsChange, image: Option<&str>) -> MetadataOptions {
        let image = image.and_then(|id| self.image(id)).map(Image::options_change).unwrap_or_default();
        MetadataOptions::API_LAUNCH.with(&image).with(&self.account.options()).with(launch)
    }
}
