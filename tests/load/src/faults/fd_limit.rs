//! A system that permits no more open files.

use std::path::Path;
use std::process::Command;

use super::outcome::{Outcome, request, wait_until};
use crate::client;
use crate::server::{ARGUMENTS, Server};

/// Holds more connections than the server may have open files.
pub fn exhausted(_: usize, binary: &Path) -> Result<Outcome, String> {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {FILES} && exec \"$0\" \"$@\"")]).arg(binary).args(ARGUMENTS);
    command.args(["--console", "off", "--max-connections", &MAX_CONNECTIONS.to_string()]);
    let server = Server::spawn(command)?;
    let files = server.open_files();
    request(&server, WARM_UP)?;
    let before = server.resident();

    let connect = |_| client::connect(server.address).map_err(|error| error.to_string());
    let mut held = (0..HELD).map(connect).collect::<Result<Vec<_>, _>>()?;
    let idle = files.unwrap_or_default();
    wait_until("no further connection is served", || server.open_files() >= Some(idle + SERVED))?;
    // A connection that is served is answered although no other can be accepted.
    client::get(&mut held[0])?;
    drop(held);
    // The server first accepts the closed connections in its backlog, and may answer 503 meanwhile.
    wait_until("a new connection is answered", || request(&server, 1).is_ok())?;
    wait_until("the server has closed its files", || server.open_files() <= files)?;
    Ok(Outcome {
        test: format!("{FILES} file descriptors permitted, {HELD} connections held"),
        result: "accepted connections were answered; new ones were answered again afterwards".to_owned(),
        slowest: request(&server, AFTER)?,
        memory: (before, server.resident()),
        allocator_bytes: 0,
    })
}

const FILES: usize = 64;
const MAX_CONNECTIONS: usize = 40;
/// The connections for which the server leaves descriptors.
const SERVED: usize = 23;
const HELD: usize = 200;
const WARM_UP: usize = 1_000;
const AFTER: usize = 100;
