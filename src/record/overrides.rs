//! The part of an instance that the instances of its launch do not share.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::{Details, Interface, Line, Mac, Name, NetworkInterface, Record, RecordError};
use crate::json_struct;
use crate::time::Timestamp;
use crate::version::Version;

/// The values of one instance of a launch. Values that are not set are generated from the seed, for
/// each instance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct InstanceOverrides {
    /// For example `i-0123456789abcdef0`.
    pub instance_id: Option<Name>,
    /// For example `r-0123456789abcdef0`.
    pub reservation_id: Option<Line>,
    /// The index of the instance in its launch, from 0.
    pub ami_launch_index: Option<u32>,
    /// The time of the launch.
    pub launch_time: Option<Timestamp>,
    /// The values of each interface of the template. Of further interfaces, nothing is set.
    pub interfaces: Vec<InterfaceOverrides>,
    /// The tags. A key can be one that the metadata cannot show.
    pub tags: BTreeMap<String, String>,
}

/// The values of one interface of an instance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct InterfaceOverrides {
    /// For example `02:91:d3:09:63:0c`.
    pub mac: Option<Mac>,
    /// For example `eni-0123456789abcdef0`.
    pub interface_id: Option<Line>,
    /// The private addresses.
    pub local_ipv4s: Vec<Ipv4Addr>,
    /// The public addresses, at most as many as private ones.
    pub public_ipv4s: Vec<Ipv4Addr>,
    /// The IPv6 addresses.
    pub ipv6s: Vec<Ipv6Addr>,
    /// Delegated IPv6 prefixes.
    pub ipv6_prefixes: Vec<Line>,
}

json_struct! {
    InstanceOverrides { optional { instance_id, reservation_id, ami_launch_index, launch_time, interfaces, tags } }
    InterfaceOverrides { optional { mac, interface_id, local_ipv4s, public_ipv4s, ipv6s, ipv6_prefixes } }
}

impl Record {
    /// Splits a record into the part that instances of a launch share, and the values of one
    /// instance. The shared part has at least one interface, and each interface with IPv4 has the
    /// CIDR block of its addresses.
    ///
    /// # Errors
    ///
    /// If the profile does not serve the newest version, if two interfaces have the same MAC
    /// address, or if one has more public than private addresses.
    #[doc(hidden)]
    pub fn split(mut self) -> Result<(Record, InstanceOverrides), RecordError> {
        check_newest_version(&self)?;
        if self.network_interfaces.is_empty() {
            self.network_interfaces.push(NetworkInterface::default());
        }
        let mut interfaces: Vec<InterfaceOverrides> = Vec::new();
        for (index, interface) in self.network_interfaces.iter_mut().enumerate() {
            let own = interface.take_own(index)?;
            check_mac(&interfaces, &own, index)?;
            interfaces.push(own);
        }
        let mut tags = BTreeMap::new();
        tags.extend(core::mem::take(&mut self.tags).into_iter().map(|(key, value)| (key.into(), value)));
        let own = InstanceOverrides {
            instance_id: self.instance_id.take(),
            reservation_id: self.reservation_id.take(),
            ami_launch_index: self.ami_launch_index.take(),
            launch_time: self.launch_time.take(),
            interfaces,
            tags,
        };
        Ok((self, own))
    }
}

impl InstanceOverrides {
    /// Fills each value that is not set with the instance's present one. The id stays the
    /// instance's; the caller sets the tags.
    ///
    /// # Errors
    ///
    /// If a given value and a kept one of an interface do not fit together.
    #[doc(hidden)]
    pub fn over(self, details: &Details) -> Result<InstanceOverrides, RecordError> {
        // Without `..`, so that a new field does not compile until it is merged.
        let InstanceOverrides { instance_id: _, reservation_id, ami_launch_index, launch_time, interfaces, tags: _ } =
            self;
        let present = InstanceOverrides::of(details);
        let mut present_interfaces = present.interfaces.into_iter();
        let mut merged: Vec<InterfaceOverrides> = Vec::new();
        for (index, interface) in interfaces.into_iter().enumerate() {
            let interface = interface.over(present_interfaces.next().unwrap_or_default(), index)?;
            check_mac(&merged, &interface, index)?;
            merged.push(interface);
        }
        Ok(InstanceOverrides {
            instance_id: present.instance_id,
            reservation_id: reservation_id.or(present.reservation_id),
            ami_launch_index: ami_launch_index.or(present.ami_launch_index),
            launch_time: launch_time.or(present.launch_time),
            interfaces: merged,
            tags: BTreeMap::new(),
        })
    }

