//! The state file: the whole fleet, read at startup and written after every change.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use imds::Timestamp;
use imds_ec2::Fleet;
use imds_ec2::fleet::Settings;
use tokio::sync::watch;

use super::fleet_store::FleetStore;
use crate::terminal;

/// Reads the fleet, or returns `None` if the file does not exist.
///
/// # Errors
///
/// One line that names the file. The file is unchanged.
pub fn read(file: &Path, settings: Settings, now: Timestamp) -> Result<Option<Fleet>, String> {
    let cannot_load = |reason: String| format!("cannot load state from {}: {reason}", file.display());
    match fs::read_to_string(file) {
        Ok(text) => Fleet::restore(&text, settings, now).map(Some).map_err(|error| cannot_load(error.to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot_load(terminal::reason(&error))),
    }
}

/// Removes the temporary files of servers that were killed while they wrote, because the files
/// contain the keys of tokens. A running server that shares the state file, which is a mistake,
/// writes its own again at its next change.
pub fn remove_temporary_files(file: &Path) {
    let is_temporary = |name: &str| {
        let rest = name.strip_prefix(&*file.file_name().unwrap_or_default().to_string_lossy());
        let process = rest.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(TEMPORARY));
        process.is_some_and(|process| !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // If the folder cannot be read, `write` reports it.
    for entry in fs::read_dir(folder(file)).into_iter().flatten().flatten() {
        if is_temporary(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes the fleet to a temporary file, syncs it and renames it to `file`.
pub fn write(file: &Path, fleet: &Fleet) -> io::Result<()> {
    let temporary = temporary_file(file);
    write_temporary(&temporary, fleet).and_then(|()| fs::rename(&temporary, file)).inspect_err(|_| {
        // Frees its disk space and removes the keys in it.
        let _ = fs::remove_file(&temporary);
    })?;
    // The rename is durable once the folder is synced.
    #[cfg(unix)]
    File::open(folder(file))?.sync_all()?;
    Ok(())
}

fn write_temporary(temporary: &Path, fleet: &Fleet) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // The file contains the keys of all tokens.
        options.mode(0o600);
    }
    let mut file = options.open(temporary)?;
    file.write_all(fleet.snapshot().as_bytes())?;
    file.sync_all()
}

/// Writes the fleet after each change, several changes at once if they come during a write, and a
/// last time when `stop` is notified. A failed write is retried until it succeeds.
///
/// # Errors
///
/// The error of the last write.
pub async fn keep_current(store: Arc<FleetStore>, file: PathBuf, mut stop: watch::Receiver<()>) -> io::Result<()> {
    let file = Arc::new(file);
    let mut changes = store.subscribe();
    let mut is_failing = false;
    loop {
        let is_last = tokio::select! {
            biased;
            _ = stop.changed() => true,
            changed = changes.changed() => changed.is_err(),
            () = tokio::time::sleep(RETRY_INTERVAL), if is_failing => false,
        };
        changes.mark_unchanged();
        let (fleet, target) = (store.load().clone(), file.clone());
        let result =
            tokio::task::spawn_blocking(move || write(&target, &fleet)).await.unwrap_or_else(|error| Err(error.into()));
        match &result {
            Err(error) if !is_failing => {
                tracing::error!("cannot write state to {}: {}", file.display(), terminal::reason(error));
            }
            Ok(()) if is_failing => tracing::info!("state is written to {} again", file.display()),
            _ => {}
        }
        is_failing = result.is_err();
        if is_last {
            return result;
        }
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary_file(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}{TEMPORARY}", std::process::id()));
    file.with_file_name(name)
}

const TEMPORARY: &str = ".new";
/// Short enough to write soon after disk space is free, long enough not to keep a full disk busy.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
