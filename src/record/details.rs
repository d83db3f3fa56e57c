use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::identity::{IdentitySignatures, IdentitySigner};
use super::partition::Region;
use super::{Line, Mac, Map, Name, Plan, Record, RecordError, Role, SecurityGroup, System, Toggle};
use crate::http::Profile;
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::version::Version;
use crate::write::contains;

/// The part of an instance that all instances of its launch share: a [`Record`](super::Record), and
/// values for the keys that it does not have. [`InstanceOverrides`](super::InstanceOverrides) are
/// the other part.
///
/// `Debug` shows only the instance type, because user data can be confidential.
#[derive(Clone)]
#[non_exhaustive]
pub struct Template {
    /// The record. Keys without a default are only here.
    pub record: Record,
    /// The seed from which the values are generated.
    pub seed: Seed,
    /// The profile of the service.
    pub profile: &'static Profile,
    /// The newest version of the metadata tree.
    pub newest_version: Version,
    /// The value of `system`.
    pub system: System,
    /// The network of each interface. Never empty.
    pub networks: Vec<Network>,
    /// The image.
    pub ami_id: Line,
    /// The path of the image's manifest.
    pub ami_manifest_path: Line,
    /// The architecture, for example `x86_64`.
    pub architecture: Line,
    /// The account.
    pub account_id: Line,
    /// The availability zone, for example `us-east-1a`.
    pub availability_zone: Line,
    /// The id of the availability zone, for example `use1-az1`.
    pub availability_zone_id: Option<Line>,
    /// The Region, for example `us-east-1`.
    pub region: Line,
    /// The partition, for example `aws`.
    pub partition: Line,
    /// The domain of the partition's services, for example `amazonaws.com`.
    pub domain: Line,
    /// `on-demand`, `spot` or `scheduled`.
    pub instance_life_cycle: Line,
    /// `none`, `shutdown` or `bundle-pending`.
    pub instance_action: Line,
    /// Device names.
    pub block_device_mapping: Map<Name, Line>,
    /// Whether detailed monitoring is on.
    pub monitoring: Toggle,
    /// The user data, decoded. Never empty.
    pub user_data: Option<Vec<u8>>,
    /// The id of the instance profile. An instance without a role has one too, but does not show
    /// it.
    pub instance_profile_id: Line,
    /// Whether the VPC gives public host names.
    pub dns_hostnames: bool,
    /// Whether the times of credentials vary.
    pub credential_jitter: Toggle,
    /// The signatures of the identity documents that no signer signs.
    pub identity: Arc<IdentitySignatures>,
    /// The signer of the identity documents.
    #[doc(hidden)]
    pub identity_signer: Option<Arc<dyn IdentitySigner>>,
}

/// The network of an interface.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Network {
    /// The device number on the instance.
    pub device_number: u32,
    /// The network card, on instances with several of them.
    pub network_card: Option<u32>,
    /// The security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// The subnet.
    pub subnet_id: Line,
    /// The VPC.
    pub vpc_id: Line,
}

/// A complete instance.
///
/// `Debug` shows only the id.
#[derive(Clone)]
#[non_exhaustive]
pub struct Details {
    /// The part that all instances of the launch share.
    pub template: Arc<Template>,
    /// The instance id.
    pub instance_id: Name,
    /// The time of the launch or of the last start.
    pub launch_time: Timestamp,
    /// The interfaces, the primary one first. Never empty.
    pub interfaces: Box<[Interface]>,
    /// The instance's tags. A key can be one that the metadata cannot show.
    pub tags: Arc<BTreeMap<String, String>>,
    /// The reservation of its launch.
    pub reservation_id: Line,
    /// The index of the instance in its launch, from 0.
    pub ami_launch_index: u32,
    /// The signatures of the identity document.
    pub identity: Arc<IdentitySignatures>,
    /// The events that were planned for the instance, if there are any.
    #[doc(hidden)]
    pub plan: Option<Arc<Plan>>,
}

/// The part of a network interface that instances of a launch do not share.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Interface {
    /// The MAC address.
    pub mac: Mac,
    /// The private addresses.
    pub local_ipv4s: Box<[Ipv4Addr]>,
    /// The public addresses, at most as many as private ones. Each is associated with the private
    /// address of the same index.
    pub public_ipv4s: Box<[Ipv4Addr]>,
    /// The id, for example `eni-0123456789abcdef0`.
    pub interface_id: Line,
    /// Boxed, because most interfaces have none.
    pub(super) further: Option<Box<Further>>,
}

/// Addresses that most interfaces do not have.
#[derive(Debug, Clone, Default)]
pub(super) struct Further {
    pub ipv4_prefixes: Vec<Line>,
    pub ipv6s: Vec<Ipv6Addr>,
    pub ipv6_prefixes: Vec<Line>,
}

impl Interface {
    /// The delegated IPv4 prefixes.
    pub fn ipv4_prefixes(&self) -> &[Line] {
        self.further.as_ref().map_or(&[], |further| &further.ipv4_prefixes)
    }

    /// The IPv6 addresses.
    pub fn ipv6s(&self) -> &[Ipv6Addr] {
        self.further.as_ref().map_or(&[], |further| &further.ipv6s)
    }

    /// The delegated IPv6 prefixes.
    pub fn ipv6_prefixes(&self) -> &[Line] {
        self.further.as_ref().map_or(&[], |further| &further.ipv6_prefixes)
    }
}

impl Details {
    /// The profile of the service.
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
    /// Returns `true` if the instance serves this version of the metadata tree.
    pub fn serves(&self, version: Version) -> bool {
        version <= self.newest_version && !self.profile.absent_versions.contains(&version.name())
    }

    /// The Region, with what depends on it.
    pub fn region(&self) -> Region<'_> {
        Region { name: &self.region, partition: &self.partition, domain: &self.domain }
    }

    /// The parts of the ARN of a role's instance profile.
    pub fn instance_profile_arn<'a>(&'a self, role: &'a Role) -> [&'a str; 6] {
        match role.instance_profile.as_deref() {
            Some(arn) if arn.starts_with("arn:") => ["", "", "", "", "", arn],
            profile => {
                let profile = profile.unwrap_or(&role.name);
                ["arn:", &self.partition, ":iam::", &self.account_id, INSTANCE_PROFILE, profile]
            }
        }
    }
}

impl Role {
    /// Checks that an ARN is one of an instance profile.
    pub(super) fn check(&self) -> Result<(), RecordError> {
        match &self.instance_profile {
            Some(profile) if profile.starts_with("arn:") && !contains(profile, INSTANCE_PROFILE) => {
                Err(RecordError::new(
                    "role.instance_profile",
                    "not the ARN of an instance profile: for example \
                 `arn:aws:iam::123456789012:instance-profile/team/web`",
                ))
            }
            _ => Ok(()),
        }
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

/// The part of an ARN before the path and the name of an instance profile.
const INSTANCE_PROFILE: &str = ":instance-profile/";
