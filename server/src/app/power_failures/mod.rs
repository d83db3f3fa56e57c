//! Tests of the state file: every image of the disk that a power failure may leave, at any operation
//! on a file, loads and has all that was acknowledged.

mod disk;
mod recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use imds::{Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::{Launch, LaunchSeq};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task;

use super::fleet_store::{FleetStore, NotStored};
use super::fleet_writer::FleetWriter;
use super::initial_fleet::{self, FleetConfig};
use super::state_file::StateFile;
use crate::clock::{Clock, ClockStart};
use recorder::{Extent, Failure, Operation, Recorder};

#[test]
fn every_image_of_a_power_failure_loads_and_has_all_that_was_acknowledged() {
    let (mut points, mut images) = (0, 0);
    for layout in [Layout::File, Layout::Link] {
        let found = examine(&run(layout, Recorder::default(), 3), layout);
        assert_eq!(found.faults, BTreeSet::new(), "{layout:?}");
        (points, images) = (points + found.points, images + found.images);
    }
    println!(
        "result: power failures at {points} moments left {images} images of the disk: all load, and have each \
         acknowledged change"
    );
}

#[test]
fn the_images_show_each_missing_sync() {
    for (omitted, fault) in [(Operation::Sync, Fault::CannotLoad), (Operation::SyncFolder, Fault::Lost)] {
        let found = examine(&run(Layout::File, Recorder::omitting(omitted), 1), Layout::File);
        assert!(found.faults.contains(&fault), "without {omitted:?}: {:?}", found.faults);
    }
}

#[test]
fn a_change_that_is_not_stored_is_undone_and_the_next_one_is_stored() {
    let (mut failures, mut images) = (0, 0);
    for (operation, error) in ERRORS {
        for extent in [Extent::Once, Extent::Always, Extent::AndAllLater] {
            let failure = Failure { operation, error, extent };
            let recorder = Recorder::default();
            let machine = Machine::new(Layout::File, recorder.clone());
            let server = machine.start();
            assert_eq!(server.launch(&["before"]), Ok(()), "{failure:?}");

            recorder.fail(failure);
            let snapshot = server.store.load().snapshot();
            assert_eq!(server.launch(&["first", "second"]), Err(NotStored), "{failure:?}");
            assert_eq!(server.store.load().snapshot(), snapshot, "{failure:?}: the change is visible");
            if operation == Operation::SyncFolder && extent == Extent::AndAllLater {
                // The file cannot be put back, so no call can be acknowledged that needs it.
                assert_eq!(launched(&machine.load()), ["before", "first", "second"], "{failure:?}");
                assert_eq!(server.launch(&[]), Err(NotStored), "{failure:?}");
            } else {
                assert_eq!(launched(&machine.load()), ["before"], "{failure:?}: the change is in the file");
            }

            recorder.repair();
            assert_eq!(server.launch(&[]), Ok(()), "{failure:?}");
            assert_eq!(launched(&machine.load()), ["before"], "{failure:?}");
            assert_eq!(server.launch(&["after"]), Ok(()), "{failure:?}");
            server.stop();
            assert_eq!(launched(&machine.load()), ["before", "after"], "{failure:?}");
            let found = examine(&recorder, Layout::File);
            assert_eq!(found.faults, BTreeSet::new(), "{failure:?}");
            (failures, images) = (failures + 1, images + found.images);
        }
    }
    println!(
        "result: {failures} failures of creating, writing, syncing and renaming a file (full disk, I/O error, mount \
         point): each change was answered with an error and undone, and the next was stored; {images} images of \
         power failures meanwhile"
    );
}

#[test]
fn a_mount_point_is_rejected_with_a_remedy() {
    let recorder = Recorder::default();
    recorder.fail(Failure { operation: Operation::Rename, error: EBUSY, extent: Extent::Once });
    let error = Machine::new(Layout::File, recorder).try_start().map(drop).unwrap_err();
    assert!(error.ends_with(": it is a mount point and cannot be replaced: mount its folder"), "{error}");
}

/// What a power failure may do to a state file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    CannotLoad,
    /// An earlier version is loaded than the one that was acknowledged last.
    Lost,
}

