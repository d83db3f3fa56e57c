//! The one fleet: read by every answer without a lock, changed by one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use imds::Fleet;
use imds::fleet::Event;
use tokio::sync::{broadcast, watch};

/// The fleet as it is, for all threads.
///
/// An answer is made from the fleet as it was when the request was taken up, whatever happens to it meanwhile.
pub struct SharedFleet {
    current: ArcSwap<Fleet>,
    changing: Mutex<()>,
    /// How often it changed.
    changed: watch::Sender<u64>,
    events: broadcast::Sender<Event>,
}

impl SharedFleet {
    pub fn new(fleet: Fleet) -> SharedFleet {
        SharedFleet {
            current: ArcSwap::from_pointee(fleet),
            changing: Mutex::new(()),
            changed: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENTS_KEPT),
        }
    }

    /// The fleet as it is. Nobody waits for whoever holds it, and it does not change in his hands.
    pub fn now(&self) -> Guard<Arc<Fleet>> {
        self.current.load()
    }

    /// Changes the fleet, which others see when all of it is done.
    pub fn change<T>(&self, change: impl FnOnce(&mut Fleet) -> T) -> T {
        // Nothing panics while holding it, and the fleet is whole even then: it is put in place at the end.
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fleet = Fleet::clone(&self.current.load());
        let done = change(&mut fleet);
        let events: Vec<Event> = std::iter::from_fn(|| fleet.next_event()).collect();
        self.current.store(Arc::new(fleet));
        self.changed.send_modify(|times| *times += 1);
        for event in events {
            // Nobody may be listening.
            let _ = self.events.send(event);
        }
        done
    }

    /// Tells of every change from here on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What happens to instances from here on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

/// More than one operation of the API makes at once in earnest; whoever falls further behind is told how many were missed.
const EVENTS_KEPT: usize = 4096;
