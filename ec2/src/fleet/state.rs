use imds::time::Timestamp;
use imds::{json_enum, json_struct};

/// The states of an instance, with the names and codes of EC2's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstanceState {
    /// It is launching or starting.
    Pending,
    /// It is running.
    Running,
    /// It is terminating.
    ShuttingDown,
    /// It is terminated and cannot be started again.
    Terminated,
    /// It is stopping.
    Stopping,
    /// It is stopped and can be started again.
    Stopped,
}

/// The states of an instance before and after an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange {
    /// The state before the operation.
    pub previous: InstanceState,
    /// The state directly after it.
    pub current: InstanceState,
}

/// The last change of an instance's state, finished or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transition {
    /// The state during the transition: `Pending`, `Stopping` or `ShuttingDown`.
    pub target: InstanceState,
    pub started: Timestamp,
    pub duration_millis: u32,
}

json_struct! {
    Transition { needed { target = "toward", started = "since", duration_millis = "millis" } }
}

json_enum! {
    InstanceState: Pending Running ShuttingDown Terminated Stopping Stopped;
}

impl Transition {
    pub fn new(target: InstanceState, started: Timestamp, duration_millis: u32) -> Transition {
        Transition { target, started, duration_millis }
    }

    pub fn end(self) -> Timestamp {
        self.started.saturating_add_millis(self.duration_millis.into())
    }

    pub fn state(self, now: Timestamp) -> InstanceState {
        if now < self.end() { self.target } else { self.target.settled() }
    }

    /// Returns whether it ends in `Terminated`.
    pub fn is_termination(self) -> bool {
        self.target.settled() == InstanceState::Terminated
    }
}

impl InstanceState {
    /// The code of the state in EC2's API.
    pub const fn code(self) -> u16 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
            InstanceState::Stopping => 64,
            InstanceState::Stopped => 80,
        }
    }

    /// The name of the state in EC2's API.
    pub const fn name(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
            InstanceState::Stopping => "stopping",
            InstanceState::Stopped => "stopped",
        }
    }

    /// The state that follows a transitional state. The other states are their own.
    pub(super) const fn settled(self) -> InstanceState {
        match self {
            InstanceState::Pending | InstanceState::Running => InstanceState::Running,
            InstanceState::ShuttingDown | InstanceState::Terminated => InstanceState::Terminated,
            InstanceState::Stopping | InstanceState::Stopped => InstanceState::Stopped,
        }
    }
}
