//! How many requests a second: for whoever wants the service to refuse as EC2 does under load.

use crate::time::Timestamp;

/// Counts requests against a rate, with room for as many at once as come in one second.
///
/// The generic cell rate algorithm: one time is all that is kept. The machine decides nothing about an answer; it tells
/// whether to set [`Context::throttled`](crate::Context::throttled).
#[derive(Debug, Clone)]
pub struct Throttle {
    per_second: u32,
    /// When the requests so far would have come had they kept to the rate, in microseconds since the epoch.
    due_micros: u64,
}

impl Throttle {
    /// At most so many requests a second; 0 refuses all.
    pub fn new(per_second: u32) -> Throttle {
        Throttle { per_second, due_micros: 0 }
    }

    /// Whether one more request now is within the rate. Only one that is counts.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let Some(interval) = SECOND_MICROS.checked_div(self.per_second.into()) else { return false };
        let now = now.millis() * 1000;
        // Only a clock that was put back makes it later than that.
        self.due_micros = self.due_micros.clamp(now, now + SECOND_MICROS);
        if self.due_micros + interval > now + SECOND_MICROS {
            return false;
        }
        self.due_micros += interval;
        true
    }
}

const SECOND_MICROS: u64 = 1_000_000;
