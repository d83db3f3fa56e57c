//! A system that gives no more descriptors.

use std::path::Path;
use std::process::Command;

use super::{Seen, ask, until};
use crate::client;
use crate::server::{QUIET, Server};

/// Holds more connections than the server may have files.
pub fn exhausted(_: usize, binary: &Path) -> Result<Seen, String> {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {FILES} && exec \"$0\" \"$@\"")]).arg(binary).args(QUIET);
    command.args(["--console", "off", "--max-connections", &PLACES.to_string()]);
    let server = Server::spawn(command)?;
    let files = server.open_files();
    ask(&server, WARM_UP)?;
    let before = server.resident();

    let connect = |_| client::connect(server.address).map_err(|error| error.to_string());
    let mut held = (0..HELD).map(connect).collect::<Result<Vec<_>, _>>()?;
    until("all descriptors are taken", || server.open_files() >= Some(FILES))?;
    // Who is in is answered though nobody else gets in.
    client::ask(&mut held[0])?;
    drop(held);
    // Behind those that still wait to be let in, dead by now; until they are gone it may be told to come again.
    until("somebody else gets in", || ask(&server, 1).is_ok())?;
    until("files are given back", || server.open_files() <= files)?;
    Ok(Seen {
        tried: format!("{FILES} descriptors allowed, {HELD} connections held"),
        did: "who was in was answered; all others were once it was over".to_owned(),
        slowest: ask(&server, AFTER)?,
        memory: (before, server.resident()),
        kept: 0,
    })
}

const FILES: usize = 64;
const PLACES: usize = 40;
const HELD: usize = 200;
const WARM_UP: usize = 1_000;
const AFTER: usize = 100;
