use crate::record::{MetadataOptions, MetadataOptionsChange};
use crate::time::Timestamp;

/// An instance's metadata options over time: those in force, and a change that is yet to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timeline {
    /// In force since `since`.
    applied: MetadataOptions,
    /// Since when the tags are visible, if `applied` shows them.
    tags_since: Timestamp,
    pending: Option<(Timestamp, MetadataOptions)>,
}

/// How far the last change of the options is, as EC2's API names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionsState {
    /// The last change is yet to take effect.
    Pending,
    /// The options as they were last asked for are in force.
    Applied,
}

impl Timeline {
    /// The options of a launch are in force at once.
    pub fn new(options: MetadataOptions, launched: Timestamp) -> Timeline {
        Timeline { applied: options, tags_since: launched, pending: None }
    }

    /// Makes a change that takes effect at `at`. Until then the old options rule; a change before it, still pending, is
    /// taken along.
    pub fn modify(&mut self, now: Timestamp, change: &MetadataOptionsChange, at: Timestamp) -> MetadataOptions {
        *self = self.at(now);
        let wanted = self.wanted().with(change);
        self.pending = Some((at, wanted));
        *self = self.at(now);
        wanted
    }

    /// The options in force.
    pub fn in_force(&self, now: Timestamp) -> MetadataOptions {
        self.at(now).applied
    }

    /// Since when the tags are visible, if they are.
    pub fn tags_since(&self, now: Timestamp) -> Option<Timestamp> {
        let timeline = self.at(now);
        timeline.applied.instance_metadata_tags.is_enabled().then_some(timeline.tags_since)
    }

    /// The options as they were last asked for.
    pub fn wanted(&self) -> MetadataOptions {
        self.pending.map_or(self.applied, |(_, wanted)| wanted)
    }

    pub fn state(&self, now: Timestamp) -> OptionsState {
        if self.at(now).pending.is_some() { OptionsState::Pending } else { OptionsState::Applied }
    }

    /// The timeline once what is due has taken effect.
    fn at(&self, now: Timestamp) -> Timeline {
        match self.pending {
            Some((at, wanted)) if at <= now => {
                let shown_before = self.applied.instance_metadata_tags.is_enabled();
                Timeline { applied: wanted, tags_since: if shown_before { self.tags_since } else { at }, pending: None }
            }
            _ => *self,
        }
    }
}
