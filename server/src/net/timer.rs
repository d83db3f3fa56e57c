//! The one timer of a connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use imds::Timestamp;
use tokio::time::{Instant, Sleep};

/// Rings at a time of the core's, or earlier.
///
/// Deadlines move back with every byte, and moving a timer has a price. So it is moved only where it would ring too late;
/// when it rings too early, whoever set it looks at the time and sets it again.
pub struct Timer<'a> {
    sleep: Pin<&'a mut Sleep>,
    /// When it rings at the latest, if it is set.
    rings: Option<Timestamp>,
}

impl<'a> Timer<'a> {
    pub fn new(sleep: Pin<&'a mut Sleep>) -> Timer<'a> {
        Timer { sleep, rings: None }
    }

    /// Makes the timer ring at this time or earlier.
    pub fn set(&mut self, now: Timestamp, at: Timestamp) {
        if self.rings.is_none_or(|rings| at < rings) {
            self.sleep.as_mut().reset(Instant::now() + Duration::from_millis(at.millis_since(now)));
            self.rings = Some(at);
        }
    }

    /// Ready once when it rings; then it is not set.
    pub fn poll_ring(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.rings.is_some() && self.sleep.as_mut().poll(context).is_ready() {
            self.rings = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}
