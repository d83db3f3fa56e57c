//! The limit on concurrent connections.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits for connections: `max_connections` that are served, and [`OVERFLOW`] more whose requests
/// are answered with 503.
#[derive(Clone)]
pub struct ConnectionLimit {
    served: Arc<Semaphore>,
    overflow: Arc<Semaphore>,
}

/// The permit of one connection, released when dropped.
pub struct Permit {
    /// Whether the connection exceeds the limit, and its requests are answered with 503.
    pub is_overflow: bool,
    _permit: OwnedSemaphorePermit,
}

impl ConnectionLimit {
    pub fn new(max_connections: u32) -> ConnectionLimit {
        ConnectionLimit {
            served: Arc::new(Semaphore::new(max_connections as usize)),
            overflow: Arc::new(Semaphore::new(OVERFLOW as usize)),
        }
    }

    /// Returns how many connections can be open at once, including those over the limit.
    pub fn total(max_connections: u32) -> u64 {
        u64::from(max_connections) + u64::from(OVERFLOW)
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

/// Enough to reject a burst quickly, few compared with the served connections.
const OVERFLOW: u32 = 64;
