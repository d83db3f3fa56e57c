//! What goes wrong, one after the other, and what the server does meanwhile and afterwards.

mod clock;
mod disk;
mod files;
mod launches;
mod peers;
mod stop;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::client;
use crate::report::{is_flat, mebibytes};
use crate::server::Server;

/// A fault, and what was seen of it.
pub struct Seen {
    /// What went wrong, and how often.
    tried: String,
    /// What the server did.
    did: String,
    /// The longest that an answer took, meanwhile or afterwards.
    slowest: Duration,
    /// Resident memory, before and after.
    memory: (Option<u64>, Option<u64>),
    /// Bytes of it that may stay with the allocator, which uses them again.
    kept: u64,
}

type Fault = fn(usize, &Path) -> Result<Seen, String>;

const FAULTS: &[(&str, Fault)] = &[
    ("slow readers", peers::slow_readers),
    ("half-closed peers", peers::half_closed),
    ("resets in the middle of an answer", peers::resets),
    ("garbage", peers::garbage),
    ("no descriptors left", files::exhausted),
    ("a clock that jumps", clock::jumps),
    ("SIGTERM under load", stop::under_load),
    ("restarts, the console's listeners with them", launches::restarts),
    ("a full disk", disk::full),
];

/// Makes every fault, and tells each in a row as soon as it is over.
pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    println!("| fault | tried | seen | slowest answer | memory before, after |\n|---|---|---|--:|--:|");
    for (name, fault) in FAULTS {
        let seen = fault(count, binary).map_err(|error| format!("{name}: {error}"))?;
        let (before, after) = seen.memory;
        println!(
            "| {name} | {} | {} | {:.0} ms | {}, {} |",
            seen.tried,
            seen.did,
            seen.slowest.as_secs_f64() * 1000.0,
            mebibytes(before),
            mebibytes(after)
        );
        if seen.slowest > IN_TIME {
            return Err(format!("{name}: an answer took {:?}", seen.slowest));
        }
        is_flat(before.map(|bytes| bytes + seen.kept), after).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Asks so often, each time on a connection of its own: the longest that it took.
fn ask(server: &Server, times: usize) -> Result<Duration, String> {
    let mut slowest = Duration::ZERO;
    for _ in 0..times {
        let started = Instant::now();
        client::ask(&mut client::connect(server.address).map_err(|error| error.to_string())?)?;
        slowest = slowest.max(started.elapsed());
    }
    Ok(slowest)
}

/// Waits until this holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<(), String> {
    let given_up = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > given_up {
            return Err(format!("{what}: not within {PATIENCE:?}"));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

const IN_TIME: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);
