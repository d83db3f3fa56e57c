use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::partition::Region;
use super::{Line, Mac, Map, Name, Record, Role, SecurityGroup, Toggle};
use crate::http::Profile;
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::version::Version;

/// What the instances of one launch have in common: a [`Record`](super::Record) filled up from a seed, but for what is each
/// instance's [own](super::InstanceOverrides).
///
/// Instances share it, so that a further instance of a launch costs little. `Debug` shows the type alone: user data may be
/// confidential.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is documented at the field of `Record` of the same name")]
pub struct Template {
    /// What it was made from.
    pub record: Record,
    pub seed: Seed,
    pub profile: &'static Profile,
    pub newest_version: Version,
    /// One for each interface, and never empty.
    pub networks: Vec<Network>,
    pub ami_id: Line,
    pub ami_manifest_path: Line,
    pub architecture: Line,
    pub account_id: Line,
    pub availability_zone: Line,
    pub availability_zone_id: Line,
    pub instance_life_cycle: Line,
    pub instance_action: Line,
    pub block_device_mapping: Map<Name, Line>,
    pub monitoring: Toggle,
    pub user_data: Option<Vec<u8>>,
    pub instance_profile_id: Line,
    pub dns_hostnames: bool,
    pub pkcs7: String,
    pub rsa2048: String,
    pub signature: String,
}

/// Where an interface of a template is attached.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is documented at the field of `NetworkInterface` of the same name")]
pub struct Network {
    pub device_number: u32,
    pub network_card: Option<u32>,
    pub security_groups: Vec<SecurityGroup>,
    pub subnet_id: Line,
    pub vpc_id: Line,
}

/// One instance with everything that a real one has: its own, and what it shares with the others of its launch.
///
/// `Debug` shows the id alone.
#[derive(Clone)]
pub struct Details {
    /// What it shares with the other instances of its launch.
    pub template: Arc<Template>,
    /// The instance id.
    pub instance_id: Name,
    /// When it was launched, or started last.
    pub launch_time: Timestamp,
    /// The interfaces, the first of them primary; never empty.
    pub interfaces: Box<[Interface]>,
    /// The instance's tags. Keys of any kind may be among them where the metadata does not show them.
    pub tags: Arc<BTreeMap<String, String>>,
    /// The reservation of its launch.
    pub reservation_id: Line,
    /// Its index in its launch, from 0.
    pub ami_launch_index: u32,
}

/// What is an instance's own of one network interface.
#[derive(Debug, Clone)]
pub struct Interface {
    /// The hardware address.
    pub mac: Mac,
    /// The private addresses.
    pub local_ipv4s: Box<[Ipv4Addr]>,
    /// The public addresses, no more than private ones, each associated with the private one at its place.
    pub public_ipv4s: Box<[Ipv4Addr]>,
    /// The id, for example `eni-0123456789abcdef0`.
    pub interface_id: Line,
    /// Most have none.
    pub(super) ipv6: Option<Box<Ipv6>>,
}

#[derive(Debug, Clone)]
pub(super) struct Ipv6 {
    pub addresses: Vec<Ipv6Addr>,
    pub prefixes: Vec<Line>,
}

impl Interface {
    /// The IPv6 addresses.
    pub fn ipv6s(&self) -> &[Ipv6Addr] {
        self.ipv6.as_ref().map_or(&[], |ipv6| &ipv6.addresses)
    }

    /// The delegated IPv6 prefixes.
    pub fn ipv6_prefixes(&self) -> &[Line] {
        self.ipv6.as_ref().map_or(&[], |ipv6| &ipv6.prefixes)
    }
}

impl Details {
    /// How the service looks to this instance.
    pub fn profile(&self) -> &'static Profile {
        self.template.profile
    }

    /// The instance type.
    pub fn instance_type(&self) -> &str {
        &self.template.record.instance_type
    }

    /// The primary interface.
    pub fn primary(&self) -> &Interface {
        &self.interfaces[0]
    }
}

impl Template {
    /// The region of its availability zone.
    pub fn region(&self) -> Region<'_> {
        Region::of_zone(&self.availability_zone)
    }

    /// The parts of the ARN of a role's instance profile.
    pub fn instance_profile_arn<'a>(&'a self, role: &'a Role) -> [&'a str; 6] {
        let profile = role.instance_profile.as_deref().unwrap_or(&role.name);
        ["arn:", self.region().partition(), ":iam::", &self.account_id, ":instance-profile/", profile]
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details").field("instance_id", &self.instance_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("instance_type", &self.record.instance_type).finish_non_exhaustive()
    }
}
