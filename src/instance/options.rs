use crate::json_struct;
use crate::record::{MetadataOptions, MetadataOptionsChange};
use crate::time::Timestamp;

/// An instance's metadata options over time: those in force, and a change that is yet to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    applied: MetadataOptions,
    /// Since when `applied` shows the tags, or does not.
    tags_changed: Timestamp,
    pending: Option<(Timestamp, MetadataOptions)>,
}

json_struct! {
    Timeline {
        needed { applied, tags_changed }
        optional { pending }
    }
}

/// How far the last change of the options is, as EC2's API names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionsState {
    /// The last change is yet to take effect.
    Pending,
    /// The options as they were last asked for are in force.
    Applied,
}

impl OptionsState {
    /// `pending` or `applied`.
    pub const fn name(self) -> &'static str {
        match self {
            OptionsState::Pending => "pending",
            OptionsState::Applied => "applied",
        }
    }
}

impl Timeline {
    /// The options of a launch are in force at once.
    pub fn new(options: MetadataOptions, launched: Timestamp) -> Timeline {
        Timeline { applied: options, tags_changed: launched, pending: None }
    }

    /// Makes a change that takes effect at `at`. Until then the old options rule; a change before it, still pending, is
    /// taken along.
    pub fn modify(&mut self, now: Timestamp, change: &MetadataOptionsChange, at: Timestamp) -> MetadataOptions {
        self.settle(now);
        let wanted = self.wanted().with(change);
        self.pending = Some((at, wanted));
        self.settle(now);
        wanted
    }

    /// The options in force.
    pub fn in_force(&self, now: Timestamp) -> &MetadataOptions {
        match &self.pending {
            Some((at, wanted)) if *at <= now => wanted,
            _ => &self.applied,
        }
    }

    /// Since when the tags are visible, or are not.
    pub fn tags_changed(&self, now: Timestamp) -> Timestamp {
        match &self.pending {
            Some((at, wanted))
                if *at <= now && wanted.instance_metadata_tags != self.applied.instance_metadata_tags =>
            {
                *at
            }
            _ => self.tags_changed,
        }
    }

    /// The tags changed, or are shown anew.
    pub fn touch_tags(&mut self, now: Timestamp) {
        self.settle(now);
        self.tags_changed = now.truncate_to_second();
    }

    /// When what is pending takes effect.
    pub fn effective(&self) -> Option<Timestamp> {
        self.pending.map(|(at, _)| at)
    }

    /// The options as they were last asked for.
    pub fn wanted(&self) -> MetadataOptions {
        self.pending.map_or(self.applied, |(_, wanted)| wanted)
    }

    /// Whether the last change is in force.
    pub fn state(&self, now: Timestamp) -> OptionsState {
        match self.pending {
            Some((at, _)) if now < at => OptionsState::Pending,
            _ => OptionsState::Applied,
        }
    }

    /// Lets what is due take effect, for there is one change at a time to keep.
    fn settle(&mut self, now: Timestamp) {
        if self.state(now) == OptionsState::Applied {
            self.tags_changed = self.tags_changed(now);
            self.applied = self.wanted();
            self.pending = None;
        }
    }
}
