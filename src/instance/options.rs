use crate::json_struct;
use crate::record::{MetadataOptions, MetadataOptionsChange};
use crate::time::Timestamp;

/// The metadata options of an instance over time: those in force, and a pending change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    applied: MetadataOptions,
    /// When the visibility of tags in `applied`, or the tags, changed last.
    tags_changed: Timestamp,
    pending: Option<(Timestamp, MetadataOptions)>,
}

json_struct! {
    Timeline {
        needed { applied, tags_changed }
        optional { pending }
    }
}

named_enum! {
    /// The state of the last change of the options, as `DescribeInstances` names it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum OptionsState {
        /// The last change has not taken effect.
        Pending = "pending",
        /// The options as last requested are in force.
        Applied = "applied",
    }
}

impl Timeline {
    /// The time of a change that takes effect at the next start.
    const AT_START: Timestamp = Timestamp::MAX;

    /// The options of a launch, in force at once.
    pub fn new(options: MetadataOptions, launched: Timestamp) -> Timeline {
        Timeline { applied: options, tags_changed: launched, pending: None }
    }

    /// Requests a change that takes effect at `at`, together with an earlier change that is still
    /// pending. Returns the requested options. Nothing becomes pending if they stay the same.
    pub fn modify(&mut self, now: Timestamp, change: &MetadataOptionsChange, at: Timestamp) -> MetadataOptions {
        self.settle(now);
        let requested = self.requested().with(change);
        if requested != self.requested() {
            self.pending = Some((at, requested));
            self.settle(now);
        }
        requested
    }

    /// Applies a change that waits for the start of the instance.
    pub fn start(&mut self, now: Timestamp) {
        if let Some((at, _)) = self.pending.as_mut().filter(|(at, _)| *at == Timeline::AT_START) {
            *at = now;
        }
        self.settle(now);
    }

    /// The options in force.
    pub fn in_force(&self, now: Timestamp) -> &MetadataOptions {
        match &self.pending {
            Some((at, requested)) if *at <= now => requested,
            _ => &self.applied,
        }
    }

    /// When the visibility of the tags, or the tags, changed last.
    pub fn tags_changed(&self, now: Timestamp) -> Timestamp {
        match &self.pending {
            Some((at, requested))
                if *at <= now && requested.instance_metadata_tags != self.applied.instance_metadata_tags =>
            {
                *at
            }
            _ => self.tags_changed,
        }
    }

    /// Records a change of the tags.
    pub fn touch_tags(&mut self, now: Timestamp) {
        self.settle(now);
        self.tags_changed = now.truncate_to_second();
    }

    /// When the pending change takes effect, if that is known.
    pub fn effective(&self) -> Option<Timestamp> {
        self.pending.map(|(at, _)| at).filter(|at| *at != Timeline::AT_START)
    }

    /// The options as last requested.
    pub fn requested(&self) -> MetadataOptions {
        self.pending.map_or(self.applied, |(_, requested)| requested)
    }

    /// The state of the last change.
    pub fn state(&self, now: Timestamp) -> OptionsState {
        match self.pending {
            Some((at, _)) if now < at => OptionsState::Pending,
            _ => OptionsState::Applied,
        }
    }

    /// Applies the pending change if it is due. There is at most one.
    fn settle(&mut self, now: Timestamp) {
        if self.state(now) == OptionsState::Applied {
            self.tags_changed = self.tags_changed(now);
            self.applied = self.requested();
            self.pending = None;
        }
    }
}
