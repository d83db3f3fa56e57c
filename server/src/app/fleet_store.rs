//! The one fleet: read by every answer without a lock, changed by one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use imds_ec2::Fleet;
use imds_ec2::fleet::{Event, FleetInstance};
use tokio::sync::watch;

use crate::console::watch::Watch;

/// The fleet as it is, for all threads.
///
/// An answer is made from the fleet as it was when the request was taken up, whatever happens to it meanwhile.
pub struct SharedFleet {
    current: ArcSwap<Fleet>,
    changing: Mutex<()>,
    /// How often it changed.
    changed: watch::Sender<u64>,
    watch: Option<Arc<Watch>>,
}

impl SharedFleet {
    /// What happened to the fleet before is nobody's news.
    pub fn new(mut fleet: Fleet, watch: Option<Arc<Watch>>) -> SharedFleet {
        while fleet.poll_event().is_some() {}
        SharedFleet {
            current: ArcSwap::from_pointee(fleet),
            changing: Mutex::new(()),
            changed: watch::Sender::new(0),
            watch,
        }
    }

    /// The fleet as it is. Nobody waits for whoever holds it, and it does not change in his hands.
    pub fn now(&self) -> Guard<Arc<Fleet>> {
        self.current.load()
    }

    /// Changes the fleet, which others see when all of it is done, and hear of where something has changed.
    pub fn change<T>(&self, change: impl FnOnce(&mut Fleet) -> T) -> T {
        // Nothing panics while holding it, and the fleet is whole even then: it is put in place at the end.
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load();
        let mut fleet = Fleet::clone(&before);
        let done = change(&mut fleet);
        if fleet.is_unchanged_from(&before) {
            return done;
        }
        let events: Vec<Event> = std::iter::from_fn(|| fleet.poll_event()).collect();
        let fleet = Arc::new(fleet);
        self.current.store(fleet.clone());
        self.changed.send_modify(|times| *times += 1);
        for event in &events {
            self.tell(&fleet, event);
        }
        done
    }

    /// Tells of every change from here on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn tell(&self, fleet: &Fleet, event: &Event) {
        let (instance, happened) = (&*event.instance, event.kind.name());
        match fleet.member(instance).and_then(FleetInstance::endpoint) {
            Some(endpoint) => tracing::info!(instance = %instance, event = %happened, endpoint = %endpoint),
            None => tracing::info!(instance = %instance, event = %happened),
        }
        if let Some(watch) = &self.watch {
            watch.events.happened(event);
        }
    }
}
