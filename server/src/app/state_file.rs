//! The state file: the whole fleet, written after every change and read at the start.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use imds::Timestamp;
use imds_ec2::Fleet;
use imds_ec2::fleet::Settings;
use tokio::sync::watch;

use crate::service::Service;
use crate::tell;

/// The fleet of a state file, if the file is there. A file that cannot be gone on from is left as it is.
pub fn read(file: &Path, settings: Settings, now: Timestamp) -> Result<Option<Fleet>, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {}: {}", file.display(), tell::reason(&error))),
    };
    let fleet = Fleet::restore(&text, settings, now);
    fleet.map(Some).map_err(|error| format!("cannot go on from the state in {}: {error}", file.display()))
}

/// Removes what servers that were killed had begun to write: the keys of tokens are in it. One that still runs, which should have a
/// file of its own, writes the whole again at its next change.
pub fn clear(file: &Path) {
    let is_begun = |name: &str| {
        let rest = name.strip_prefix(&*file.file_name().unwrap_or_default().to_string_lossy());
        let process = rest.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(NEW));
        process.is_some_and(|process| !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // Where the folder cannot be read, what follows tells.
    for entry in fs::read_dir(folder(file)).into_iter().flatten().flatten() {
        if is_begun(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes the fleet, in place of what is there when all of it is on the disk.
pub fn write(file: &Path, fleet: &Fleet) -> io::Result<()> {
    let beside = beside(file);
    write_beside(&beside, fleet).and_then(|()| fs::rename(&beside, file)).inspect_err(|_| {
        // It would take what room there is left, and the keys are in it.
        let _ = fs::remove_file(&beside);
    })?;
    // The rename is on the disk when the folder is.
    #[cfg(unix)]
    File::open(folder(file))?.sync_all()?;
    Ok(())
}

fn write_beside(beside: &Path, fleet: &Fleet) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // It holds the keys of all tokens.
        options.mode(0o600);
    }
    let mut new = options.open(beside)?;
    new.write_all(fleet.snapshot().as_bytes())?;
    new.sync_all()
}

/// Writes the fleet after each change, changes that come meanwhile at once with it, until told to stop; then a last time. What
/// cannot be written is tried again until it can. Gives what came of the last time.
pub async fn keep(service: Arc<Service>, file: PathBuf, mut stop: watch::Receiver<()>) -> io::Result<()> {
    let file = Arc::new(file);
    let mut changes = service.fleet.changes();
    let mut failing = false;
    loop {
        let stopping = tokio::select! {
            biased;
            _ = stop.changed() => true,
            changed = changes.changed() => changed.is_err(),
            () = tokio::time::sleep(PAUSE), if failing => false,
        };
        changes.mark_unchanged();
        let (fleet, to) = (service.fleet.now().clone(), file.clone());
        let written =
            tokio::task::spawn_blocking(move || write(&to, &fleet)).await.unwrap_or_else(|error| Err(error.into()));
        match &written {
            Err(error) if !failing => {
                tracing::error!("the state is not written to {}: {}", file.display(), tell::reason(error));
            }
            Ok(()) if failing => tracing::info!("the state is written to {} again", file.display()),
            _ => {}
        }
        failing = written.is_err();
        if stopping {
            return written;
        }
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of the new file until it is whole.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}{NEW}", std::process::id()));
    file.with_file_name(name)
}

const NEW: &str = ".new";
/// Soon after there is room again, and not so often that a full disk is kept busy.
const PAUSE: Duration = Duration::from_secs(1);
