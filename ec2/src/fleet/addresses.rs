//! Which addresses an instance gets.

use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::{Fleet, FleetError, LaunchSeq};
use imds::record::Line;

/// A block of IPv4 addresses, as `10.0.0.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    first: u32,
    size: u32,
}

impl Block {
    /// Reads the block of a subnet. AWS: a subnet has a prefix of 16 to 28 bits.
    fn parse(text: &str) -> Option<Block> {
        let (address, bits) = text.split_once('/')?;
        let bits: u32 = bits.parse().ok().filter(|bits| (8..=30).contains(bits))?;
        let size = 1 << (32 - bits);
        let address: Ipv4Addr = address.parse().ok()?;
        Some(Block { first: u32::from(address) & !(size - 1), size })
    }

    /// Whether an instance can have the address. AWS keeps the first four and the last one of every subnet.
    fn has(&self, address: Ipv4Addr) -> bool {
        let place = u32::from(address).wrapping_sub(self.first);
        (KEPT_FIRST..self.size - KEPT_LAST).contains(&place)
    }
}

impl Fleet {
    /// The next free private address of a subnet.
    pub(super) fn free_address(&mut self, subnet: &Line) -> Result<Ipv4Addr, FleetError> {
        let full = || FleetError::NoFreeAddress(subnet.clone());
        let block = Block::parse(subnet).ok_or_else(full)?;
        let places = block.size.checked_sub(KEPT_FIRST + KEPT_LAST).filter(|places| *places > 0).ok_or_else(full)?;
        // A snapshot may hold any number.
        let start = self.cursors.get(subnet).map_or(0, |cursor| cursor % places);
        for step in 0..places {
            let place = (start + step) % places;
            let address = Ipv4Addr::from(block.first + KEPT_FIRST + place);
            if self.by_address.get(&IpAddr::V4(address)).is_none() {
                self.cursors.insert_mut(subnet.clone(), place + 1);
                return Ok(address);
            }
        }
        Err(full())
    }

    /// Whether a private address that was asked for can be had.
    pub(super) fn check_address(&self, address: Ipv4Addr, subnet: Option<&Line>) -> Result<(), FleetError> {
        if let Some(subnet) = subnet
            && Block::parse(subnet).is_some_and(|block| !block.has(address))
        {
            return Err(FleetError::AddressOutside(address.into(), subnet.clone()));
        }
        Ok(())
    }

    /// A public address, of the networks that RFC 5737 and RFC 2544 keep for such purposes.
    pub(super) fn public_address(&mut self) -> Ipv4Addr {
        let number = self.public_addresses;
        self.public_addresses = number.wrapping_add(1);
        match number {
            0..PUBLIC_FIRST => Ipv4Addr::from(u32::from(TEST_NET_3) + 1 + number),
            _ => Ipv4Addr::from(u32::from(BENCHMARKING) + 1 + (number - PUBLIC_FIRST) % PUBLIC_FURTHER),
        }
    }

    /// The address of the loopback network for an instance: its private one with 127 in front, `10.0.0.68` being served at
    /// `127.0.0.68`, or the next free one where another instance has that.
    pub(super) fn loopback_endpoint(&mut self, order: LaunchSeq, private: Option<Ipv4Addr>) -> Option<SocketAddrV4> {
        let port = self.settings.loopback_port?;
        let wanted = private.map(loopback_of);
        if let (Some(private), Some(wanted)) = (private, wanted)
            && private.octets()[0] == PLAIN_NETWORK
            && self.by_loopback.get(&wanted).is_none()
            && wanted != Ipv4Addr::LOCALHOST
        {
            return Some(SocketAddrV4::new(wanted, port));
        }
        let mut address = wanted.unwrap_or(FIRST_LOOPBACK);
        // The fleet would have to fill the whole network for the search to come back to its beginning.
        while self.at_loopback(address).is_some() || address == Ipv4Addr::LOCALHOST {
            let [_, b, c, d] = Ipv4Addr::from(u32::from(address).wrapping_add(1)).octets();
            address = Ipv4Addr::new(127, b, c, d);
        }
        self.by_loopback.insert_mut(address, order);
        Some(SocketAddrV4::new(address, port))
    }

    /// Frees a loopback address that the fleet keeps for this instance.
    pub(super) fn free_loopback(&mut self, order: LaunchSeq, loopback: Ipv4Addr) {
        if self.by_loopback.get(&loopback) == Some(&order) {
            self.by_loopback.remove_mut(&loopback);
        }
    }

    /// Whose address of the loopback network it is.
    pub(super) fn at_loopback(&self, loopback: Ipv4Addr) -> Option<LaunchSeq> {
        if let Some(order) = self.by_loopback.get(&loopback) {
            return Some(*order);
        }
        let order = *self.by_address.get(&IpAddr::V4(private_of(loopback)))?;
        let endpoint = self.members.get(&order)?.endpoint?;
        (*endpoint.ip() == loopback).then_some(order)
    }
}

/// The private address that is served at one of the loopback network, where no other instance is.
pub(super) fn private_of(loopback: Ipv4Addr) -> Ipv4Addr {
    let [_, b, c, d] = loopback.octets();
    Ipv4Addr::new(PLAIN_NETWORK, b, c, d)
}

fn loopback_of(private: Ipv4Addr) -> Ipv4Addr {
    let [_, b, c, d] = private.octets();
    Ipv4Addr::new(127, b, c, d)
}

const KEPT_FIRST: u32 = 4;
const KEPT_LAST: u32 = 1;
const TEST_NET_3: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 0);
const PUBLIC_FIRST: u32 = 254;
const BENCHMARKING: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const PUBLIC_FURTHER: u32 = (1 << 17) - 2;
/// Instances of 10.0.0.0/8 are found by their private address, so that nothing more is kept of them.
const PLAIN_NETWORK: u8 = 10;
const FIRST_LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
