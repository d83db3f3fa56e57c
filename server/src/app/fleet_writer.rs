//! The thread that changes the fleet, lets its timers expire and stores it.

use std::io;
use std::mem;
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

/// Where the fleet is stored.
///
/// The writer stores one version after the other and calls it from one thread.
pub trait Storage: Send {
    /// Stores this version of the fleet, in place of the version before. When it returns, the
    /// version survives a power failure.
    ///
    /// # Errors
    ///
    /// The stored version is the one before, or this one.
    fn store(&mut self, fleet: &Fleet) -> io::Result<()>;

    /// The name for messages.
    fn name(&self) -> String;
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
    telemetry: Option<Arc<Telemetry>>,
    /// A published change is not stored.
    is_stale: bool,
    /// The last write failed.
    is_failing: bool,
}

impl FleetWriter {
    /// A fleet and its writer, which begins to work with [`FleetWriter::start`]. Pending events of
    /// the fleet are discarded.
    pub fn new(mut fleet: Fleet, clock: Clock, telemetry: Option<Arc<Telemetry>>) -> (Arc<FleetStore>, FleetWriter) {
        while fleet.poll_event().is_some() {}
        let (sender, commands) = channel();
        let store = Arc::new(FleetStore::new(fleet, sender));
        let writer = FleetWriter {
            store: store.clone(),
            commands,
            clock,
            storage: None,
            telemetry,
            is_stale: false,
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
    /// The error of the first write.
    pub fn store_in(&mut self, mut storage: Box<dyn Storage>) -> io::Result<()> {
        storage.store(&self.store.load())?;
        self.is_stale = false;
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
                Some(Command::Finish(report)) => return self.finish(report),
            }
        }
    }

    /// Waits for a command, or until a timer is due or a write is to be repeated (`None`).
    fn wait(&self) -> Result<Option<Command>, RecvTimeoutError> {
        if self.is_stale && !self.is_failing {
            // Stores published changes when no command waits.
            return match self.commands.try_recv() {
                Ok(command) => Ok(Some(command)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            };
        }
        let timer = self.store.load().poll_timeout();
        let due = timer.map_or(MAX_WAIT, |at| Duration::from_millis(at.millis_since(self.clock.now())));
        let wait = if self.is_stale { due.min(RETRY_INTERVAL) } else { due.min(MAX_WAIT) };
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
        } else if self.is_stale {
            let fleet = self.fleet();
            let _ = self.write(&fleet);
        }
    }

    fn commit(&mut self, fleet: Fleet, reports: Vec<Option<Report>>) {
        let is_changed = !fleet.is_unchanged_from(&self.store.load());
        let outcome = if is_changed { self.write(&fleet).map_err(|_| NotStored) } else { Ok(()) };
        if outcome.is_ok() {
            self.publish(fleet);
            self.is_stale &= !is_changed;
        }
        for report in reports.into_iter().flatten() {
            report(outcome);
        }
    }

    /// Stores a fleet, and logs the first of several failures and the success after them.
    fn write(&mut self, fleet: &Fleet) -> io::Result<()> {
        let Some(storage) = &mut self.storage else {
            self.is_stale = false;
            return Ok(());
        };
        let result = storage.store(fleet);
        let failure = result.as_ref().err().map(terminal::reason);
        match &failure {
            Some(reason) if !self.is_failing => tracing::error!("cannot write state to {}: {reason}", storage.name()),
            None if self.is_failing => tracing::info!("state is written to {} again", storage.name()),
            _ => {}
        }
        self.is_failing = failure.is_some();
        self.is_stale &= self.is_failing;
        result
    }

    /// Publishes a fleet, if it has changed, and reports its events.
    fn publish(&mut self, mut fleet: Fleet) {
        if fleet.is_unchanged_from(&self.store.load()) {
            return;
        }
        let events: Vec<Event> = std::iter::from_fn(|| fleet.poll_event()).collect();
        let fleet = Arc::new(fleet);
        self.store.current.store(fleet.clone());
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

    fn finish(mut self, report: oneshot::Sender<io::Result<()>>) {
        let fleet = self.fleet();
        let result = if mem::take(&mut self.is_stale) { self.write(&fleet) } else { Ok(()) };
        let _ = report.send(result);
    }

    /// A clone of the current version, which shares everything with it.
    fn fleet(&self) -> Fleet {
        Fleet::clone(&self.store.load())
    }
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
