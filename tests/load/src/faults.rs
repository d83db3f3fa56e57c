//! Runs faults one after the other and prints the server's behaviour during and after each.

mod clock;
mod disk;
mod fd_limit;
mod kernel_memory;
mod kills;
mod launches;
mod outcome;
mod peers;
mod shutdown;

use std::path::Path;

use crate::report::{check_memory, mebibytes};
use outcome::{Outcome, RESPONSE_LIMIT};

type Fault = fn(usize, &Path) -> Result<Outcome, String>;

const FAULTS: &[(&str, Fault)] = &[
    ("slow readers", peers::slow_readers),
    ("unread responses in the system", kernel_memory::of_unread_responses),
    ("half-closed peers", peers::half_closed),
    ("resets during a response", peers::resets),
    ("garbage", peers::garbage),
    ("no file descriptors left", fd_limit::exhausted),
    ("clock jumps", clock::jumps),
    ("SIGTERM under load", shutdown::under_load),
    ("SIGTERM while nothing reads the log", shutdown::with_unread_log),
    ("restarts with event listeners", launches::restarts),
    ("SIGKILL during launches", kills::at_any_moment),
    ("full disk", disk::full),
];

/// Runs all faults and prints a table row after each.
pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    println!("| fault | test | result | slowest response | memory before, after |\n|---|---|---|--:|--:|");
    for (name, fault) in FAULTS {
        let outcome = fault(count, binary).map_err(|error| format!("{name}: {error}"))?;
        let (before, after) = outcome.memory;
        println!(
            "| {name} | {} | {} | {:.0} ms | {}, {} |",
            outcome.test,
            outcome.result,
            outcome.slowest.as_secs_f64() * 1000.0,
            mebibytes(before),
            mebibytes(after)
        );
        if outcome.slowest > RESPONSE_LIMIT {
            return Err(format!("{name}: a response took {:?}", outcome.slowest));
        }
        check_memory(before.map(|bytes| bytes + outcome.allocator_bytes), after)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
