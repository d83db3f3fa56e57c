//! The outcome of a fault, and helpers to observe it.

use std::thread;
use std::time::{Duration, Instant};

use crate::client;
use crate::server::Server;

/// The outcome of a fault.
pub struct Outcome {
    /// What the test did.
    pub test: String,
    /// What the server did.
    pub result: String,
    /// The longest time that a response took, during or after the fault.
    pub slowest: Duration,
    /// Resident memory in bytes, before and after.
    pub memory: (Option<u64>, Option<u64>),
    /// Bytes that the allocator may keep for reuse.
    pub allocator_bytes: u64,
}

/// Sends requests, each on its own connection, and returns the longest time that a response took.
pub fn request(server: &Server, count: usize) -> Result<Duration, String> {
    let mut slowest = Duration::ZERO;
    for _ in 0..count {
        let started = Instant::now();
        client::get(&mut client::connect(server.address).map_err(|error| error.to_string())?)?;
        slowest = slowest.max(started.elapsed());
    }
    Ok(slowest)
}

/// Waits until the condition holds, at most [`TIMEOUT`].
pub fn wait_until(description: &str, mut condition: impl FnMut() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + TIMEOUT;
    while !condition() {
        if Instant::now() > deadline {
            return Err(format!("timed out after {TIMEOUT:?}: {description}"));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The longest acceptable time for a response.
pub const RESPONSE_LIMIT: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(20);