struct Found {
    points: usize,
    images: usize,
    faults: BTreeSet<Fault>,
}

/// Creates a state file, changes it in batches, restarts the server and lets operations fail.
fn run(layout: Layout, recorder: Recorder, lives: usize) -> Recorder {
    let machine = Machine::new(layout, recorder.clone());
    let mut number = 0;
    for life in 0..lives {
        let server = machine.start();
        for size in BATCHES {
            let names: Vec<String> = (number..number + size).map(|number| format!("launch-{number}-")).collect();
            number += size;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            assert_eq!(server.launch(&names), Ok(()));
        }
        if life == 1 {
            recorder.fail(Failure { operation: Operation::Sync, error: EIO, extent: Extent::Once });
            assert_eq!(server.launch(&["undone"]), Err(NotStored));
            recorder.fail(Failure { operation: Operation::SyncFolder, error: EIO, extent: Extent::Once });
            assert_eq!(server.launch(&["undone"]), Err(NotStored));
        }
        server.stop();
    }
    recorder
}

/// Examines each image that a power failure may have left.
fn examine(recorder: &Recorder, layout: Layout) -> Found {
    let record = recorder.record();
    let mut faults = BTreeSet::new();
    let mut images = BTreeSet::new();
    // No server reads the content of a temporary file: images that differ in it are examined once.
    let mut examined = BTreeSet::new();
    for (disk, acknowledged) in &record.points {
        for image in disk.images() {
            let state = image.get(layout.file_name()).copied();
            let names: Vec<String> = image.keys().cloned().collect();
            if examined.insert((state, names, acknowledged)) {
                let files: Files = image.iter().map(|(name, rest)| (name.clone(), disk.content(*rest))).collect();
                let is_current = match files.get(layout.file_name()) {
                    None => acknowledged.is_none(),
                    Some(content) => record.written[acknowledged.unwrap_or(0)..].contains(content),
                };
                if layout.load(&files).is_err() {
                    faults.insert(Fault::CannotLoad);
                } else if !is_current {
                    faults.insert(Fault::Lost);
                }
            }
            images.insert(image);
        }
    }
    Found { points: record.points.len(), images: images.len(), faults }
}

/// The contents of files by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// How the state file is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    File,
    /// By a symbolic link in another folder.
    Link,
}

impl Layout {
    fn file_name(self) -> &'static str {
        if self == Layout::File { "state.json" } else { "target.json" }
    }

    /// Writes the files, and returns the path of the state file.
    fn write(self, root: &Path, files: &Files) -> PathBuf {
        let folder = root.join("data");
        fs::create_dir(&folder).unwrap();
        for (name, content) in files {
            write_private(&folder.join(name), content);
        }
        match self {
            Layout::File => folder.join(self.file_name()),
            Layout::Link => {
                let link = root.join("state.json");
                symlink("data/target.json", &link).unwrap();
                link
            }
        }
    }

    /// Loads the files as a server does.
    fn load(self, files: &Files) -> Result<Fleet, String> {
        let root = TempDir::new().unwrap();
        let path = self.write(root.path(), files);
        let fleet = load(&StateFile::open(&path)?, &path)?;
        let files = fs::read_dir(root.path().join("data")).unwrap().count();
        assert!(files <= 2, "a temporary file is left");
        Ok(fleet)
    }
}

/// A folder with a state file, and the record of the operations on it.
struct Machine {
    layout: Layout,
    root: TempDir,
    path: PathBuf,
    recorder: Recorder,
}

impl Machine {
    fn new(layout: Layout, recorder: Recorder) -> Machine {
        let root = TempDir::new().unwrap();
        let path = layout.write(root.path(), &Files::new());
        Machine { layout, root, path, recorder }
    }

