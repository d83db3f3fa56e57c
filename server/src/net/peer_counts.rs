//! The number of connections of each peer.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts the open connections of each peer. It holds only peers with open connections.
///
/// A peer is an IPv4 address or an IPv6 network of 64 bits, all of whose addresses one machine can
/// use (RFC 8981).
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
    pub fn add(&self, address: IpAddr) -> Counted {
        let peer = peer(address);
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

/// The IPv4 address, or the first address of the IPv6 network.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
    }
}

const NETWORK: u128 = u128::MAX << 64;

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

    #[test]
    fn the_addresses_of_an_ipv6_network_count_as_one_peer() {
        let counts = PeerCounts::default();
        let add = |address: &str| counts.add(address.parse().unwrap());
        let (first, second) = (add("2001:db8:0:1::1"), add("2001:db8:0:1:ffff::2"));
        assert_eq!((first.get(), second.get(), add("2001:db8:0:2::1").get()), (1, 2, 1));
        let (first, second) = (add("192.0.2.1"), add("::ffff:192.0.2.1"));
        assert_eq!((first.get(), second.get(), add("::ffff:192.0.2.2").get()), (1, 2, 1));
    }
}
