use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::region::Region;
use super::{
    HostnameType, Line, Mac, MaintenanceEvent, ManagedSshKeys, Map, Name, PublicKey, RebalanceRecommendation, Record,
    Role, SecurityGroup, SpotInterruption, Toggle,
};
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::version::Version;
use crate::wire::Profile;

/// What the instances of one launch have in common: a [`Record`](super::Record) filled up from a seed, but for what is each
/// instance's [own](super::Own).
///
/// Instances share it, so that a further instance of a launch costs little. `Debug` shows the type alone: user data may be
/// confidential.
#[derive(Clone)]
pub struct Template {
    /// What it was made from.
    pub(crate) record: Record,
    pub(crate) seed: Seed,
    pub(crate) profile: &'static Profile,
    pub(crate) newest_version: Version,
    pub(crate) instance_type: Line,
    /// One for each interface, and never empty.
    pub(crate) networks: Vec<Network>,
    pub(crate) ami_id: Line,
    pub(crate) ami_manifest_path: Line,
    pub(crate) ancestor_ami_ids: Vec<Line>,
    pub(crate) architecture: Line,
    pub(crate) account_id: Line,
    pub(crate) availability_zone: Line,
    pub(crate) availability_zone_id: Line,
    pub(crate) instance_life_cycle: Line,
    pub(crate) instance_action: Line,
    pub(crate) kernel_id: Option<Line>,
    pub(crate) ramdisk_id: Option<Line>,
    pub(crate) product_codes: Vec<Line>,
    pub(crate) billing_products: Vec<Line>,
    pub(crate) placement_group: Option<Line>,
    pub(crate) host_id: Option<Line>,
    pub(crate) partition_number: Option<u32>,
    pub(crate) block_device_mapping: Map<Name, Line>,
    pub(crate) monitoring: Toggle,
    pub(crate) public_keys: Vec<PublicKey>,
    pub(crate) user_data: Option<Vec<u8>>,
    pub(crate) role: Option<Role>,
    pub(crate) instance_profile_id: Line,
    pub(crate) hostname_type: HostnameType,
    pub(crate) dns_hostnames: bool,
    pub(crate) target_lifecycle_state: Option<Line>,
    pub(crate) hibernation_configured: Option<bool>,
    pub(crate) spot_interruption: Option<SpotInterruption>,
    pub(crate) rebalance_recommendation: Option<RebalanceRecommendation>,
    pub(crate) maintenance_events: Vec<MaintenanceEvent>,
    pub(crate) elastic_gpus: Map<Name, Line>,
    pub(crate) elastic_inference: Map<Name, Line>,
    pub(crate) managed_ssh_keys: Option<ManagedSshKeys>,
    pub(crate) pkcs7: String,
    pub(crate) rsa2048: String,
    pub(crate) signature: String,
}

/// Where an interface of a template is attached.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub device_number: u32,
    pub network_card: Option<u32>,
    pub security_groups: Vec<SecurityGroup>,
    pub subnet_id: Line,
    pub subnet_ipv4_cidr_block: Option<Line>,
    pub subnet_ipv6_cidr_blocks: Vec<Line>,
    pub vpc_id: Line,
    pub vpc_ipv4_cidr_blocks: Vec<Line>,
    pub vpc_ipv6_cidr_blocks: Vec<Line>,
}

/// One instance with everything that a real one has: its own, and what it shares with the others of its launch.
///
/// `Debug` shows the id alone.
#[derive(Clone)]
pub struct Details {
    pub(crate) template: Arc<Template>,
    /// The instance id.
    pub instance_id: Name,
    /// When it was launched, or started last.
    pub launch_time: Timestamp,
    /// The interfaces, the first of them primary; never empty.
    pub interfaces: Box<[Interface]>,
    /// The instance's tags. Keys of any kind may be among them where the metadata does not show them.
    pub tags: Arc<BTreeMap<String, String>>,
    pub(crate) reservation_id: Line,
    pub(crate) ami_launch_index: u32,
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
    pub(crate) interface_id: Line,
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

    pub(crate) fn ipv6_prefixes(&self) -> &[Line] {
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
        &self.template.instance_type
    }

    /// The primary interface.
    pub fn primary(&self) -> &Interface {
        &self.interfaces[0]
    }
}

impl Template {
    pub(crate) fn region(&self) -> Region<'_> {
        Region::of_zone(&self.availability_zone)
    }

    /// The parts of the ARN of a role's instance profile.
    pub(crate) fn instance_profile_arn<'a>(&'a self, role: &'a Role) -> [&'a str; 6] {
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
        f.debug_struct("Template").field("instance_type", &self.instance_type).finish_non_exhaustive()
    }
}