    /// The values of an instance, without its tags.
    #[doc(hidden)]
    pub fn of(details: &Details) -> InstanceOverrides {
        let interface = |interface: &Interface| InterfaceOverrides {
            mac: Some(interface.mac),
            interface_id: Some(interface.interface_id.clone()),
            local_ipv4s: interface.local_ipv4s.to_vec(),
            public_ipv4s: interface.public_ipv4s.to_vec(),
            ipv6s: interface.ipv6s().to_vec(),
            ipv6_prefixes: interface.ipv6_prefixes().to_vec(),
        };
        InstanceOverrides {
            instance_id: Some(details.instance_id.clone()),
            reservation_id: Some(details.reservation_id.clone()),
            // A snapshot leaves 0 out.
            ami_launch_index: Some(details.ami_launch_index).filter(|index| *index != 0),
            launch_time: Some(details.launch_time),
            interfaces: details.interfaces.iter().map(interface).collect(),
            tags: BTreeMap::new(),
        }
    }
}

impl InterfaceOverrides {
    /// Fills each value that is not set with the present one.
    fn over(self, present: InterfaceOverrides, index: usize) -> Result<InterfaceOverrides, RecordError> {
        let InterfaceOverrides { mac, interface_id, mut local_ipv4s, mut public_ipv4s, mut ipv6s, mut ipv6_prefixes } =
            self;
        // In a record, IPv6 addresses without private IPv4 addresses make an interface IPv6-only.
        if local_ipv4s.is_empty() && ipv6s.is_empty() {
            local_ipv4s = present.local_ipv4s;
        }
        if public_ipv4s.is_empty() {
            public_ipv4s = present.public_ipv4s;
            // Each is associated with the private address at its place.
            public_ipv4s.truncate(local_ipv4s.len());
        }
        check_public(public_ipv4s.len(), local_ipv4s.len(), index)?;
        if ipv6s.is_empty() {
            ipv6s = present.ipv6s;
        }
        if ipv6_prefixes.is_empty() {
            ipv6_prefixes = present.ipv6_prefixes;
        }
        Ok(InterfaceOverrides {
            mac: mac.or(present.mac),
            interface_id: interface_id.or(present.interface_id),
            local_ipv4s,
            public_ipv4s,
            ipv6s,
            ipv6_prefixes,
        })
    }
}

fn check_newest_version(record: &Record) -> Result<(), RecordError> {
    let profile = record.profile();
    let is_absent = |version: &Version| profile.absent_versions.contains(&version.name());
    let Some(newest) = record.newest_version.filter(is_absent) else { return Ok(()) };
    let older = Version::all().rfind(|version| *version < newest && !is_absent(version));
    let newer = Version::all().find(|version| *version > newest && !is_absent(version));
    let neighbours: Vec<String> = older.into_iter().chain(newer).map(|version| format!("`{version}`")).collect();
    Err(RecordError::new(
        "newest_version",
        format!("`{newest}` is not served on {}: use {}", profile.name, neighbours.join(" or ")),
    ))
}

fn check_mac(others: &[InterfaceOverrides], interface: &InterfaceOverrides, index: usize) -> Result<(), RecordError> {
    if interface.mac.is_some() && others.iter().any(|other| other.mac == interface.mac) {
        return Err(RecordError::new(
            &format!("network_interfaces[{index}].mac"),
            "another interface has this address: give each its own",
        ));
    }
    Ok(())
}

fn check_public(public: usize, private: usize, index: usize) -> Result<(), RecordError> {
    if public > private {
        let path = format!("network_interfaces[{index}].public_ipv4s");
        return Err(RecordError::new(
            &path,
            "more public than private addresses: each public address needs a private one",
        ));
    }
    Ok(())
}

impl NetworkInterface {
    fn take_own(&mut self, index: usize) -> Result<InterfaceOverrides, RecordError> {
        use core::mem::take;

        let network = match self.local_ipv4s.first().map(|address| address.octets()) {
            Some([a, b, c, _]) => Some([a, b, c]),
            None => self.ipv6s.is_empty().then(|| generated_network(index)),
        };
        check_public(self.public_ipv4s.len(), self.local_ipv4s.len().max(network.iter().len()), index)?;
        if let Some([a, b, c]) = network {
            self.subnet_ipv4_cidr_block.get_or_insert_with(|| Line::generated(&format!("{a}.{b}.{c}.0/24")));
            if self.vpc_ipv4_cidr_blocks.is_empty() {
                self.vpc_ipv4_cidr_blocks.push(Line::generated(&format!("{a}.{b}.0.0/16")));
            }
        }
        Ok(InterfaceOverrides {
            mac: self.mac.take(),
            interface_id: self.interface_id.take(),
            local_ipv4s: take(&mut self.local_ipv4s),
            public_ipv4s: take(&mut self.public_ipv4s),
            ipv6s: take(&mut self.ipv6s),
            ipv6_prefixes: take(&mut self.ipv6_prefixes),
        })
    }
}

/// The first three octets of the address that is generated for the interface of this index.
pub(super) const fn generated_network(index: usize) -> [u8; 3] {
    [10, 0, index as u8]
}
