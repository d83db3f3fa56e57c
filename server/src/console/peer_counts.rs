//! The number of connections of each peer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts the open connections of each address. It holds only addresses with open connections.
#[derive(Clone, Default)]
pub struct PeerCounts(Arc<Mutex<HashMap<IpAddr, u32>>>);

/// A counted connection, until it is dropped.
pub struct Counted {
    counts: PeerCounts,
    peer: IpAddr,
    /// The number of connections when this one was opened, itself included.
    number: u32,
}

impl PeerCounts {
    /// Counts a connection.
    pub fn add(&self, peer: IpAddr) -> Counted {
        let mut counts = self.lock();
        let number = counts.entry(peer).or_default();
        *number += 1;
        Counted { counts: self.clone(), peer, number: *number }
    }

    /// Nothing panics while it is locked.
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// The number of connections of the peer when this one was opened, itself included.
    pub fn get(&self) -> u32 {
        self.number
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(number) = counts.get_mut(&self.peer) {
            *number -= 1;
            if *number == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::PeerCounts;

    #[test]
    fn each_address_is_counted_while_its_connections_are_open() {
        let counts = PeerCounts::default();
        let [one, other] = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2])];
        let first = counts.add(one);
        let second = counts.add(one);
        assert_eq!((first.get(), second.get(), counts.add(other).get()), (1, 2, 1));
        drop(first);
        assert_eq!(counts.add(one).get(), 2);
        drop(second);
        assert!(counts.lock().is_empty());
    }
}
