//! The only source of time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use imds::Timestamp;

/// The wall clock: `now` for the core and the log. Connection deadlines use [`MonotonicClock`].
#[derive(Debug, Clone, Copy)]
pub enum Clock {
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
        match start {
            ClockStart::System => Clock::System,
            ClockStart::At(start) => Clock::Simulated { start, started: Instant::now() },
        }
    }

    /// Returns the current time; 1970-01-01 if the system clock is earlier than that.
    pub fn now(self) -> Timestamp {
        match self {
            Clock::System => Timestamp::saturating_from_millis(millis(
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            )),
            Clock::Simulated { start, started } => start.saturating_add_millis(millis(started.elapsed())),
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
