//! Private and public addresses.

use alloc::format;
use core::net::{IpAddr, Ipv4Addr};

use super::error::FleetError;
use super::fleet::Fleet;
use super::launch_seq::LaunchSeq;
use imds::record::{Details, Line};

/// An IPv4 CIDR block, for example `10.0.0.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    first: u32,
    size: u32,
}

impl Block {
    /// Parses a CIDR block with a prefix of 8 to 30 bits. AWS allows 16 to 28.
    fn parse(text: &str) -> Option<Block> {
        let (address, bits) = text.split_once('/')?;
        let bits: u32 = bits.parse().ok().filter(|bits| (8..=30).contains(bits))?;
        let size = 1 << (32 - bits);
        let address: Ipv4Addr = address.parse().ok()?;
        Some(Block { first: u32::from(address) & !(size - 1), size })
    }

    /// Returns whether an instance can have the address. AWS reserves the first four addresses and
    /// the last address of every subnet.
    fn contains(&self, address: Ipv4Addr) -> bool {
        let offset = u32::from(address).wrapping_sub(self.first);
        (RESERVED_AT_START..self.size - RESERVED_AT_END).contains(&offset)
    }
}

impl Fleet {
    /// The next free private address of a subnet.
    pub(super) fn free_address(&mut self, subnet: &Line) -> Result<Ipv4Addr, FleetError> {
        let full = || FleetError::NoFreeAddress(subnet.clone());
        let block = Block::parse(subnet).ok_or_else(full)?;
        let usable = block
            .size
            .checked_sub(RESERVED_AT_START + RESERVED_AT_END)
            .filter(|usable| *usable > 0)
            .ok_or_else(full)?;
        // The cursor of a snapshot can be any number.
        let start = self.cursors.get(subnet).map_or(0, |cursor| cursor % usable);
        for step in 0..usable {
            let offset = (start + step) % usable;
            let address = Ipv4Addr::from(block.first + RESERVED_AT_START + offset);
            if self.by_address.get(&IpAddr::V4(address)).is_none() {
                self.cursors.insert_mut(subnet.clone(), offset + 1);
                return Ok(address);
            }
        }
        Err(full())
    }

    /// A free /28 block of a subnet, the last one first. The blocks in `used` are not free.
    pub(crate) fn free_ipv4_prefix(&self, subnet: &Line, used: &[Line]) -> Result<Line, FleetError> {
        let full = || FleetError::NoFreeAddress(subnet.clone());
        let block = Block::parse(subnet).ok_or_else(full)?;
        let is_free = |address: IpAddr| self.by_address.get(&address).is_none();
        // The first and the last block contain addresses that AWS reserves.
        for number in (1..(block.size / PREFIX_SIZE).saturating_sub(1)).rev() {
            let first = Ipv4Addr::from(block.first + number * PREFIX_SIZE);
            let prefix = Line::generated(&format!("{first}/{PREFIX_BITS}"));
            if !used.contains(&prefix) && prefix_addresses(&prefix).all(is_free) {
                return Ok(prefix);
            }
        }
        Err(full())
    }

    /// Checks that an instance in the subnet can have the address.
    pub(super) fn check_address(&self, address: Ipv4Addr, subnet: Option<&Line>) -> Result<(), FleetError> {
        if let Some(subnet) = subnet
            && Block::parse(subnet).is_some_and(|block| !block.contains(address))
        {
            return Err(FleetError::AddressOutsideSubnet(address.into(), subnet.clone()));
        }
        Ok(())
    }

    /// Assigns an address to an instance.
    pub(super) fn claim_address(&mut self, seq: LaunchSeq, address: IpAddr) -> Result<(), FleetError> {
        if self.by_address.contains_key(&address) {
            return Err(FleetError::AddressInUse(address));
        }
        self.by_address.insert_mut(address, seq);
        Ok(())
    }

    /// Frees the private addresses of an instance.
    pub(super) fn free_addresses(&mut self, seq: LaunchSeq, details: &Details) {
        for address in private_addresses(details) {
            if self.by_address.get(&address) == Some(&seq) {
                self.by_address.remove_mut(&address);
            }
        }
    }

    /// The next public address, from the networks that RFC 5737 and RFC 2544 reserve for
    /// documentation and benchmarks.
    pub(super) fn public_address(&mut self) -> Ipv4Addr {
        let number = self.public_addresses;
        self.public_addresses = number.wrapping_add(1);
        match number {
            0..TEST_NET_3_HOSTS => Ipv4Addr::from(u32::from(TEST_NET_3) + 1 + number),
            _ => Ipv4Addr::from(u32::from(BENCHMARKING) + 1 + (number - TEST_NET_3_HOSTS) % BENCHMARKING_HOSTS),
        }
    }
}

/// All private addresses of an instance, with those of its IPv4 prefixes.
pub(super) fn private_addresses(details: &Details) -> impl Iterator<Item = IpAddr> {
    details.interfaces.iter().flat_map(|interface| {
        let ipv4s = interface.local_ipv4s.iter().copied().map(IpAddr::V4);
        let ipv4s = ipv4s.chain(interface.ipv4_prefixes().iter().flat_map(prefix_addresses));
        ipv4s.chain(interface.ipv6s().iter().copied().map(IpAddr::V6))
    })
}

/// The addresses of a delegated IPv4 prefix. A block of another size than EC2's has none here.
pub(super) fn prefix_addresses(prefix: &Line) -> impl Iterator<Item = IpAddr> + use<> {
    let first = prefix.strip_suffix("/28").and_then(|first| first.parse::<Ipv4Addr>().ok());
    let first = first.map(u32::from).filter(|first| first % PREFIX_SIZE == 0);
    first.into_iter().flat_map(|first| (first..=first + (PREFIX_SIZE - 1)).map(|address| IpAddr::V4(address.into())))
}

/// AWS: a delegated IPv4 prefix has 28 bits.
const PREFIX_BITS: u32 = 28;
const PREFIX_SIZE: u32 = 1 << (32 - PREFIX_BITS);
const RESERVED_AT_START: u32 = 4;
const RESERVED_AT_END: u32 = 1;
const TEST_NET_3: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 0);
const TEST_NET_3_HOSTS: u32 = 254;
const BENCHMARKING: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const BENCHMARKING_HOSTS: u32 = (1 << 17) - 2;
