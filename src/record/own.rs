//! What is an instance's own, as against what it shares with the others of its launch.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::fill::made_up_network;
use super::json::objects;
use super::{Details, Interface, Line, Mac, Name, NetworkInterface, Record, RecordError};
use crate::time::Timestamp;

/// What is an instance's own. What is not set is made up from the seed, for each instance anew.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// As `i-0123456789abcdef0`.
    pub instance_id: Option<Name>,
    /// As `r-0123456789abcdef0`.
    pub reservation_id: Option<Line>,
    /// The place in one launch of several, from 0.
    pub ami_launch_index: u32,
    /// When it was launched.
    pub launch_time: Option<Timestamp>,
    /// One for each interface of the template; fewer stand for ones of which nothing is set.
    pub interfaces: Vec<OwnInterface>,
    /// The tags. Keys that the metadata cannot show may be among them.
    pub tags: BTreeMap<String, String>,
}

/// What is an instance's own of one interface.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct OwnInterface {
    /// As `02:91:d3:09:63:0c`.
    pub mac: Option<Mac>,
    /// As `eni-0123456789abcdef0`.
    pub interface_id: Option<Line>,
    /// The private addresses.
    pub local_ipv4s: Vec<Ipv4Addr>,
    /// The public addresses, no more than private ones.
    pub public_ipv4s: Vec<Ipv4Addr>,
    /// The IPv6 addresses.
    pub ipv6s: Vec<Ipv6Addr>,
    /// Delegated IPv6 prefixes.
    pub ipv6_prefixes: Vec<Line>,
}

objects! {
    Own { optional { instance_id, reservation_id, ami_launch_index, launch_time, interfaces, tags } }
    OwnInterface { optional { mac, interface_id, local_ipv4s, public_ipv4s, ipv6s, ipv6_prefixes } }
}

impl Record {
    /// Takes apart what instances of a launch share and what is one instance's own. The shared part has at least one interface,
    /// and the networks of its interfaces say which addresses belong there.
    pub(crate) fn split(mut self) -> Result<(Record, Own), RecordError> {
        if self.network_interfaces.is_empty() {
            self.network_interfaces.push(NetworkInterface::default());
        }
        let mut interfaces: Vec<OwnInterface> = Vec::new();
        for (index, interface) in self.network_interfaces.iter_mut().enumerate() {
            let own = interface.take_own(index)?;
            if own.mac.is_some() && interfaces.iter().any(|other| other.mac == own.mac) {
                return Err(RecordError::new(&format!("network_interfaces[{index}].mac"), "another interface has it"));
            }
            interfaces.push(own);
        }
        let mut tags = BTreeMap::new();
        tags.extend(core::mem::take(&mut self.tags).into_iter().map(|(key, value)| (key.into(), value)));
        let own = Own {
            instance_id: self.instance_id.take(),
            reservation_id: self.reservation_id.take(),
            ami_launch_index: core::mem::take(&mut self.ami_launch_index),
            launch_time: self.launch_time.take(),
            interfaces,
            tags,
        };
        Ok((self, own))
    }
}

impl Own {
    /// This, and for what it does not say what an instance has already.
    pub(crate) fn over(self, details: &Details) -> Own {
        let before = Own::of(details);
        let mut had = before.interfaces.into_iter();
        let merge = |own: OwnInterface| {
            let had = had.next().unwrap_or_default();
            let is_addressed = !own.local_ipv4s.is_empty() || !own.ipv6s.is_empty();
            let (local_ipv4s, ipv6s) =
                if is_addressed { (own.local_ipv4s, own.ipv6s) } else { (had.local_ipv4s, had.ipv6s) };
            OwnInterface {
                mac: own.mac.or(had.mac),
                interface_id: own.interface_id.or(had.interface_id),
                local_ipv4s,
                ipv6s,
                ..own
            }
        };
        Own {
            // Whoever is replaced stays who it is.
            instance_id: before.instance_id,
            reservation_id: self.reservation_id.or(before.reservation_id),
            ami_launch_index: self.ami_launch_index,
            launch_time: self.launch_time.or(before.launch_time),
            interfaces: self.interfaces.into_iter().map(merge).collect(),
            tags: BTreeMap::new(),
        }
    }

    /// All that is an instance's own, but for its tags.
    pub(crate) fn of(details: &Details) -> Own {
        let interface = |interface: &Interface| OwnInterface {
            mac: Some(interface.mac),
            interface_id: Some(interface.interface_id.clone()),
            local_ipv4s: interface.local_ipv4s.to_vec(),
            public_ipv4s: interface.public_ipv4s.to_vec(),
            ipv6s: interface.ipv6s().to_vec(),
            ipv6_prefixes: interface.ipv6_prefixes().to_vec(),
        };
        Own {
            instance_id: Some(details.instance_id.clone()),
            reservation_id: Some(details.reservation_id.clone()),
            ami_launch_index: details.ami_launch_index,
            launch_time: Some(details.launch_time),
            interfaces: details.interfaces.iter().map(interface).collect(),
            tags: BTreeMap::new(),
        }
    }
}

impl NetworkInterface {
    fn take_own(&mut self, index: usize) -> Result<OwnInterface, RecordError> {
        use core::mem::take;

        let network = match self.local_ipv4s.first().map(|address| address.octets()) {
            Some([a, b, c, _]) => Some([a, b, c]),
            None => self.ipv6s.is_empty().then(|| made_up_network(index)),
        };
        if self.public_ipv4s.len() > self.local_ipv4s.len().max(network.iter().len()) {
            let path = format!("network_interfaces[{index}].public_ipv4s");
            return Err(RecordError::new(&path, "more public addresses than private ones to associate them with"));
        }
        if let Some([a, b, c]) = network {
            self.subnet_ipv4_cidr_block.get_or_insert_with(|| Line::made_up(&format!("{a}.{b}.{c}.0/24")));
            if self.vpc_ipv4_cidr_blocks.is_empty() {
                self.vpc_ipv4_cidr_blocks.push(Line::made_up(&format!("{a}.{b}.0.0/16")));
            }
        }
        Ok(OwnInterface {
            mac: self.mac.take(),
            interface_id: self.interface_id.take(),
            local_ipv4s: take(&mut self.local_ipv4s),
            public_ipv4s: take(&mut self.public_ipv4s),
            ipv6s: take(&mut self.ipv6s),
            ipv6_prefixes: take(&mut self.ipv6_prefixes),
        })
    }
}
