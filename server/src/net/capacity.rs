//! The bound on connections.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for connections: those that are served, and a few more that are told to come again.
#[derive(Clone)]
pub struct Places {
    served: Arc<Semaphore>,
    refused: Arc<Semaphore>,
}

/// One connection's place, free again when dropped.
pub struct Place {
    /// Whether each request on it is refused for want of a better place.
    pub refused: bool,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub fn new(served: u32) -> Places {
        Places {
            served: Arc::new(Semaphore::new(served as usize)),
            refused: Arc::new(Semaphore::new(REFUSED as usize)),
        }
    }

    /// How many connections can be open at once.
    pub fn total(served: u32) -> u64 {
        u64::from(served) + u64::from(REFUSED)
    }

    /// The best place there is, as soon as there is one.
    pub async fn take(&self) -> Place {
        // The semaphores are never closed, so a permit always comes.
        loop {
            let (refused, permit) = tokio::select! {
                biased;
                permit = self.served.clone().acquire_owned() => (false, permit),
                permit = self.refused.clone().acquire_owned() => (true, permit),
            };
            if let Ok(permit) = permit {
                return Place { refused, _permit: permit };
            }
        }
    }
}

/// Enough to refuse a crowd quickly, too few to matter beside those that are served.
const REFUSED: u32 = 64;
