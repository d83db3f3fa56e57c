//! A state file on a disk that is temporarily full.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::launches::{Folder, check_launched, command, launch, tag_value};
use super::outcome::{Outcome, request};
use crate::server::Server;

/// Fills the disk and launches instances, which must fail, then frees the disk and launches again.
pub fn full(_: usize, binary: &Path) -> Result<Outcome, String> {
    let folder = Folder::new("disk")?;
    let disk = folder.file("disk");
    fs::create_dir_all(&disk).map_err(|error| error.to_string())?;
    let mut server = Server::spawn(command(with_small_disk(binary, &disk)?, "127.0.0.1:0", &disk.join("state.json")))?;
    let console = server.console_address()?;
    // Only the server's mount namespace contains the disk; /proc leads into it.
    let inside = PathBuf::from(format!("/proc/{}/root", server.id())).join(disk.strip_prefix("/").unwrap_or(&disk));
    let state = inside.join("state.json");
    let is_written = |number: usize| fs::read_to_string(&state).is_ok_and(|text| text.contains(&tag_value(number)));
    launch(console, 0)?;
    request(&server, WARM_UP)?;
    let before = server.resident();

    let filler = inside.join("filler");
    fill(&filler)?;
    for number in 1..=LAUNCHES {
        match launch(console, number) {
            Err(error) if error.contains("503") => {}
            Err(error) => return Err(error),
            Ok(()) => return Err(format!("launch {number} was acknowledged on a full disk")),
        }
    }
    let slowest = request(&server, AFTER)?;
    fs::remove_file(&filler).map_err(|error| error.to_string())?;
    for number in 1..=LAUNCHES {
        launch(console, number)?;
        if !is_written(number) {
            return Err(format!("launch {number} was acknowledged and is not written"));
        }
    }
    let memory = (before, server.resident());

    // Another server loads the state.
    let copy = folder.file("copy.json");
    fs::copy(&state, &copy).map_err(|error| error.to_string())?;
    server.stop()?;
    let mut next = Server::spawn(command(Command::new(binary), "127.0.0.1:0", &copy))?;
    check_launched(next.next_address("imds: console on http://")?, 1 + LAUNCHES)?;
    Ok(Outcome {
        test: format!("disk of `--state` full, {LAUNCHES} launches"),
        result: "launches answered with 503 and undone; later ones written; all of those existed after a restart"
            .to_owned(),
        slowest,
        memory,
        allocator_bytes: 0,
    })
}

/// Returns a command that runs the server in a mount namespace with a small disk in memory at
/// `disk`.
fn with_small_disk(binary: &Path, disk: &Path) -> Result<Command, String> {
    let variants: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];
    let works = |flags: &&&[&str]| {
        let mut probe = Command::new("unshare");
        probe.args(**flags).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(disk);
        probe.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let flags = variants
        .iter()
        .find(works)
        .ok_or("unshare cannot create a mount namespace, neither with --mount nor with --map-root-user --mount")?;
    let mut command = Command::new("unshare");
    command
        .args(*flags)
        .args(["sh", "-c", "mount -t tmpfs -o size=256k tmpfs \"$0\" && exec \"$@\""])
        .arg(disk)
        .arg(binary);
    Ok(command)
}

/// Writes a file until the disk is full.
fn fill(filler: &Path) -> Result<(), String> {
    let mut file = File::create(filler).map_err(|error| error.to_string())?;
    while file.write_all(&[0; 4096]).is_ok() {}
    Ok(())
}

const LAUNCHES: usize = 10;
const WARM_UP: usize = 1_000;
const AFTER: usize = 100;
