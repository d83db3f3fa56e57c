//! The timer of a connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use imds::Timestamp;
use tokio::time::{Instant, Sleep};

/// A timer that may expire early.
///
/// A connection's deadline moves back with every byte, and resetting a [`Sleep`] is costly. The
/// timer is therefore reset only to an earlier time; after it expires, the caller sets it again.
pub struct Timer<'a> {
    sleep: Pin<&'a mut Sleep>,
    /// When `sleep` ends, if the timer is set.
    expires: Option<Timestamp>,
}

impl<'a> Timer<'a> {
    pub fn new(sleep: Pin<&'a mut Sleep>) -> Timer<'a> {
        Timer { sleep, expires: None }
    }

    /// Lets the timer expire at `deadline` or earlier.
    pub fn set(&mut self, now: Timestamp, deadline: Timestamp) {
        if self.expires.is_none_or(|expires| deadline < expires) {
            self.sleep.as_mut().reset(Instant::now() + Duration::from_millis(deadline.millis_since(now)));
            self.expires = Some(deadline);
        }
    }

    /// Returns ready once when the timer expires, and clears it.
    pub fn poll_expired(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.expires.is_some() && self.sleep.as_mut().poll(context).is_ready() {
            self.expires = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}
