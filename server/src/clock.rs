//! The only source of time.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use imds::Timestamp;
use imds_ec2::fleet::VirtualClock;

/// The wall clock: `now` for the core and the log. Clones show the same time. Connection deadlines
/// use [`MonotonicClock`].
#[derive(Debug, Clone)]
pub struct Clock {
    base: Base,
    /// The clock of the fleet, over the base.
    shown: Arc<ArcSwap<VirtualClock>>,
}

#[derive(Debug, Clone, Copy)]
enum Base {
    /// The system clock.
    System,
    /// A clock that showed `start` at `started`.
    Simulated { start: Timestamp, started: Instant },
}

/// The initial time of a [`Clock`].
#[derive(Debug, Clone, Copy)]
pub enum ClockStart {
    /// Follow the system clock.
    System,
    /// Start at this time.
    At(Timestamp),
}

impl Clock {
    /// Starts the clock.
    pub fn start(start: ClockStart) -> Clock {
        let base = match start {
            ClockStart::System => Base::System,
            ClockStart::At(start) => Base::Simulated { start, started: Instant::now() },
        };
        Clock { base, shown: Arc::default() }
    }

    /// Returns the current time; 1970-01-01 if the system clock is earlier than that.
    pub fn now(&self) -> Timestamp {
        self.shown.load().now(self.base())
    }

    /// Returns the time of the clock that nothing advances or pauses.
    pub fn base(&self) -> Timestamp {
        match self.base {
            Base::System => Timestamp::saturating_from_millis(millis(
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            )),
            Base::Simulated { start, started } => start.saturating_add_millis(millis(started.elapsed())),
        }
    }

    /// Returns whether the clock has a start time of its own.
    pub fn is_simulated(&self) -> bool {
        matches!(self.base, Base::Simulated { .. })
    }

    /// Returns whether the clock is paused.
    pub fn is_paused(&self) -> bool {
        self.shown.load().is_paused()
    }

    /// Shows the time of the fleet's clock from now on.
    pub fn follow(&self, clock: VirtualClock) {
        if **self.shown.load() != clock {
            self.shown.store(Arc::new(clock));
        }
    }
}

/// A clock that cannot be set, for the deadlines of connections.
#[derive(Debug, Clone, Copy)]
pub struct MonotonicClock(Instant);

impl MonotonicClock {
    pub fn start() -> MonotonicClock {
        MonotonicClock(Instant::now())
    }

    /// Returns the time since the start, as a timestamp after 1970-01-01.
    pub fn now(self) -> Timestamp {
        Timestamp::saturating_from_millis(millis(self.0.elapsed()))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
