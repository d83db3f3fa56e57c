//! The limits on calls of the EC2 API at the same time.
//!
//! A client can leave before its call has run. So everything that outlives the client has a permit,
//! which is given back when the work is done, not when the client leaves.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of calls. Clones share them.
#[derive(Clone)]
pub struct CallLimits {
    /// For reading a call's form, for calls that only read while they run, and for long documents while
    /// they are written: the work that takes processors from the metadata ports.
    pub work: Permits,
    /// For the threads that write long documents, most of which wait for their readers.
    pub writers: Permits,
    /// For changing calls, until the fleet's thread has made the change.
    pub changes: Permits,
}

impl CallLimits {
    pub fn new() -> CallLimits {
        CallLimits {
            work: Permits::new(MAX_WORK),
            writers: Permits::new(MAX_CALLS as usize),
            changes: Permits::new(MAX_CALLS as usize),
        }
    }
}

/// A number of permits, given out in the order of the requests.
#[derive(Clone)]
pub struct Permits(Arc<Semaphore>);

/// A permit, given back when dropped.
pub struct Permit(#[expect(dead_code, reason = "dropping it has an effect")] OwnedSemaphorePermit);

impl Permits {
    pub fn new(number: usize) -> Permits {
        Permits(Arc::new(Semaphore::new(number)))
    }

    /// Waits for a permit.
    pub async fn acquire(&self) -> Permit {
        loop {
            // The semaphore is never closed, so a permit always comes.
            if let Ok(permit) = self.0.clone().acquire_owned().await {
                return Permit(permit);
            }
        }
    }

    #[cfg(test)]
    pub fn available(&self) -> usize {
        self.0.available_permits()
    }
}

/// Calls at the same time. A connection of the console has one.
pub const MAX_CALLS: u32 = 64;
/// Work at the same time. It bounds the processors that calls take from the metadata ports, and the
/// memory of calls that run.
const MAX_WORK: usize = 2;
/// The threads of calls that have permits, so none waits for a thread.
pub const MAX_THREADS: usize = MAX_CALLS as usize + MAX_WORK;
