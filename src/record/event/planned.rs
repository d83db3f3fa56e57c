use core::fmt;

use super::super::{EventState, MaintenanceEvent, Name, SpotAction, SpotInterruption};
use super::code::EventCode;
use crate::json_struct;
use crate::time::Timestamp;

/// An event of an instance with fixed times. Without other parts than an id, it has no effect.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedEvent {
    /// The id, for example `instance-event-0d59937288b749b32`.
    pub id: Name,
    /// The time of the rebalance recommendation.
    pub rebalance_recommended: Option<Timestamp>,
    /// The spot interruption, with the time of its notice.
    pub spot_interruption: Option<SpotInterruption>,
    /// The scheduled event, as it is shown while it is active.
    pub scheduled_event: Option<MaintenanceEvent>,
    /// The time from which the scheduled event is shown.
    pub shown: Option<Timestamp>,
    /// The time at which the scheduled event was canceled.
    pub canceled: Option<Timestamp>,
    /// The number of steps whose consequences an owner of the instance has carried out. The
    /// metadata does not depend on it.
    pub steps_made: u32,
}

json_struct! {
    PlannedEvent {
        needed { id }
        optional { rebalance_recommended, spot_interruption, scheduled_event, shown, canceled, steps_made }
    }
}

/// A moment at which an event changes the metadata or the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStep {
    /// The rebalance recommendation is in the metadata.
    RebalanceRecommended,
    /// The notice of a spot interruption is in the metadata.
    SpotNoticed,
    /// The action of a spot interruption starts.
    SpotInterrupted(SpotAction),
    /// A scheduled event is in the metadata.
    EventShown,
    /// A scheduled event happens, and is complete. A code that EC2 does not have is `None`.
    EventCompleted(Option<EventCode>),
}

impl PlannedEvent {
    pub(super) fn new(id: Name) -> PlannedEvent {
        PlannedEvent {
            id,
            rebalance_recommended: None,
            spot_interruption: None,
            scheduled_event: None,
            shown: None,
            canceled: None,
            steps_made: 0,
        }
    }

    /// The steps in order of time.
    pub fn steps(&self) -> impl Iterator<Item = (Timestamp, EventStep)> {
        let spot = self.spot_interruption.as_ref();
        let scheduled = self.scheduled_event.as_ref();
        let completed = scheduled.filter(|_| self.canceled.is_none()).map(|event| {
            let code = EventCode::CODES.into_iter().find(|code| *code.name() == *event.code);
            (event.not_before, EventStep::EventCompleted(code))
        });
        [
            self.rebalance_recommended.map(|at| (at, EventStep::RebalanceRecommended)),
            spot.map(|notice| (notice.noticed.unwrap_or(notice.time), EventStep::SpotNoticed)),
            spot.map(|notice| (notice.time, EventStep::SpotInterrupted(notice.action))),
            scheduled.and(self.shown).map(|at| (at, EventStep::EventShown)),
            completed,
        ]
        .into_iter()
        .flatten()
    }

    /// The next step that is not made.
    pub fn next_step(&self) -> Option<(Timestamp, EventStep)> {
        self.steps().nth(self.steps_made as usize)
    }

    /// The spot interruption, from the time of its notice.
    pub(super) fn spot_notice(&self, now: Timestamp) -> Option<&SpotInterruption> {
        self.spot_interruption.as_ref().filter(|notice| notice.noticed.is_none_or(|at| at <= now))
    }

    /// The scheduled event and its state, from the time at which it is shown.
    pub(super) fn scheduled(&self, now: Timestamp) -> Option<(&MaintenanceEvent, EventState)> {
        let event = self.scheduled_event.as_ref().filter(|_| self.shown.is_none_or(|at| at <= now))?;
        let state = match self.canceled {
            Some(at) if at <= now => EventState::Canceled,
            None if event.not_before <= now => EventState::Completed,
            _ => EventState::Active,
        };
        Some((event, state))
    }

    /// When the lists of scheduled events last changed through this event.
    pub(super) fn scheduled_changed(&self, now: Timestamp) -> Option<Timestamp> {
        let event = self.scheduled_event.as_ref()?;
        let ended = self.canceled.unwrap_or(event.not_before);
        [self.shown, Some(ended)].into_iter().flatten().filter(|at| *at <= now).max()
    }

    /// Returns whether all its times have passed.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.steps().all(|(at, _)| at <= now)
    }
}

impl fmt::Debug for PlannedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlannedEvent").field("id", &self.id).finish_non_exhaustive()
    }
}
