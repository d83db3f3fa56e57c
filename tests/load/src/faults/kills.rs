//! A server that is killed while it launches instances.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::launches::{Folder, check_launched, command, launch};
use super::outcome::{Outcome, request};
use crate::server::Server;

/// Kills a server with SIGKILL at different moments of its launches. Every acknowledged launch must
/// exist in the next server.
pub fn at_any_moment(count: usize, binary: &Path) -> Result<Outcome, String> {
    let mut slowest = Duration::ZERO;
    let mut total = 0;
    let mut memory = (None, None);
    let mut moment = 1u64;
    let mut round = 0;
    while round < count {
        // A new state, so that the file does not grow with the number of kills.
        let folder = Folder::new("kills")?;
        let state = folder.file("state.json");
        let mut acknowledged = 0;
        for _ in 0..KILLS_PER_STATE.min(count - round) {
            let mut server = Server::spawn(command(Command::new(binary), "127.0.0.1:0", &state))?;
            let console = server.console_address()?;
            check_launched(console, acknowledged)?;
            memory = (memory.0.or(server.resident()), server.resident());
            slowest = slowest.max(request(&server, 1)?);
            // Moments from 0 to 100 ms, spread without a pattern: a launch takes some milliseconds.
            moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wait = Duration::from_micros((moment >> 33) % 100_000);
            let launched = thread::scope(|scope| {
                let launching = scope.spawn(|| {
                    // Ends with the error of the first launch that is not acknowledged.
                    (acknowledged..).take_while(|number| launch(console, *number).is_ok()).count()
                });
                thread::sleep(wait);
                server.kill();
                launching.join().expect("no launch panics")
            });
            // The launch at the kill may exist or not. If it does, its number is used again.
            acknowledged += launched;
            total += launched;
            round += 1;
        }
        let mut server = Server::spawn(command(Command::new(binary), "127.0.0.1:0", &state))?;
        check_launched(server.console_address()?, acknowledged)?;
    }
    Ok(Outcome {
        test: format!("{count} times SIGKILL, 0 to 100 ms after the first of several launches"),
        result: format!("every state file was read; all {total} acknowledged launches existed"),
        slowest,
        memory,
        allocator_bytes: 0,
    })
}

const KILLS_PER_STATE: usize = 25;
