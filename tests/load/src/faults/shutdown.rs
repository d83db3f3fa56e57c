//! SIGTERM while clients send requests.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::outcome::Outcome;
use crate::client::{self, GET, Response};
use crate::server::Server;

/// Stops a server under load. Every response that it has begun must be complete.
pub fn under_load(_: usize, binary: &Path) -> Result<Outcome, String> {
    let mut server = Server::start(binary, &[])?;
    let address = server.address;
    let is_over = AtomicBool::new(false);
    let mut memory = (None, None);
    let mut shutdown_time = Duration::ZERO;
    let total = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| request_until(address, &is_over))).collect();
        thread::sleep(BEFORE / 2);
        memory.0 = server.resident();
        thread::sleep(BEFORE / 2);
        memory.1 = server.resident();
        let started = Instant::now();
        let stopped = server.stop();
        shutdown_time = started.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let mut total = Counts::default();
        for client in clients {
            let counts = client.join().expect("no client panics")?;
            total.complete += counts.complete;
            total.slowest = total.slowest.max(counts.slowest);
        }
        stopped.map(|()| total)
    })?;
    Ok(Outcome {
        test: format!("{CLIENTS} clients, {} responses before the end", total.complete),
        result: format!(
            "exited with 0 after {:.0} ms; no response was truncated",
            shutdown_time.as_secs_f64() * 1000.0
        ),
        slowest: total.slowest,
        memory,
        allocator_bytes: 0,
    })
}

#[derive(Default)]
struct Counts {
    /// Complete responses.
    complete: usize,
    slowest: Duration,
}

/// Sends requests until the server is gone. A connection may end without a response, but not within
/// one.
fn request_until(address: SocketAddr, is_over: &AtomicBool) -> Result<Counts, String> {
    let mut counts = Counts::default();
    while !is_over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let Ok(mut stream) = client::connect(address) else {
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        let sent = stream.write_all(GET);
        let mut stream = BufReader::new(stream);
        if sent.is_err() || stream.fill_buf().map_or(true, <[u8]>::is_empty) {
            continue;
        }
        let mut response = Response::default();
        response.read(&mut stream)?;
        response.check_instance_id()?;
        counts.complete += 1;
        counts.slowest = counts.slowest.max(started.elapsed());
    }
    Ok(counts)
}

const CLIENTS: usize = 16;
const BEFORE: Duration = Duration::from_millis(600);
