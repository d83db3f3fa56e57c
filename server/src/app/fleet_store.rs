//! The fleet, shared by all threads: readers take no lock, writers take turns.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use imds_ec2::Fleet;
use imds_ec2::fleet::{Event, FleetInstance};
use tokio::sync::watch;

use crate::telemetry::Telemetry;

/// The current version of the fleet.
///
/// A reader keeps the version that it loaded, even if the fleet changes meanwhile.
pub struct FleetStore {
    current: ArcSwap<Fleet>,
    write_lock: Mutex<()>,
    /// The number of changes.
    version: watch::Sender<u64>,
    telemetry: Option<Arc<Telemetry>>,
}

impl FleetStore {
    /// Stores a fleet and discards its pending events.
    pub fn new(mut fleet: Fleet, telemetry: Option<Arc<Telemetry>>) -> FleetStore {
        while fleet.poll_event().is_some() {}
        FleetStore {
            current: ArcSwap::from_pointee(fleet),
            write_lock: Mutex::new(()),
            version: watch::Sender::new(0),
            telemetry,
        }
    }

    /// Returns the current version of the fleet, without waiting for writers.
    pub fn load(&self) -> Guard<Arc<Fleet>> {
        self.current.load()
    }

    /// Changes a copy of the fleet and then publishes it. If something has changed, notifies
    /// the receivers of [`FleetStore::subscribe`], the log and the listeners to events.
    ///
    /// A launch of many instances takes as long as the signatures of their documents, and other
    /// changes wait. The other tasks of this thread go on in another one.
    pub fn update<T>(&self, update: impl FnOnce(&mut Fleet) -> T) -> T {
        tokio::task::block_in_place(|| self.update_now(update))
    }

    fn update_now<T>(&self, update: impl FnOnce(&mut Fleet) -> T) -> T {
        // If `update` panics, the fleet is unchanged: the copy is published at the end.
        let _lock = self.write_lock.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load();
        let mut fleet = Fleet::clone(&before);
        let result = update(&mut fleet);
        if fleet.is_unchanged_from(&before) {
            return result;
        }
        let events: Vec<Event> = std::iter::from_fn(|| fleet.poll_event()).collect();
        let fleet = Arc::new(fleet);
        self.current.store(fleet.clone());
        self.version.send_modify(|version| *version += 1);
        for event in &events {
            self.report(&fleet, event);
        }
        result
    }

    /// Returns a receiver that is notified of every change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
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
}
