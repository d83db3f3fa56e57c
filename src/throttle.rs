//! A rate limiter, to reject requests as EC2 does under load.

use crate::time::Timestamp;

/// A rate limiter that allows a burst of one second's requests.
///
/// It is the generic cell rate algorithm, whose state is one timestamp. Pass its verdict to
/// [`Context::throttled`](crate::Context::throttled).
#[derive(Debug, Clone)]
pub struct Throttle {
    per_second: u32,
    /// When the admitted requests would have ended at exactly the rate, in microseconds since the
    /// epoch.
    due_micros: u64,
}

impl Throttle {
    /// A limiter of requests per second. 0 rejects every request.
    pub fn new(per_second: u32) -> Throttle {
        Throttle { per_second, due_micros: 0 }
    }

    /// Returns `true` and counts the request if it is within the rate.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let Some(interval) = SECOND_MICROS.checked_div(self.per_second.into()) else { return false };
        let now = now.millis() * 1000;
        // It is later than that only if the clock was set back.
        self.due_micros = self.due_micros.clamp(now, now + SECOND_MICROS);
        if self.due_micros + interval > now + SECOND_MICROS {
            return false;
        }
        self.due_micros += interval;
        true
    }
}

const SECOND_MICROS: u64 = 1_000_000;
