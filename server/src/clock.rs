//! The time, from one place.

use std::fmt;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use imds::Timestamp;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::args::Start;

/// Gives every `now` for the core and the log, but for the deadlines of connections.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A time of somebody's choice, which runs on as time passes.
    Set {
        /// What it showed.
        shown: Timestamp,
        /// When it showed that.
        at: Instant,
    },
}

impl Clock {
    /// A clock that starts now.
    pub fn start(start: Start) -> Clock {
        match start {
            Start::System => Clock::System,
            Start::At(shown) => Clock::Set { shown, at: Instant::now() },
        }
    }

    pub fn now(self) -> Timestamp {
        match self {
            // A system that believes to be before 1970 gets 1970.
            Clock::System => Timestamp::saturating_from_millis(millis(
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            )),
            Clock::Set { shown, at } => shown.saturating_add_millis(millis(at.elapsed())),
        }
    }
}

/// RFC 3339, always with its milliseconds.
pub struct WithMillis(pub Timestamp);

impl fmt::Display for WithMillis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.truncate_to_second();
        write!(out, "{}.{:03}Z", second.to_string().trim_end_matches('Z'), self.0.millis_since(second))
    }
}

/// The log's times.
impl FormatTime for Clock {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{}", WithMillis(self.now()))
    }
}

/// Time that passes and that nobody sets: for how long a peer may take, whatever the clock does meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Steady(Instant);

impl Steady {
    pub fn start() -> Steady {
        Steady(Instant::now())
    }

    /// The time since the start.
    pub fn now(self) -> Timestamp {
        Timestamp::saturating_from_millis(millis(self.0.elapsed()))
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
