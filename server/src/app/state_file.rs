//! The state file: the whole fleet, read at startup and replaced before a change is acknowledged.
//!
//! A change is written to a temporary file in the same folder, which is synced and renamed over the
//! state file; then the folder is synced. So the state file is whole at any time, and holds the last
//! acknowledged change. A lock file beside it, which is never renamed, keeps a second server out.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use imds_ec2::Fleet;

use super::fleet_writer::{Storage, StoreError};
use super::state_document;
use crate::file_operations::{FileOperations, System};
use crate::terminal;

/// A state file that this process has locked.
pub struct StateFile {
    /// The file as the user named it, for messages.
    path: PathBuf,
    /// The file itself, after symbolic links.
    target: PathBuf,
    operations: Box<dyn FileOperations>,
    /// Locked until the process ends.
    _lock: File,
}

impl StateFile {
    /// Locks a state file, which need not exist yet.
    ///
    /// # Errors
    ///
    /// One line that names the file: another server uses it, it is not a regular file or is a mount
    /// point, or other users may read or write it. The file is unchanged.
    pub fn open(path: &Path) -> Result<StateFile, String> {
        StateFile::open_with(path, Box::new(System))
    }

    /// Like [`open`](StateFile::open), with other operations on files.
    pub(super) fn open_with(path: &Path, operations: Box<dyn FileOperations>) -> Result<StateFile, String> {
        let cannot_use = |reason: String| format!("cannot use {} as state file: {reason}", path.display());
        let target = resolve(path).map_err(|error| cannot_use(terminal::reason(&error)))?;
        match fs::metadata(&target) {
            Ok(metadata) => {
                let checked = check_kind(&metadata).and_then(|()| check_mount(&target));
                checked.and_then(|()| check_permissions(&metadata, path)).map_err(cannot_use)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !folder(&target).is_dir() {
                    return Err(cannot_use("its folder does not exist: create it".to_owned()));
                }
            }
            Err(error) => return Err(cannot_use(terminal::reason(&error))),
        }
        let lock = lock(&target).map_err(cannot_use)?;
        remove_temporary_files(&target);
        Ok(StateFile { path: path.to_owned(), target, operations, _lock: lock })
    }

    /// Restores the fleet from the file with `restore`, which gets a snapshot. Returns `None` if the
    /// file does not exist.
    ///
    /// # Errors
    ///
    /// One line that names the file. The file is unchanged.
    pub fn load(&self, restore: impl FnOnce(&str) -> Result<Fleet, String>) -> Result<Option<Fleet>, String> {
        let bytes = match fs::read(&self.target) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|error| terminal::reason(&error)),
        };
        let fleet = bytes.and_then(state_document::decode).and_then(|snapshot| restore(&snapshot));
        fleet.map(Some).map_err(|reason| format!("cannot load state from {}: {reason}", self.path.display()))
    }

    /// Replaces the file, and makes the replacement durable.
    ///
    /// Each call writes a new file. After a failed sync the system may regard data as written that
    /// it has dropped, so a second sync of the same file proves nothing.
    fn replace(&mut self, fleet: &Fleet) -> Result<(), StoreError> {
        self.write_and_rename(fleet).map_err(|reason| StoreError { reason, is_undone: true })?;
        let synced = self.operations.sync_folder(folder(&self.target));
        synced.map_err(|reason| StoreError { reason, is_undone: false })
    }

    fn write_and_rename(&mut self, fleet: &Fleet) -> io::Result<()> {
        // Not readable by others, because it contains the keys of tokens. It is deleted if a later
        // step fails.
        let mut temporary = self.operations.create(folder(&self.target), &temporary_prefix(&self.target), TEMPORARY)?;
        self.operations.write(&mut temporary, state_document::encode(&fleet.snapshot()).as_bytes())?;
        self.operations.sync(&temporary)?;
        self.operations.rename(temporary, &self.target).map_err(|error| match error.kind() {
            ErrorKind::ResourceBusy => io::Error::new(ErrorKind::ResourceBusy, IS_MOUNT_POINT),
            _ => error,
        })
    }
}

impl Storage for StateFile {
    fn store(&mut self, before: Option<&Fleet>, after: &Fleet) -> Result<(), StoreError> {
        self.replace(after).map_err(|error| {
            // The file is the version `after`, but may not be after a power failure.
            let is_undone = error.is_undone || before.is_some_and(|before| self.replace(before).is_ok());
            StoreError { is_undone, ..error }
        })
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Follows symbolic links, also to a file that does not exist yet.
fn resolve(name: &Path) -> io::Result<PathBuf> {
    let mut path = name.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            // Not a link, or no file.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn check_kind(metadata: &Metadata) -> Result<(), String> {
    if metadata.is_file() { Ok(()) } else { Err("it is not a regular file; name a file in a folder".to_owned()) }
}

/// Rejects a file that is mounted alone, for example into a container. It cannot be replaced.
#[cfg(target_os = "linux")]
fn check_mount(path: &Path) -> Result<(), String> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // Before Linux 5.8 the attribute is never set: then the first write fails.
    match statx(CWD, path, AtFlags::empty(), StatxFlags::empty()) {
        Ok(statx) if statx.stx_attributes.contains(StatxAttributes::MOUNT_ROOT) => Err(IS_MOUNT_POINT.to_owned()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn check_mount(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(unix)]
fn check_permissions(metadata: &Metadata, name: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode();
    if mode & 0o007 != 0 {
        let name = name.display();
        return Err(format!("it contains the keys of tokens, and other users have access: run chmod o= '{name}'"));
    }
    if mode & 0o070 != 0 {
        // Kubernetes' fsGroup sets the access of the group.
        let name = name.display();
        terminal::warning(format_args!("{name} contains the keys of tokens, and its group has access"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_permissions(_: &Metadata, _: &Path) -> Result<(), String> {
    Ok(())
}

/// Locks the file beside the state file. The state file itself is replaced with every change, so a
/// lock on it would be granted twice.
fn lock(path: &Path) -> Result<File, String> {
    let lock_path = with_suffix(path, ".lock");
    let cannot_lock = |error: io::Error| format!("cannot lock {}: {}", lock_path.display(), terminal::reason(&error));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&lock_path).map_err(cannot_lock)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("another server uses it and has locked {}; stop it or name another file", lock_path.display()))
        }
        Err(TryLockError::Error(error)) => Err(cannot_lock(error)),
    }
}

/// Removes the temporary files of servers that were killed while they wrote, because the files
/// contain the keys of tokens. The lock is held, so no running server needs them.
fn remove_temporary_files(path: &Path) {
    let prefix = temporary_prefix(path);
    // If the folder cannot be read, the first write reports it.
    for entry in fs::read_dir(folder(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let middle = name.strip_prefix(&*prefix).and_then(|rest| rest.strip_suffix(TEMPORARY));
        if middle.is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The start of the names of temporary files: `state.json.` for `state.json`.
fn temporary_prefix(path: &Path) -> String {
    let mut prefix = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    prefix.push('.');
    prefix
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

const IS_MOUNT_POINT: &str = "it is a mount point and cannot be replaced: mount its folder";
const TEMPORARY: &str = ".new";
/// As on Linux.
const MAX_LINKS: usize = 40;
