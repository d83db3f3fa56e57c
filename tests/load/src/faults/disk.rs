//! A state file on a disk that is full for a while.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::launches::{Folder, are_there, command, launch};
use super::{Seen, ask, until};
use crate::server::Server;

/// Fills the disk, launches, and makes room again: what was acknowledged meanwhile is written then.
pub fn full(_: usize, binary: &Path) -> Result<Seen, String> {
    let folder = Folder::new("disk")?;
    let disk = folder.file("disk");
    fs::create_dir_all(&disk).map_err(|error| error.to_string())?;
    let mut server =
        Server::spawn(command(on_a_disk_of_its_own(binary, &disk)?, "127.0.0.1:0", &disk.join("state.json")))?;
    let console = server.next_address("imds: console on http://")?;
    // The disk is seen by the server alone, and by whoever looks with its eyes.
    let inside = PathBuf::from(format!("/proc/{}/root", server.id())).join(disk.strip_prefix("/").unwrap_or(&disk));
    let state = inside.join("state.json");
    let holds =
        |number: usize| fs::read_to_string(&state).is_ok_and(|text| text.contains(&format!("acknowledged-{number}-")));
    launch(console, 0)?;
    until("the first launch is written", || holds(0))?;
    ask(&server, WARM_UP)?;
    let before = server.resident();

    let filler = inside.join("filler");
    fill(&filler)?;
    for number in 1..=MEANWHILE {
        launch(console, number)?;
    }
    let slowest = ask(&server, AFTER)?;
    if holds(MEANWHILE) {
        return Err("the disk was not full".to_owned());
    }
    fs::remove_file(&filler).map_err(|error| error.to_string())?;
    until("what was launched meanwhile is written", || (0..=MEANWHILE).all(holds))?;
    let memory = (before, server.resident());

    // Another one goes on from there.
    let kept = folder.file("kept.json");
    fs::copy(&state, &kept).map_err(|error| error.to_string())?;
    let status = server.stop()?;
    if status.code() != Some(0) {
        return Err(format!("it ended with {status}"));
    }
    let mut next = Server::spawn(command(Command::new(binary), "127.0.0.1:0", &kept))?;
    are_there(next.next_address("imds: console on http://")?, 1 + MEANWHILE)?;
    Ok(Seen {
        tried: format!("no byte left on the disk of `--state`, {MEANWHILE} launches"),
        did: "answered meanwhile; written by itself once there was room; all were there after a restart".to_owned(),
        slowest,
        memory,
        kept: 0,
    })
}

/// The server in a mount namespace, with a small disk in memory at this folder.
fn on_a_disk_of_its_own(binary: &Path, disk: &Path) -> Result<Command, String> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];
    let works = |way: &&&[&str]| {
        let mut probe = Command::new("unshare");
        probe.args(**way).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(disk);
        probe.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let way = ways
        .iter()
        .find(works)
        .ok_or("unshare makes no mount namespace here, by --mount or by --map-root-user --mount")?;
    let mut command = Command::new("unshare");
    command
        .args(*way)
        .args(["sh", "-c", "mount -t tmpfs -o size=256k tmpfs \"$0\" && exec \"$@\""])
        .arg(disk)
        .arg(binary);
    Ok(command)
}

/// Writes until there is no room.
fn fill(filler: &Path) -> Result<(), String> {
    let mut file = File::create(filler).map_err(|error| error.to_string())?;
    while file.write_all(&[0; 4096]).is_ok() {}
    Ok(())
}

const MEANWHILE: usize = 10;
const WARM_UP: usize = 1_000;
const AFTER: usize = 100;
