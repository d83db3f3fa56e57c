//! The thread that changes the fleet, lets its timers expire and stores it.

use std::fmt::Display;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use imds_ec2::Fleet;
use imds_ec2::fleet::{Event, FleetInstance};
use tokio::sync::oneshot;

use super::fleet_store::{Change, Command, FleetStore, NotStored, Report};
use crate::clock::Clock;
use crate::telemetry::Telemetry;
use crate::terminal;

/// Where the versions of the fleet are stored.
///
/// The writer stores one version after the other and calls it from one thread.
pub trait Storage: Send {
    /// Stores the version `after`, in place of `before`: the version that the last successful call
    /// stored, or `None` if there was none. When it returns, `after` survives a power failure.
    ///
    /// # Errors
    ///
    /// `after` is not stored, or may not survive a power failure.
    fn store(&mut self, before: Option<&Fleet>, after: &Fleet) -> Result<(), StoreError>;

    /// The name for messages.
    fn name(&self) -> String;
}

/// A version was not stored.
#[derive(Debug)]
pub struct StoreError {
    pub reason: io::Error,
    /// Whether the version before is still stored. Otherwise either version may be.
    pub is_undone: bool,
}

/// Makes all changes of a fleet, in one thread.
///
/// **A commit is reported after its change is stored.** Commits that wait at the same time are
/// stored together. If they cannot be stored, all of them are undone, before any reader sees them.
pub struct FleetWriter {
    store: Arc<FleetStore>,
    commands: Receiver<Command>,
    clock: Clock,
    storage: Option<Box<dyn Storage>>,
    /// The version that was stored last.
    stored: Option<Arc<Fleet>>,
    telemetry: Option<Arc<Telemetry>>,
    /// A published change may not be stored.
    is_stale: bool,
    /// A version that was undone may be stored.
    is_uncertain: bool,
    /// The last write failed.
    is_failing: bool,
}

impl FleetWriter {
    /// A fleet and its writer, which begins to work with [`FleetWriter::start`]. Pending events of
    /// the fleet are discarded.
    pub fn new(mut fleet: Fleet, clock: Clock, telemetry: Option<Arc<Telemetry>>) -> (Arc<FleetStore>, FleetWriter) {
        while fleet.poll_event().is_some() {}
        clock.follow(fleet.clock());
        let (sender, commands) = channel();
        let store = Arc::new(FleetStore::new(fleet, sender));
        let writer = FleetWriter {
            store: store.clone(),
            commands,
            clock,
            storage: None,
            stored: None,
            telemetry,
            is_stale: false,
            is_uncertain: false,
            is_failing: false,
        };
        (store, writer)
    }

    /// Changes the fleet before the writer starts.
    pub fn change_now(&mut self, change: impl FnOnce(&mut Fleet)) {
        let mut fleet = self.fleet();
        change(&mut fleet);
        self.publish(fleet);
    }

    /// Stores the fleet, and from then on every change.
    ///
    /// # Errors
    ///
    /// One line that says why the first write failed.
    pub fn store_in(&mut self, mut storage: Box<dyn Storage>) -> Result<(), String> {
        let fleet = self.store.current.load_full();
        let stored = storage.store(None, &fleet);
        stored.map_err(|error| cannot_write_state(storage.name(), &terminal::reason(&error.reason)))?;
        self.mark_stored(fleet);
        self.storage = Some(storage);
        Ok(())
    }

    /// Starts the thread. It ends after [`FleetStore::finish`].
    ///
    /// # Errors
    ///
    /// The system cannot start a thread.
    pub fn start(self) -> io::Result<()> {
        thread::Builder::new().name("fleet".to_owned()).spawn(move || self.run()).map(drop)
    }

    fn run(mut self) {
        let mut next = None;
        loop {
            let command = match next.take() {
                Some(command) => Some(command),
                None => match self.wait() {
                    Ok(command) => command,
                    // No one can send a further command.
                    Err(_) => return,
                },
            };
            let is_last = matches!(command, Some(Command::Finish(_)));
            next = self.execute(command);
            if is_last {
                return;
            }
        }
    }

    /// Executes the commands that wait, in place of the thread. Returns whether there were any.
    pub fn run_waiting(&mut self) -> bool {
        let mut next = self.commands.try_recv().ok();
        let is_busy = next.is_some();
        while let Some(command) = next.take().or_else(|| self.commands.try_recv().ok()) {
            next = self.execute(Some(command));
        }
        is_busy
    }

    /// Executes a command, or lets timers expire (`None`). Returns a command that was received
    /// meanwhile and is still to be executed.
    fn execute(&mut self, command: Option<Command>) -> Option<Command> {
        let mut next = None;
        match command {
            None => self.run_timers(),
            Some(Command::Update(change)) => {
                let mut fleet = self.fleet();
                let report = apply(&mut fleet, change);
                self.publish(fleet);
                if let Some(report) = report {
                    report(Ok(()));
                }
            }
            Some(Command::Commit(change)) => {
                let mut fleet = self.fleet();
                let mut reports = vec![apply(&mut fleet, change)];
                // The commits that wait are stored by the same write.
                while reports.len() < MAX_COMMITS && next.is_none() {
                    match self.commands.try_recv() {
                        Ok(Command::Commit(change)) => reports.push(apply(&mut fleet, change)),
                        Ok(command) => next = Some(command),
                        Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                    }
                }
                self.commit(fleet, reports);
            }
            Some(Command::Finish(report)) => self.finish(report),
        }
        next
    }

