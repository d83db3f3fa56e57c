//! The loopback address and port at which a shell serves one instance.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::error::FleetError;
use super::fleet::Fleet;
use super::instance::FleetInstance;
use super::launch_seq::LaunchSeq;
use super::settings::Settings;
use imds::time::Timestamp;

impl Fleet {
    /// The served instance that has this address: a private address, or the loopback address of its
    /// endpoint.
    pub fn find_by_address(&self, now: Timestamp, address: IpAddr) -> Option<&FleetInstance> {
        let seq = match address {
            IpAddr::V4(loopback) if loopback.is_loopback() => self.find_by_loopback(loopback)?,
            _ => *self.by_address.get(&address)?,
        };
        self.instances.get(&seq).filter(|instance| instance.is_served(now))
    }

    /// Sets where the shell serves an instance. The instance gives up the loopback address that the
    /// fleet chose for it.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`].
    pub fn set_endpoint(&mut self, id: &str, endpoint: Option<SocketAddrV4>) -> Result<(), FleetError> {
        let seq = self.find_seq(id)?;
        let before = self.change(seq, |instance| core::mem::replace(&mut instance.endpoint, endpoint)).flatten();
        if let Some(before) = before.filter(|before| endpoint.is_none_or(|endpoint| endpoint.ip() != before.ip())) {
            self.free_loopback(seq, *before.ip());
        }
        Ok(())
    }

    /// Sets the settings for later operations. Pending changes keep their times.
    ///
    /// A new [`loopback_port`](Settings::loopback_port) changes all endpoints at once.
    pub fn set_settings(&mut self, settings: Settings) {
        let is_new_port = settings.loopback_port != self.settings.loopback_port;
        self.settings = settings;
        if !is_new_port {
            return;
        }
        let instances: Vec<(LaunchSeq, Option<Ipv4Addr>, Option<SocketAddrV4>)> = self
            .instances
            .values()
            .filter(|instance| !self.has_ended(instance))
            .map(|instance| (instance.launch_seq, primary_address(instance), instance.endpoint))
            .collect();
        for (seq, private, before) in instances {
            let endpoint = match (before, settings.loopback_port) {
                (Some(endpoint), Some(port)) => Some(SocketAddrV4::new(*endpoint.ip(), port)),
                (None, Some(_)) => self.loopback_endpoint(seq, private),
                (_, None) => None,
            };
            if let (Some(before), None) = (before, endpoint) {
                self.free_loopback(seq, *before.ip());
            }
            self.change(seq, |instance| instance.endpoint = endpoint);
        }
    }

    /// The endpoint of a new instance. Its address is the private address with 127 as the first
    /// octet (`127.0.0.68` for `10.0.0.68`), or the next free one if another instance has that.
    pub(super) fn loopback_endpoint(&mut self, seq: LaunchSeq, private: Option<Ipv4Addr>) -> Option<SocketAddrV4> {
        let port = self.settings.loopback_port?;
        let preferred = private.map(loopback_of);
        if let (Some(private), Some(preferred)) = (private, preferred)
            && private.octets()[0] == IMPLICIT_NETWORK
            && self.by_loopback.get(&preferred).is_none()
            && preferred != Ipv4Addr::LOCALHOST
        {
            return Some(SocketAddrV4::new(preferred, port));
        }
        let mut address = preferred.unwrap_or(FIRST_LOOPBACK);
        // Ends: a fleet has fewer instances than the network has addresses.
        while self.find_by_loopback(address).is_some() || address == Ipv4Addr::LOCALHOST {
            let [_, b, c, d] = Ipv4Addr::from(u32::from(address).wrapping_add(1)).octets();
            address = Ipv4Addr::new(127, b, c, d);
        }
        self.by_loopback.insert_mut(address, seq);
        Some(SocketAddrV4::new(address, port))
    }

    /// Frees a loopback address that the fleet chose for this instance.
    pub(super) fn free_loopback(&mut self, seq: LaunchSeq, loopback: Ipv4Addr) {
        if self.by_loopback.get(&loopback) == Some(&seq) {
            self.by_loopback.remove_mut(&loopback);
        }
    }

    /// The instance that the fleet serves at a loopback address.
    pub(super) fn find_by_loopback(&self, loopback: Ipv4Addr) -> Option<LaunchSeq> {
        if let Some(seq) = self.by_loopback.get(&loopback) {
            return Some(*seq);
        }
        let seq = *self.by_address.get(&IpAddr::V4(private_of(loopback)))?;
        let endpoint = self.instances.get(&seq)?.endpoint?;
        (*endpoint.ip() == loopback).then_some(seq)
    }
}

/// The first private address of an instance's primary interface.
pub(super) fn primary_address(instance: &FleetInstance) -> Option<Ipv4Addr> {
    instance.instance.details().primary().local_ipv4s.first().copied()
}

/// The private address whose instance is served at a loopback address, unless `by_loopback` has
/// another instance.
pub(super) fn private_of(loopback: Ipv4Addr) -> Ipv4Addr {
    let [_, b, c, d] = loopback.octets();
    Ipv4Addr::new(IMPLICIT_NETWORK, b, c, d)
}

fn loopback_of(private: Ipv4Addr) -> Ipv4Addr {
    let [_, b, c, d] = private.octets();
    Ipv4Addr::new(127, b, c, d)
}

/// The loopback address of an instance in 10.0.0.0/8 follows from its private address, which saves
/// an entry in `by_loopback`.
const IMPLICIT_NETWORK: u8 = 10;
const FIRST_LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
