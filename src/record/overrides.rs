//! The part of an instance that the instances of its launch do not share.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::network::{complete, has_ipv6};
use super::quotas::{check_addresses, check_tags, len};
use super::{Details, Interface, Line, Mac, Name, NetworkInterface, Record, RecordError, extra, is_instance_type};
use crate::json_struct;
use crate::time::Timestamp;
use crate::version::Version;

/// The values of one instance of a launch. Values that are not set are generated from the seed, for
/// each instance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct InstanceOverrides {
    /// For example `i-0123456789abcdef0`.
    pub instance_id: Option<Name>,
    /// For example `r-0123456789abcdef0`. The first instance of a launch sets it for all.
    pub reservation_id: Option<Line>,
    /// The index of the instance in its launch, from 0.
    pub ami_launch_index: Option<u32>,
    /// The time of the launch.
    pub launch_time: Option<Timestamp>,
    /// The values of each interface of the launch. Of further interfaces of the launch, nothing is
    /// set.
    pub interfaces: Vec<InterfaceOverrides>,
    /// The tags, in addition to the launch's. A key can be one that the metadata cannot show.
    pub tags: BTreeMap<String, String>,
}

/// The values of one interface of an instance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct InterfaceOverrides {
    /// For example `02:91:d3:09:63:0c`.
    pub mac: Option<Mac>,
    /// For example `eni-0123456789abcdef0`.
    pub interface_id: Option<Line>,
    /// The private addresses. `[]` means none.
    pub local_ipv4s: Option<Vec<Ipv4Addr>>,
    /// The public addresses, at most as many as private ones.
    pub public_ipv4s: Option<Vec<Ipv4Addr>>,
    /// Delegated IPv4 prefixes.
    pub ipv4_prefixes: Option<Vec<Line>>,
    /// The IPv6 addresses.
    pub ipv6s: Option<Vec<Ipv6Addr>>,
    /// Delegated IPv6 prefixes.
    pub ipv6_prefixes: Option<Vec<Line>>,
}

json_struct! {
    InstanceOverrides { optional { instance_id, reservation_id, ami_launch_index, launch_time, interfaces, tags } }
    InterfaceOverrides { optional { mac, interface_id, local_ipv4s, public_ipv4s, ipv4_prefixes, ipv6s, ipv6_prefixes } }
}

