//! Operations on files that are recorded, and can fail.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use imds_ec2::Fleet;
use tempfile::NamedTempFile;

use super::disk::Disk;
use crate::app::state_document;
use crate::file_operations::{FileOperations, System};

/// An operation of [`FileOperations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Create,
    Write,
    Sync,
    Rename,
    SyncFolder,
}

/// The failure of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    pub operation: Operation,
    /// The system's number of the error.
    pub error: i32,
    pub extent: Extent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The operation fails once.
    Once,
    /// The operation always fails.
    Always,
    /// The operation and all later ones fail.
    AndAllLater,
}

/// Performs operations on the system's files, and on a [`Disk`] that shows what a power failure
/// leaves. Clones share the record.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Record>>);

#[derive(Default)]
pub struct Record {
    disk: Disk,
    /// The bytes of each write.
    pub written: Vec<Vec<u8>>,
    /// The disk after each operation, and the index in `written` of the version that was
    /// acknowledged last.
    pub points: Vec<(Disk, Option<usize>)>,
    acknowledged: Option<usize>,
    failure: Option<Failure>,
    /// Every operation fails.
    fails_always: bool,
    /// The operation that is not performed although it succeeds.
    omitted: Option<Operation>,
    /// The only folder whose names are on the disk.
    folder: Option<PathBuf>,
}

impl Recorder {
    pub fn omitting(operation: Operation) -> Recorder {
        let recorder = Recorder::default();
        recorder.record().omitted = Some(operation);
        recorder
    }

    /// Lets an operation fail.
    pub fn fail(&self, failure: Failure) {
        let mut record = self.record();
        (record.failure, record.fails_always) = (Some(failure), false);
    }

    /// Lets all operations succeed.
    pub fn repair(&self) {
        self.record().failure = None;
    }

    /// Records that a version is acknowledged, which must have been written.
    pub fn acknowledge(&self, fleet: &Fleet) {
        let text = state_document::encode(&fleet.snapshot());
        let mut record = self.record();
        record.acknowledged = record.written.iter().rposition(|written| *written == text.as_bytes());
        assert!(record.acknowledged.is_some(), "a version is acknowledged that was not written");
        record.add_point();
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().expect("no operation panics")
    }
}

impl Record {
    /// Begins an operation: `Ok(true)` if it is performed.
    fn begin(&mut self, operation: Operation) -> io::Result<bool> {
        match self.failure {
            Some(failure) if self.fails_always || failure.operation == operation => {
                match failure.extent {
                    Extent::Once => self.failure = None,
                    Extent::Always => {}
                    Extent::AndAllLater => self.fails_always = true,
                }
                Err(io::Error::from_raw_os_error(failure.error))
            }
            _ => Ok(self.omitted != Some(operation)),
        }
    }

    fn add_point(&mut self) {
        self.points.push((self.disk.clone(), self.acknowledged));
    }
}

impl FileOperations for Recorder {
    fn create(&mut self, folder: &Path, prefix: &str, suffix: &str) -> io::Result<NamedTempFile> {
        let mut record = self.record();
        record.begin(Operation::Create)?;
        let file = System.create(folder, prefix, suffix)?;
        let known = record.folder.get_or_insert_with(|| folder.to_owned());
        assert_eq!(known, folder, "a file is created in another folder");
        record.disk.create(name(file.path()));
        record.add_point();
        Ok(file)
    }

    fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
        let mut record = self.record();
        let begun = record.begin(Operation::Write);
        // A full disk has space for a part.
        let bytes = if begun.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        System.write(file, bytes)?;
        record.disk.write(&name(file.path()), bytes);
        record.written.push(bytes.to_vec());
        record.add_point();
        begun.map(drop)
    }

    fn sync(&mut self, file: &NamedTempFile) -> io::Result<()> {
        let mut record = self.record();
        let begun = record.begin(Operation::Sync);
        if begun.as_ref().is_ok_and(|is_performed| !is_performed) {
            return Ok(());
        }
        record.disk.sync(&name(file.path()), begun.is_ok());
        record.add_point();
        begun.map(drop)
    }

    fn rename(&mut self, file: NamedTempFile, target: &Path) -> io::Result<()> {
        let mut record = self.record();
        record.begin(Operation::Rename)?;
        assert_eq!(target.parent(), file.path().parent(), "a file is renamed into another folder");
        let from = name(file.path());
        System.rename(file, target)?;
        record.disk.rename(&from, name(target));
        record.add_point();
        Ok(())
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        let mut record = self.record();
        let begun = record.begin(Operation::SyncFolder);
        let is_performed = *begun.as_ref().unwrap_or(&true) && record.folder.as_deref() == Some(folder);
        if is_performed {
            record.disk.sync_names(begun.is_ok());
            record.add_point();
        }
        begun.map(drop)
    }
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}
