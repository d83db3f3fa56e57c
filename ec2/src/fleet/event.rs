use imds::record::Name;
use imds::time::Timestamp;

/// Something that happened to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub instance: Name,
    /// What.
    pub kind: EventKind,
}

/// What can happen to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It was launched.
    Launched,
    /// Other metadata options were asked for; they are pending.
    Modified,
    /// The options that were pending are in force.
    Applied,
    /// Its record was replaced by another.
    Replaced,
    /// Its tags changed.
    Tagged,
    /// It was stopped: from here on it answers nothing.
    Stopped,
    /// It was started again: the tokens of its life before are void.
    Started,
    /// It was terminated: it answers nothing any more.
    Terminated,
    /// It was terminated so long ago that it is not shown any more.
    Purged,
}

impl EventKind {
    /// The kind in a word, for logs and streams of events.
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
            EventKind::Purged => "forgotten",
        }
    }
}