    fn start(&self) -> Server {
        self.try_start().unwrap()
    }

    fn try_start(&self) -> Result<Server, String> {
        // The thread of the server before may still end.
        let state = loop {
            match StateFile::open_with(&self.path, Box::new(self.recorder.clone())) {
                Err(error) if error.contains("another server uses it") => thread::sleep(Duration::from_millis(1)),
                state => break state?,
            }
        };
        let fleet = load(&state, &self.path)?;
        let (store, mut writer) = FleetWriter::new(fleet, Clock::start(ClockStart::At(now())), None);
        writer.store_in(Box::new(state))?;
        writer.start().unwrap();
        let runtime = Builder::new_current_thread().build().unwrap();
        Ok(Server { store, recorder: self.recorder.clone(), runtime })
    }

    /// Loads a copy of the state file.
    fn load(&self) -> Fleet {
        let name = self.layout.file_name();
        let content = fs::read(self.root.path().join("data").join(name)).unwrap();
        self.layout.load(&[(name.to_owned(), content)].into()).unwrap()
    }
}

/// A server's fleet.
struct Server {
    store: Arc<FleetStore>,
    recorder: Recorder,
    runtime: Runtime,
}

impl Server {
    /// Launches an instance with each name, all in one write.
    fn launch(&self, names: &[&str]) -> Result<(), NotStored> {
        self.runtime.block_on(async {
            // The first call keeps the writer busy until all others wait.
            let (release, released) = channel();
            let store = self.store.clone();
            let first = tokio::spawn(async move { store.commit(move |_| released.recv().unwrap()).await });
            let others = names.iter().map(|name| {
                let (store, tags) = (self.store.clone(), [(TAG.to_owned(), (*name).to_owned())].into());
                let launch = |fleet: &mut Fleet| {
                    let launch = Launch::new(fleet.launch_template().clone()).with_tags(tags);
                    fleet.launch(now(), &launch).map(drop).expect("the subnet has free addresses");
                };
                tokio::spawn(async move { store.commit(launch).await })
            });
            let others: Vec<_> = others.collect();
            task::yield_now().await;
            release.send(()).unwrap();
            let result = first.await.unwrap();
            for other in others {
                assert_eq!(other.await.unwrap(), result, "the calls share a write");
            }
            if result.is_ok() {
                let fleet = self.store.load();
                assert!(launched(&fleet).ends_with(names), "the launches are not visible");
                self.recorder.acknowledge(&fleet);
            }
            result
        })
    }

    fn stop(self) {
        self.runtime.block_on(self.store.finish()).unwrap();
    }
}

/// The names of the launched instances.
fn launched(fleet: &Fleet) -> Vec<&str> {
    fleet.instances(LaunchSeq::FIRST).filter_map(|instance| instance.tags().get(TAG).map(String::as_str)).collect()
}

/// Loads the fleet as a server does at its start.
fn load(state: &StateFile, path: &Path) -> Result<Fleet, String> {
    let config = FleetConfig { state: Some(path.to_owned()), ..FleetConfig::default() };
    initial_fleet::load(&config, Some(state), Seed::new([7; 32]), &Clock::start(ClockStart::At(now())))
}

fn write_private(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn now() -> Timestamp {
    Timestamp::saturating_from_millis(1_767_225_600_000)
}

/// The key of the tag with the name of an instance.
const TAG: &str = "launched";
/// The launches of each write.
const BATCHES: [usize; 3] = [3, 1, 2];
const EIO: i32 = 5;
const EBUSY: i32 = 16;
const ENOSPC: i32 = 28;
const ERRORS: [(Operation, i32); 6] = [
    (Operation::Create, ENOSPC),
    (Operation::Write, ENOSPC),
    (Operation::Sync, EIO),
    (Operation::Rename, EIO),
    (Operation::Rename, EBUSY),
    (Operation::SyncFolder, EIO),
];
