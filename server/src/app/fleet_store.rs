//! The fleet, shared by all threads. Readers take no lock; one thread, the
//! [`FleetWriter`](super::fleet_writer::FleetWriter), makes all changes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use arc_swap::{ArcSwap, Guard};
use imds_ec2::Fleet;
use tokio::sync::{oneshot, watch};

/// The current version of the fleet.
///
/// A reader keeps the version that it loaded, even if the fleet changes meanwhile.
pub struct FleetStore {
    pub(super) current: ArcSwap<Fleet>,
    /// The number of changes.
    pub(super) version: watch::Sender<u64>,
    commands: Sender<Command>,
}

/// What the writer does.
pub(super) enum Command {
    /// Changes the fleet. The change is published when it is stored; otherwise it is undone.
    Commit(Change),
    /// Changes the fleet. The change is published at once and stored later.
    Update(Change),
    /// Stores the fleet a last time, and ends the thread.
    Finish(oneshot::Sender<io::Result<()>>),
}

/// Changes the fleet and returns how to report the outcome.
pub(super) type Change = Box<dyn FnOnce(&mut Fleet) -> Report + Send>;
pub(super) type Report = Box<dyn FnOnce(Result<(), NotStored>) + Send>;

/// A change was undone because it could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotStored;

impl FleetStore {
    pub(super) fn new(fleet: Fleet, commands: Sender<Command>) -> FleetStore {
        FleetStore { current: ArcSwap::from_pointee(fleet), version: watch::Sender::new(0), commands }
    }

    /// Returns the current version of the fleet, without waiting for the writer.
    pub fn load(&self) -> Guard<Arc<Fleet>> {
        self.current.load()
    }

    /// Changes the fleet and waits until the change is stored and published.
    ///
    /// # Errors
    ///
    /// [`NotStored`]: the change was undone because the state file cannot be written.
    pub async fn commit<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Fleet) -> T + Send + 'static,
    ) -> Result<T, NotStored> {
        let (command, result) = prepare(change);
        self.send(Command::Commit(command));
        // The writer ends last and reports every change.
        result.await.unwrap_or(Err(NotStored))
    }

    /// Changes the fleet and waits until the change is published. It is stored later.
    pub async fn update<T: Send + 'static>(&self, change: impl FnOnce(&mut Fleet) -> T + Send + 'static) -> Option<T> {
        let (command, result) = prepare(change);
        self.send(Command::Update(command));
        result.await.ok()?.ok()
    }

    /// Stores the fleet a last time. Later changes are not made.
    ///
    /// # Errors
    ///
    /// The error of the write, if the stored fleet is not the current one.
    pub async fn finish(&self) -> io::Result<()> {
        let (report, result) = oneshot::channel();
        self.send(Command::Finish(report));
        result.await.unwrap_or_else(|_| Err(io::Error::other("the thread that writes it has ended")))
    }

    /// Returns a receiver that is notified of every change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn send(&self, command: Command) {
        // Fails after `finish`: the report is dropped, which its receiver notices.
        let _ = self.commands.send(command);
    }
}

/// Pairs a change with the receiver of its result.
fn prepare<T: Send + 'static>(
    change: impl FnOnce(&mut Fleet) -> T + Send + 'static,
) -> (Change, oneshot::Receiver<Result<T, NotStored>>) {
    let (sender, receiver) = oneshot::channel();
    let change: Change = Box::new(move |fleet| {
        let result = change(fleet);
        Box::new(move |outcome: Result<(), NotStored>| {
            // Fails if the caller no longer waits.
            let _ = sender.send(outcome.map(|()| result));
        })
    });
    (change, receiver)
}
