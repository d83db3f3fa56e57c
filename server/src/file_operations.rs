//! The operations that replace a file durably.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// The operations on the file system that replace a state file.
///
/// The methods call the system. The tests override them, to let an operation fail and to compute
/// what a power failure leaves.
pub trait FileOperations: Send {
    /// Creates a file exclusively, with a random name and mode 0600. It is deleted when dropped.
    fn create(&mut self, folder: &Path, prefix: &str, suffix: &str) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(folder)
    }

    /// Appends bytes to a file.
    fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Makes the content of a file durable.
    fn sync(&mut self, file: &NamedTempFile) -> io::Result<()> {
        file.as_file().sync_all()
    }

    /// Renames a file and replaces the target.
    fn rename(&mut self, file: NamedTempFile, target: &Path) -> io::Result<()> {
        file.persist(target).map(drop).map_err(|error| error.error)
    }

    /// Makes the names in a folder durable.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        // Windows cannot open a folder as a file.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }
}

/// The operations of the system.
pub struct System;

impl FileOperations for System {}