    /// Waits for a command, or until a timer is due or a write is to be repeated (`None`).
    fn wait(&self) -> Result<Option<Command>, RecvTimeoutError> {
        if self.must_write() && !self.is_failing {
            // Stores published changes when no command waits.
            return match self.commands.try_recv() {
                Ok(command) => Ok(Some(command)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            };
        }
        // A paused clock reaches no timer, and a command resumes it.
        let timer = self.store.load().poll_timeout().filter(|_| !self.clock.is_paused());
        let due = timer.map_or(MAX_WAIT, |at| Duration::from_millis(at.millis_since(self.clock.now())));
        let wait = if self.must_write() { due.min(RETRY_INTERVAL) } else { due.min(MAX_WAIT) };
        match self.commands.recv_timeout(wait) {
            Ok(command) => Ok(Some(command)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(error @ RecvTimeoutError::Disconnected) => Err(error),
        }
    }

    /// Lets the timers expire that are due, and stores what is not stored yet.
    ///
    /// The changes of timers are published before they are stored: they follow from the stored
    /// state, and a server that restores it makes them again.
    fn run_timers(&mut self) {
        let now = self.clock.now();
        if self.store.load().poll_timeout().is_some_and(|at| at <= now) {
            let mut fleet = self.fleet();
            fleet.handle_timeout(now);
            self.publish(fleet);
        } else if self.must_write() {
            let _ = self.write_current();
        }
    }

    fn commit(&mut self, fleet: Fleet, reports: Vec<Option<Report>>) {
        let is_stored = fleet.is_unchanged_from(&self.store.load()) && !self.is_uncertain;
        let outcome = if is_stored { Ok(()) } else { self.write(&fleet).map_err(|_| NotStored) };
        if !is_stored && outcome.is_ok() {
            self.publish(fleet);
            self.mark_stored(self.store.current.load_full());
        }
        for report in reports.into_iter().flatten() {
            report(outcome);
        }
    }

    /// Stores the published version.
    fn write_current(&mut self) -> io::Result<()> {
        let fleet = self.store.current.load_full();
        self.write(&fleet)?;
        self.mark_stored(fleet);
        Ok(())
    }

    /// Returns whether the stored version may differ from the published one.
    fn must_write(&self) -> bool {
        self.is_stale || self.is_uncertain
    }

    /// Remembers that the published version is stored.
    fn mark_stored(&mut self, fleet: Arc<Fleet>) {
        self.stored = Some(fleet);
        (self.is_stale, self.is_uncertain) = (false, false);
    }

    /// Stores a fleet, and logs the first of several failures and the success after them.
    fn write(&mut self, fleet: &Fleet) -> io::Result<()> {
        let Some(storage) = &mut self.storage else { return Ok(()) };
        let result = storage.store(self.stored.as_deref(), fleet);
        match &result {
            Err(StoreError { reason, is_undone }) => {
                if !self.is_failing {
                    tracing::error!("{}", cannot_write_state(storage.name(), &terminal::reason(reason)));
                }
                self.is_uncertain |= !is_undone;
            }
            Ok(()) if self.is_failing => tracing::info!("state is written to {} again", storage.name()),
            Ok(()) => {}
        }
        self.is_failing = result.is_err();
        result.map_err(|error| error.reason)
    }

    /// Publishes a fleet, if it has changed, and reports its events.
    fn publish(&mut self, mut fleet: Fleet) {
        if fleet.is_unchanged_from(&self.store.load()) {
            return;
        }
        let events: Vec<Event> = std::iter::from_fn(|| fleet.poll_event()).collect();
        let fleet = Arc::new(fleet);
        self.store.current.store(fleet.clone());
        self.clock.follow(fleet.clock());
        self.store.version.send_modify(|version| *version += 1);
        self.is_stale = true;
        for event in &events {
            self.report(&fleet, event);
        }
    }

    fn report(&self, fleet: &Fleet, event: &Event) {
        let (instance, name) = (&*event.instance, event.kind.name());
        match fleet.instance(instance).and_then(FleetInstance::endpoint) {
            Some(endpoint) => tracing::info!(instance = %instance, event = %name, endpoint = %endpoint),
            None => tracing::info!(instance = %instance, event = %name),
        }
        if let Some(telemetry) = &self.telemetry {
            telemetry.events.send_instance_event(event);
        }
    }

    fn finish(&mut self, report: oneshot::Sender<io::Result<()>>) {
        let result = if self.must_write() { self.write_current() } else { Ok(()) };
        let _ = report.send(result);
    }

    /// A clone of the current version, which shares everything with it.
    fn fleet(&self) -> Fleet {
        Fleet::clone(&self.store.load())
    }
}

/// The message for a fleet that is not stored.
pub fn cannot_write_state(name: impl Display, reason: &str) -> String {
    format!("cannot write state to {name}: {reason}")
}

/// Makes a change, unless it panics: then the fleet is as before, and there is nothing to report.
fn apply(fleet: &mut Fleet, change: Change) -> Option<Report> {
    let before = fleet.clone();
    // The fleet is replaced after a panic, so no one sees it half changed.
    let report = panic::catch_unwind(AssertUnwindSafe(|| change(fleet))).ok();
    if report.is_none() {
        *fleet = before;
    }
    report
}

/// The commits of one write: enough to make a sync cheap, few enough to answer the first soon.
const MAX_COMMITS: usize = 256;
/// The longest wait for a timer, because the clock can be set.
const MAX_WAIT: Duration = Duration::from_secs(3600);
/// Short enough to write soon after disk space is free, long enough not to keep a full disk busy.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
