use imds::record::Name;
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
            // The name is older than the variant's and is part of the format.
            EventKind::Purged => "forgotten",
        }
    }
}
