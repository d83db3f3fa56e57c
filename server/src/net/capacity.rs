//! The limit on concurrent connections.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits for connections: some that are served, and some more whose requests are rejected.
#[derive(Clone)]
pub struct ConnectionLimit {
    served: Arc<Semaphore>,
    overflow: Arc<Semaphore>,
}

/// The permit of one connection, released when dropped.
pub struct Permit {
    /// Whether the connection exceeds the limit, and its requests are rejected.
    pub is_overflow: bool,
    _permit: OwnedSemaphorePermit,
}

impl ConnectionLimit {
    pub fn new(served: u32, overflow: u32) -> ConnectionLimit {
        ConnectionLimit {
            served: Arc::new(Semaphore::new(served as usize)),
            overflow: Arc::new(Semaphore::new(overflow as usize)),
        }
    }

    /// Waits for a permit to be rejected.
    pub async fn acquire_overflow(&self) -> Permit {
        loop {
            // The semaphore is never closed, so a permit always comes.
            if let Ok(permit) = self.overflow.clone().acquire_owned().await {
                return Permit { is_overflow: true, _permit: permit };
            }
        }
    }

    /// Waits for a permit, preferably one to be served.
    pub async fn acquire(&self) -> Permit {
        // The semaphores are never closed, so a permit always comes.
        loop {
            let (is_overflow, permit) = tokio::select! {
                biased;
                permit = self.served.clone().acquire_owned() => (false, permit),
                permit = self.overflow.clone().acquire_owned() => (true, permit),
            };
            if let Ok(permit) = permit {
                return Permit { is_overflow, _permit: permit };
            }
        }
    }
}
