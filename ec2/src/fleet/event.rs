use imds::record::{EventStep, Name};
use imds::time::Timestamp;

/// A change of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The time of the change.
    pub at: Timestamp,
    /// The id of the instance.
    pub instance: Name,
    /// The kind of change.
    pub kind: EventKind,
}

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// It was launched.
    Launched,
    /// A change of its metadata options was requested and is pending.
    Modified,
    /// The pending metadata options took effect.
    Applied,
    /// Its record was replaced.
    Replaced,
    /// Its tags changed.
    Tagged,
    /// It reached `stopped`: its metadata service stopped answering.
    Stopped,
    /// It was started again: earlier tokens are invalid.
    Started,
    /// It reached `terminated`: its metadata service stopped answering.
    Terminated,
    /// It was removed from the fleet, one hour after it reached `terminated`.
    Purged,
    /// An event was planned for it.
    EventPlanned,
    /// A planned event was canceled.
    EventCanceled,
    /// A rebalance recommendation is in its metadata.
    RebalanceRecommended,
    /// The notice of a spot interruption is in its metadata.
    SpotNoticed,
    /// A spot interruption terminates, stops or hibernates it.
    SpotInterrupted,
    /// A scheduled event is in its metadata.
    EventShown,
    /// A scheduled event has happened.
    EventCompleted,
    /// A scheduled event rebooted it.
    Rebooted,
}

/// A change that time alone brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum TimedEvent {
    /// Pending metadata options take effect.
    Applied,
    /// A transition of the state ends.
    Settled,
    /// A terminated instance is removed from the fleet.
    Purged,
    /// A step of a planned event is due.
    Planned,
}

impl EventKind {
    /// The name of the kind in logs and event streams.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Launched => "launched",
            EventKind::Modified => "modified",
            EventKind::Applied => "applied",
            EventKind::Replaced => "replaced",
            EventKind::Tagged => "tagged",
            EventKind::Stopped => "stopped",
            EventKind::Started => "started",
            EventKind::Terminated => "terminated",
            // The snapshot format keeps an earlier name of this variant.
            EventKind::Purged => "forgotten",
            EventKind::EventPlanned => "event-planned",
            EventKind::EventCanceled => "event-canceled",
            EventKind::RebalanceRecommended => "rebalance-recommended",
            EventKind::SpotNoticed => "spot-noticed",
            EventKind::SpotInterrupted => "spot-interrupted",
            EventKind::EventShown => "event-shown",
            EventKind::EventCompleted => "event-completed",
            EventKind::Rebooted => "rebooted",
        }
    }
}

/// The change that a step of a planned event is.
impl From<EventStep> for EventKind {
    fn from(step: EventStep) -> EventKind {
        match step {
            EventStep::RebalanceRecommended => EventKind::RebalanceRecommended,
            EventStep::SpotNoticed => EventKind::SpotNoticed,
            EventStep::SpotInterrupted(_) => EventKind::SpotInterrupted,
            EventStep::EventShown => EventKind::EventShown,
            EventStep::EventCompleted(_) => EventKind::EventCompleted,
        }
    }
}
