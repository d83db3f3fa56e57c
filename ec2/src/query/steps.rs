use core::cell::Cell;

use super::error::{Error, FILTER_LIMIT_EXCEEDED, Result};
use imds::limits;

/// The steps that a request may still use to compare values with its filters.
#[derive(Clone)]
pub(super) struct Steps(pub(super) Cell<u64>);

impl Steps {
    pub fn new() -> Steps {
        Steps(Cell::new(limits::FILTER_STEPS))
    }

    pub fn reset(&self) {
        self.0.set(limits::FILTER_STEPS);
    }

    /// The steps that the request has used.
    pub fn used(&self) -> u64 {
        limits::FILTER_STEPS - self.0.get()
    }

    /// EC2's error for too many filters, if the request has used more steps than it may.
    pub fn check(&self) -> Result<()> {
        if !self.are_used_up() {
            return Ok(());
        }
        let message = "The request uses too many filters, or too many filter values, for the number of resources.";
        Err(Error::new(&FILTER_LIMIT_EXCEEDED, message))
    }

    pub fn count(&self, steps: usize) {
        self.0.set(self.0.get().saturating_sub(steps as u64));
    }

    pub fn are_used_up(&self) -> bool {
        self.0.get() == 0
    }
}