impl Record {
    /// Splits a record into the part that instances of a launch share, and the values of one
    /// instance. The shared part has at least one interface, and the CIDR blocks of each one's
    /// subnet and VPC.
    ///
    /// # Errors
    ///
    /// If a value of the record has not the required form, or two contradict each other.
    #[doc(hidden)]
    pub fn split(mut self) -> Result<(Record, InstanceOverrides), RecordError> {
        if !is_instance_type(&self.instance_type) {
            return Err(RecordError::new(
                "instance_type",
                "an instance type is a family and a size of lower-case letters, digits and hyphens: for example \
                 `t3.micro`",
            ));
        }
        check_newest_version(&self)?;
        if let Some(role) = &self.role {
            role.check()?;
        }
        extra::check(&self.extra)?;
        self.check_quotas()?;
        if self.network_interfaces.is_empty() {
            self.network_interfaces.push(NetworkInterface::default());
        }
        complete(&mut self.network_interfaces)?;
        let mut interfaces: Vec<InterfaceOverrides> = Vec::new();
        for (index, interface) in self.network_interfaces.iter_mut().enumerate() {
            let own = interface.take_own(index)?;
            check_mac(&interfaces, &own, &path_of(index))?;
            own.check_quotas(&format_args!("network_interfaces[{index}]"))?;
            interfaces.push(own);
        }
        let mut tags = BTreeMap::new();
        tags.extend(self.tags.take().into_iter().flatten().map(|(key, value)| (key.into(), value)));
        check_tags(&tags)?;
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
            check_mac(&merged, &interface, &path_of(index))?;
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

    /// Fills each value that is not set with the launch's. The tags and the interfaces stay.
    #[doc(hidden)]
    pub fn over_launch(self, launch: InstanceOverrides) -> InstanceOverrides {
        InstanceOverrides {
            instance_id: self.instance_id.or(launch.instance_id),
            reservation_id: self.reservation_id.or(launch.reservation_id),
            ami_launch_index: self.ami_launch_index.or(launch.ami_launch_index),
            launch_time: self.launch_time.or(launch.launch_time),
            interfaces: self.interfaces,
            tags: self.tags,
        }
    }

    /// Checks the values of interfaces, whose list is at this path, and the tags.
    ///
    /// # Errors
    ///
    /// If two have the same MAC address, or one has too many addresses, or more public than private
    /// ones.
    #[doc(hidden)]
    pub fn check(&self, path: &str) -> Result<(), RecordError> {
        for (index, interface) in self.interfaces.iter().enumerate() {
            let path = format!("{path}[{index}]");
            check_mac(&self.interfaces[..index], interface, &path)?;
            interface.check_quotas(&path)?;
            // Without private addresses, the launch assigns one.
            let private = interface.local_ipv4s.as_ref().map_or(1, Vec::len);
            check_public(interface.public_ipv4s.as_ref().map_or(0, Vec::len), private, &path)?;
        }
        check_tags(&self.tags)
    }

    /// The values of an instance, without its tags.
    #[doc(hidden)]
    pub fn of(details: &Details) -> InstanceOverrides {
        let interface = |interface: &Interface| InterfaceOverrides {
            mac: Some(interface.mac),
            interface_id: Some(interface.interface_id.clone()),
            // Without IPv4 addresses, an absent key means none only if there are IPv6 addresses.
            local_ipv4s: (!interface.local_ipv4s.is_empty() || interface.ipv6s().is_empty())
                .then(|| interface.local_ipv4s.to_vec()),
            public_ipv4s: given(&interface.public_ipv4s),
            ipv4_prefixes: given(interface.ipv4_prefixes()),
            ipv6s: given(interface.ipv6s()),
            ipv6_prefixes: given(interface.ipv6_prefixes()),
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
    fn check_quotas(&self, path: &dyn Display) -> Result<(), RecordError> {
        let ipv4s = len(&self.local_ipv4s) + len(&self.ipv4_prefixes);
        check_addresses(path, ipv4s, len(&self.ipv6s) + len(&self.ipv6_prefixes))
    }

    /// Fills each value that is not set with the present one.
    fn over(self, present: InterfaceOverrides, index: usize) -> Result<InterfaceOverrides, RecordError> {
        let InterfaceOverrides { mac, interface_id, local_ipv4s, public_ipv4s, ipv4_prefixes, ipv6s, ipv6_prefixes } =
            self;
        // In a record, IPv6 addresses without private IPv4 addresses make an interface IPv6-only.
        let is_ipv6_only = local_ipv4s.is_none() && ipv6s.as_ref().is_some_and(|ipv6s| !ipv6s.is_empty());
        let local_ipv4s = local_ipv4s.or(if is_ipv6_only { None } else { present.local_ipv4s });
        let private = local_ipv4s.as_ref().map_or(0, Vec::len);
        let mut public_ipv4s = public_ipv4s.or_else(|| {
            // Each is associated with the private address at its place.
            let mut kept = present.public_ipv4s?;
            kept.truncate(private);
            Some(kept)
        });
        public_ipv4s.take_if(|list| list.is_empty());
        check_public(public_ipv4s.as_ref().map_or(0, Vec::len), private, &path_of(index))?;
        Ok(InterfaceOverrides {
            mac: mac.or(present.mac),
            interface_id: interface_id.or(present.interface_id),
            local_ipv4s,
            public_ipv4s,
            ipv4_prefixes: ipv4_prefixes.or(present.ipv4_prefixes),
            ipv6s: ipv6s.or(present.ipv6s),
            ipv6_prefixes: ipv6_prefixes.or(present.ipv6_prefixes),
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

/// A list that is not empty.
fn given<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn path_of(index: usize) -> String {
    format!("network_interfaces[{index}]")
}

fn check_mac(others: &[InterfaceOverrides], interface: &InterfaceOverrides, path: &str) -> Result<(), RecordError> {
    if interface.mac.is_some() && others.iter().any(|other| other.mac == interface.mac) {
        return Err(RecordError::new(&format!("{path}.mac"), "another interface has this address: give each its own"));
    }
    Ok(())
}

fn check_public(public: usize, private: usize, path: &str) -> Result<(), RecordError> {
    if public > private {
        return Err(RecordError::new(
            &format!("{path}.public_ipv4s"),
            "more public than private addresses: each public address needs a private one",
        ));
    }
    Ok(())
}

impl NetworkInterface {
    fn take_own(&mut self, index: usize) -> Result<InterfaceOverrides, RecordError> {
        let private = match &self.local_ipv4s {
            Some(addresses) => addresses.len(),
            None => usize::from(self.subnet_ipv4_cidr_block.is_some() && !has_ipv6(self)),
        };
        check_public(self.public_ipv4s.as_ref().map_or(0, Vec::len), private, &path_of(index))?;
        Ok(InterfaceOverrides {
            mac: self.mac.take(),
            interface_id: self.interface_id.take(),
            local_ipv4s: self.local_ipv4s.take(),
            public_ipv4s: self.public_ipv4s.take(),
            ipv4_prefixes: self.ipv4_prefixes.take(),
            ipv6s: self.ipv6s.take(),
            ipv6_prefixes: self.ipv6_prefixes.take(),
        })
    }
}
