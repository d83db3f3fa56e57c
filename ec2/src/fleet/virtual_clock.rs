use core::fmt;

use imds::json_struct;
use imds::record::{Delay, RecordError, read_json};
use imds::time::Timestamp;

/// A clock that can be advanced and paused, over the clock of a shell.
///
/// The fleet only keeps it, so that a snapshot contains it. Operations of the fleet take the time of
/// this clock. The deadlines of connections do not depend on it.
///
/// ```
/// use imds::Timestamp;
/// use imds_ec2::fleet::VirtualClock;
///
/// let at = |seconds| Timestamp::EPOCH.saturating_add_seconds(seconds);
/// let clock = VirtualClock::default().advanced(at(10), "1h".parse()?);
/// assert_eq!(clock.now(at(11)), at(3611));
/// let clock = clock.paused(at(20));
/// assert_eq!(clock.now(at(99)), at(3620));
/// assert_eq!(clock.resumed(at(99)).now(at(100)), at(3621));
/// # Ok::<(), imds::record::DelayError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VirtualClock {
    /// The time of the shell's clock at which this clock showed `shown`.
    base: Timestamp,
    shown: Timestamp,
    paused: bool,
}

/// The part of a snapshot that has the clock.
struct Saved {
    clock: Option<VirtualClock>,
}

json_struct! {
    VirtualClock { needed { base, shown } optional { paused } }
    Saved { optional { clock } others true }
}

/// A clock was to be set to a time before the one that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSetBack {
    /// The time that the clock shows.
    pub now: Timestamp,
}

impl VirtualClock {
    /// The clock in a snapshot of a fleet; the default one if it has none.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or its clock is not valid.
    pub fn of_snapshot(json: &str) -> Result<VirtualClock, RecordError> {
        Ok(read_json::<Saved>(json)?.clock.unwrap_or_default())
    }

    /// The time that it shows. `base` is the time of the shell's clock, here and below.
    pub fn now(&self, base: Timestamp) -> Timestamp {
        if self.paused {
            return self.shown;
        }
        self.shown
            .saturating_sub_millis(self.base.millis_since(base))
            .saturating_add_millis(base.millis_since(self.base))
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// This clock, advanced by a duration.
    #[must_use]
    pub fn advanced(self, base: Timestamp, by: Delay) -> VirtualClock {
        VirtualClock { base, shown: self.now(base).saturating_add_millis(by.millis()), ..self }
    }

    /// This clock at a time that is not before the one that it shows. A fleet cannot undo its
    /// changes.
    ///
    /// # Errors
    ///
    /// [`ClockSetBack`]
    pub fn set(self, base: Timestamp, shown: Timestamp) -> Result<VirtualClock, ClockSetBack> {
        let now = self.now(base);
        if shown < now { Err(ClockSetBack { now }) } else { Ok(VirtualClock { base, shown, ..self }) }
    }

    /// This clock, paused.
    #[must_use]
    pub fn paused(self, base: Timestamp) -> VirtualClock {
        VirtualClock { base, shown: self.now(base), paused: true }
    }

    /// This clock, running.
    #[must_use]
    pub fn resumed(self, base: Timestamp) -> VirtualClock {
        VirtualClock { base, shown: self.now(base), paused: false }
    }
}

/// The clock of the shell.
impl Default for VirtualClock {
    fn default() -> VirtualClock {
        VirtualClock { base: Timestamp::EPOCH, shown: Timestamp::EPOCH, paused: false }
    }
}

impl fmt::Display for ClockSetBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the clock cannot go back: set it to {} or later", self.now)
    }
}

impl core::error::Error for ClockSetBack {}
