//! The limits on concurrent connections.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::peer_counts::{Counted, PeerCounts};

/// Permits for connections: some that are served, and some more whose requests are rejected.
#[derive(Clone)]
pub struct ConnectionLimit {
    served: Arc<Semaphore>,
    overflow: Arc<Semaphore>,
    of_peer: Option<PeerLimit>,
}

/// The limit of each peer.
#[derive(Clone)]
struct PeerLimit {
    counts: PeerCounts,
    /// The connections that are served.
    served: u32,
    /// All connections; further ones are closed. A peer cannot take every permit for rejections.
    all: u32,
    includes_loopback: bool,
}

/// The permit of one connection, released when dropped.
pub struct Permit {
    pub kind: PermitKind,
    _permit: OwnedSemaphorePermit,
    _count: Option<Counted>,
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermitKind {
    /// It is served.
    Served,
    /// All permits to be served are taken. Its requests are rejected.
    Overflow,
    /// Its peer has too many connections. Its requests are rejected.
    PeerOverflow,
}

impl ConnectionLimit {
    pub fn new(served: u32, overflow: u32) -> ConnectionLimit {
        ConnectionLimit {
            served: Arc::new(Semaphore::new(served as usize)),
            overflow: Arc::new(Semaphore::new(overflow as usize)),
            of_peer: None,
        }
    }

    /// Serves at most `served` connections of each [peer](PeerCounts), and rejects the requests of some more.
    #[must_use]
    pub fn with_limit_of_peer(self, served: u32, includes_loopback: bool) -> ConnectionLimit {
        let overflow = u32::try_from(self.overflow.available_permits() / 2).unwrap_or(u32::MAX);
        let all = served.saturating_add(overflow);
        ConnectionLimit {
            of_peer: Some(PeerLimit { counts: PeerCounts::default(), served, all, includes_loopback }),
            ..self
        }
    }

    /// Waits for a permit, preferably one to be served. Returns `None` at once if the peer has too
    /// many connections to get one: others must not wait for that peer.
    pub async fn acquire(&self, peer: IpAddr) -> Option<Permit> {
        let mut count = None;
        if let Some(limit) = &self.of_peer
            && (limit.includes_loopback || !peer.is_loopback())
        {
            let counted = limit.counts.add(peer);
            if counted.get() > limit.all {
                return None;
            }
            let is_over = counted.get() > limit.served;
            count = Some(counted);
            if is_over {
                let permit = self.overflow.clone().try_acquire_owned().ok()?;
                return Some(Permit { kind: PermitKind::PeerOverflow, _permit: permit, _count: count });
            }
        }
        // The semaphores are never closed, so a permit always comes.
        loop {
            let (kind, permit) = tokio::select! {
                biased;
                permit = self.served.clone().acquire_owned() => (PermitKind::Served, permit),
                permit = self.overflow.clone().acquire_owned() => (PermitKind::Overflow, permit),
            };
            if let Ok(permit) = permit {
                return Some(Permit { kind, _permit: permit, _count: count });
            }
        }
    }
}

impl Permit {
    /// Whether the requests of the connection are rejected.
    pub fn is_overflow(&self) -> bool {
        self.kind != PermitKind::Served
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::PermitKind::{Overflow, PeerOverflow, Served};
    use super::{ConnectionLimit, Permit, PermitKind};

    #[test]
    fn a_peer_over_its_limit_never_makes_others_wait() {
        let limit = ConnectionLimit::new(5, 4).with_limit_of_peer(3, false);
        let [one, other] = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        let held: Vec<_> = (0..3).filter_map(|_| acquired(&limit, one)).collect();
        assert_eq!(kinds(&held), [Served; 3]);
        // Half of the permits for rejections.
        let rejected: Vec<_> = (0..5).filter_map(|_| acquired(&limit, one)).collect();
        assert_eq!(kinds(&rejected), [PeerOverflow; 2]);
        let others: Vec<_> = (0..4).filter_map(|_| acquired(&limit, other)).collect();
        assert_eq!(kinds(&others), [Served, Served, Overflow, PeerOverflow]);
        // Without a permit, the peer over its limit does not wait.
        assert!(acquired(&limit, other).is_none());
        drop(held);
        assert_eq!(acquired(&limit, one).map(|permit| permit.kind), Some(Served));
    }

    #[test]
    fn loopback_addresses_have_a_limit_if_it_includes_them() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        for (includes_loopback, last) in [(false, Served), (true, PeerOverflow)] {
            let limit = ConnectionLimit::new(3, 2).with_limit_of_peer(1, includes_loopback);
            let permits = [acquired(&limit, loopback), acquired(&limit, loopback)].map(Option::unwrap);
            assert_eq!(kinds(&permits), [Served, last]);
        }
    }

    /// Returns the permit, which must not wait.
    fn acquired(limit: &ConnectionLimit, peer: IpAddr) -> Option<Permit> {
        match pin!(limit.acquire(peer)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(permit) => permit,
            Poll::Pending => panic!("{peer} waits"),
        }
    }

    fn kinds(permits: &[Permit]) -> Vec<PermitKind> {
        permits.iter().map(|permit| permit.kind).collect()
    }
}
