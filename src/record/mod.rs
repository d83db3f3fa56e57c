//! The description of an instance.
//!
//! A [`Record`] is JSON in which only the instance type is required. [`Details`] is a complete
//! instance: the record, with generated values for the keys that it does not have.

mod defaults;
mod details;
mod error;
mod event;
mod extra;
mod identity;
mod instance_type;
#[doc(hidden)]
pub mod json;
mod map;
mod network;
mod options;
mod overrides;
#[doc(hidden)]
pub mod partition;
mod quotas;
mod setting;
mod validated;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{json_enum, json_struct};
#[doc(hidden)]
pub use defaults::{BASE32, bare_device, resource_id, subnet_blocks, vpc_blocks};
pub use details::{Details, Interface, Network, Template};
pub use error::RecordError;
pub use event::{
    Delay, DelayError, EventCode, EventError, EventStep, InstanceEvent, InstanceEventKind, Plan, PlannedEvent,
    RebalanceEvent, ScheduledEvent, SpotInterruptionEvent, Trigger,
};
#[doc(hidden)]
pub use extra::extra_error;
pub use extra::{ExtraPath, ExtraValue};
pub use identity::{IdentityKeys, IdentitySignatures, IdentitySigner};
#[doc(hidden)]
pub use instance_type::{instance_store_devices, is_instance_type};
pub use json::{Json, read_json};
pub use map::Map;
pub use options::{
    HttpTokens, METADATA_OPTIONS, MetadataOption, MetadataOptions, MetadataOptionsChange, OptionError, OptionValue,
    OptionValues, Toggle,
};
pub use overrides::{InstanceOverrides, InterfaceOverrides};
#[doc(hidden)]
pub use quotas::is_reserved_tag_key;
pub use setting::Setting;
pub use validated::{Line, Mac, MetadataTagKeyError, Name, TagKey, TextError};

use crate::http::Profile;
use crate::time::Timestamp;
use crate::version::Version;

/// The record that is served by default, as JSON.
pub const DEFAULT_RECORD: &str = include_str!("default.json");

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// If `json` is not valid JSON, has an unknown key, or has a value that is not allowed. The
    /// error has the path of the key.
    pub fn from_json(json: &str) -> Result<Record, RecordError> {
        read_json(json)
    }

    /// The profile of the service: the one of the instance type, unless the record has one.
    #[doc(hidden)]
    pub fn profile(&self) -> &'static Profile {
        self.profile.unwrap_or_else(|| instance_type::profile(&self.instance_type))
    }

    /// The record as JSON, without the keys that are not set.
    pub fn to_json(&self) -> String {
        json::write_pretty(self)
    }
}

macro_rules! records {
    ($(
        $(#[$doc:meta])*
        pub struct $name:ident {
            $(needed { $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty,)* })?
            $(optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)* })?
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$needed_doc])* pub $needed: $needed_type,)*)?
            $($(
                $(#[$optional_doc])*
                pub $optional: $optional_type,
            )*)?
        }

        json_struct! {
            $name {
                $(needed { $($needed),* })?
                $(optional { $($optional),* })?
            }
        }

        impl $name {
            /// Creates it with the required keys only.
            pub fn new($($($needed: $needed_type),*)?) -> $name {
                $name { $($($needed,)*)? $($($optional: Default::default(),)*)? }
            }
        }
    )*};
}

records! {
    /// The description of one instance. Only the type is required. Values that every instance has
    /// are generated from the seed if the record does not have them. An instance has a role, a key,
    /// tags, user data and the like only if the record has.
    pub struct Record {
        needed {
            /// The instance type, a family and a size: for example `t3.micro`. It selects the
            /// profile, the architecture and the instance store volumes. Types that are not known
            /// here are allowed, because EC2 often gets new ones.
            instance_type: Line,
        }
        optional {
            /// `nitro` or `xen`. The default is the profile of the instance type.
            profile: Option<&'static Profile>,
            /// The newest version of the tree that the instance has. A Nitro instance keeps the one
            /// of its launch.
            newest_version: Option<Version>,
            /// The value of `system`: `nitro`, `xen`, or `xen-on-nitro` for a Xen-based type that
            /// runs on Nitro hardware. The default is the profile.
            system: Option<System>,
            /// For example `i-0123456789abcdef0`.
            instance_id: Option<Name>,
            /// For example `ami-0123456789abcdef0`.
            ami_id: Option<Line>,
            /// The index of the instance in its launch, from 0.
            ami_launch_index: Option<u32>,
            /// The path of the image's manifest. The default is `(unknown)`, which images on EBS
            /// have.
            ami_manifest_path: Option<Line>,
            /// The images from which the image was made.
            ancestor_ami_ids: Vec<Line>,
            /// `x86_64` or `arm64`. The default is the architecture of the instance type.
            architecture: Option<Line>,
            /// The account: twelve digits.
            account_id: Option<Line>,
            /// For example `us-east-1a` (the default). The Region, the partition and all domains
            /// derive from it.
            availability_zone: Option<Line>,
            /// For example `use1-az4`. The default derives from `availability_zone`; `false` means
            /// none, as on some older instances.
            availability_zone_id: Setting<Line>,
            /// The Region, for example `us-east-1`. The default derives from `availability_zone`.
            region: Option<Line>,
            /// The partition, for example `aws-us-gov`. The default is the one of the Region, and
            /// `aws` for a Region that is not known here.
            partition: Option<Line>,
            /// The domain of the partition's services, for example `amazonaws.com`, which public
            /// host names end in. The default is the one of the Region.
            domain: Option<Line>,
            /// The ARN of the Outpost that the instance runs on.
            outpost_arn: Option<Line>,
            /// The time of the launch, which is the `Last-Modified` of most metadata. The default
            /// is the time of the start.
            launch_time: Option<Timestamp>,
            /// For example `r-0123456789abcdef0`.
            reservation_id: Option<Line>,
            /// `on-demand`, `spot` or `scheduled`. The default is `spot` with a
            /// `spot_interruption`, else `on-demand`.
            instance_life_cycle: Option<Line>,
            /// `none` (the default), `shutdown` or `bundle-pending`.
            instance_action: Option<Line>,
            /// The kernel of a paravirtual image, for example `aki-5c21674b`.
            kernel_id: Option<Line>,
            /// The RAM disk of a paravirtual image, for example `ari-01bb5768`.
            ramdisk_id: Option<Line>,
            /// AWS Marketplace product codes.
            product_codes: Vec<Line>,
            /// Billing products, for example `bp-6ba54002`.
            billing_products: Vec<Line>,
            /// The placement group.
            placement_group: Option<Line>,
            /// The dedicated host.
            host_id: Option<Line>,
            /// The partition of the placement group.
            partition_number: Option<u32>,
            /// Device names, by `ami`, `root`, `ebs1`, `ephemeral0` and so on. The default is
            /// `/dev/xvda` for `root`, and for `ami` the same on Xen and `xvda` on Nitro. A type with
            /// instance store volumes that are not NVMe has them as `sdb`, `sdc` and so on. `{}`
            /// means none.
            block_device_mapping: Option<Map<Name, Line>>,
            /// Whether detailed monitoring is on. The default is `disabled`.
            monitoring: Option<Toggle>,
            /// The key pairs of the launch.
            public_keys: Vec<PublicKey>,
            /// User data as text, at most 16,384 bytes.
            user_data: Option<String>,
            /// User data as base64, at most 16,384 bytes decoded. Conflicts with `user_data`.
            user_data_base64: Option<String>,
            /// The role of the instance profile.
            role: Option<Role>,
            /// Whether the times of credentials vary as on EC2: `LastUpdated` is up to 106 seconds
            /// before that of `iam/info`, and `Expiration` 6 hours and 1 to 27 minutes later. With
            /// `disabled`, both documents have the same `LastUpdated`, and `Expiration` is exactly
            /// 6 hours later. The default is `enabled`.
            credential_jitter: Option<Toggle>,
            /// The interfaces, the primary one first. The default is one generated interface, also
            /// for `[]`, because each instance has one.
            network_interfaces: Vec<NetworkInterface>,
            /// The form of the private host name: `ip-name` (the default) or `resource-name`.
            hostname_type: HostnameType,
            /// Whether the VPC gives public host names (`enableDnsHostnames`). The default is
            /// `true`.
            dns_hostnames: Option<bool>,
            /// The domain names of the VPC's DHCP options, which the private host name ends in, with
            /// blanks between them. The default is the domain of the Region, for example
            /// `ec2.internal`; `[]` means none. EC2's API shows the Region's domain in any case.
            domain_names: Option<Vec<Line>>,
            /// The instance's tags, at most 50 without those that start with `aws:`. A key has at most
            /// 128 characters, a value 256. `instance_metadata_tags` makes them visible, and restricts
            /// their keys. In a record that replaces another, `{}` removes all tags.
            tags: Option<Map<TagKey, String>>,
            /// The target lifecycle state of an instance in an Auto Scaling group.
            target_lifecycle_state: Option<Line>,
            /// Whether the instance is configured to hibernate.
            hibernation_configured: Option<bool>,
            /// A spot interruption notice.
            spot_interruption: Option<SpotInterruption>,
            /// A rebalance recommendation.
            rebalance_recommendation: Option<RebalanceRecommendation>,
            /// Scheduled events, active and past.
            maintenance_events: Vec<MaintenanceEvent>,
            /// JSON texts, by id.
            elastic_gpus: Map<Name, Line>,
            /// JSON texts, by id.
            elastic_inference: Map<Name, Line>,
            /// The keys for EC2 Instance Connect.
            managed_ssh_keys: Option<ManagedSshKeys>,
            /// The signatures of the identity document, or the key that makes them.
            identity: Identity,
            /// The metadata options of the launch.
            metadata_options: MetadataOptionsChange,
            /// Further paths, for what this program does not know: for example
            /// `meta-data/new-category`. A value is text, or JSON, which is served on one line. The
            /// paths are in the newest version of the instance and in `latest`.
            extra: Map<ExtraPath, ExtraValue>,
        }
    }

    /// The public half of a key pair.
    pub struct PublicKey {
        needed {
            /// The key pair's name.
            name: Name,
            /// The key as one line of `authorized_keys`.
            openssh_key: Line,
        }
    }

    /// The role of an instance profile. Its credentials derive from the seed and rotate on the
    /// clock.
    pub struct Role {
        needed {
            /// The name of the role.
            name: Name,
        }
        optional {
            /// The instance profile: a name, a path and a name such as `team/web`, or a whole ARN.
            /// The default is the name of the role.
            instance_profile: Option<Line>,
            /// For example `AIPAVMQT32F2Q43IXV2TC`.
            instance_profile_id: Option<Line>,
            /// A `Code` to serve instead of credentials, for example
            /// `AssumeRoleUnauthorizedAccess`, which also has a `Message`.
            failure: Option<Line>,
        }
    }

    /// A network interface.
    #[derive(Default)]
    pub struct NetworkInterface {
        optional {
            /// For example `02:91:d3:09:63:0c`.
            mac: Option<Mac>,
            /// For example `eni-0123456789abcdef0`.
            interface_id: Option<Line>,
            /// The device number on the instance. The default is the index in the list.
            device_number: Option<u32>,
            /// The network card, on instances with several of them.
            network_card: Option<u32>,
            /// The private addresses, with the prefixes at most 64. The default is one generated address, or none if there are
            /// `ipv6s`; `[]` means none, as on an interface of type `efa-only`.
            local_ipv4s: Option<Vec<Ipv4Addr>>,
            /// The public addresses, each associated with the private address of the same index. The
            /// default is none.
            public_ipv4s: Option<Vec<Ipv4Addr>>,
            /// Delegated IPv4 prefixes, for example `10.0.0.16/28`. The default is none.
            ipv4_prefixes: Option<Vec<Line>>,
            /// The IPv6 addresses, with the prefixes at most 64. The default is none.
            ipv6s: Option<Vec<Ipv6Addr>>,
            /// Delegated IPv6 prefixes, for example `2001:db8:1::/80`. The default is none.
            ipv6_prefixes: Option<Vec<Line>>,
            /// The security groups, at most 16. The default is one group with the name `default`; `[]`
            /// means none.
            security_groups: Option<Vec<SecurityGroup>>,
            /// For example `subnet-0123456789abcdef0`. Interfaces of the same subnet have the same
            /// CIDR blocks.
            subnet_id: Option<Line>,
            /// For example `10.0.0.0/24`. The default contains the interface's addresses. There is
            /// none for an interface with `ipv6s` alone, or in a VPC without IPv4 blocks.
            subnet_ipv4_cidr_block: Option<Line>,
            /// For example `2001:db8:1::/64`. The default is none.
            subnet_ipv6_cidr_blocks: Option<Vec<Line>>,
            /// For example `vpc-0123456789abcdef0`. Interfaces of the same VPC have the same CIDR
            /// blocks.
            vpc_id: Option<Line>,
            /// For example `10.0.0.0/16`. The primary block of the VPC is first. The default
            /// contains the subnet, if that has a block; `[]` means none.
            vpc_ipv4_cidr_blocks: Option<Vec<Line>>,
            /// For example `2001:db8:1::/56`. The default is none.
            vpc_ipv6_cidr_blocks: Option<Vec<Line>>,
        }
    }

    /// A security group.
    #[derive(Debug)]
    pub struct SecurityGroup {
        needed {
            /// For example `sg-0a00ecb871bb15fb3`.
            id: Line,
            /// The name of the group.
            name: Line,
        }
    }

    /// The interruption of a spot instance.
    pub struct SpotInterruption {
        needed {
            /// The action.
            action: SpotAction,
            /// The time of the action.
            time: Timestamp,
        }
        optional {
            /// The time from which the notice is in the metadata. By default it always is.
            noticed: Option<Timestamp>,
        }
    }

    /// An elevated risk of interruption.
    pub struct RebalanceRecommendation {
        needed {
            /// The time of the recommendation. It is in the metadata from then on.
            notice_time: Timestamp,
        }
    }

    /// A scheduled event.
    pub struct MaintenanceEvent {
        needed {
            /// The kind of event, for example `system-reboot`.
            code: Line,
            /// For example `instance-event-0d59937288b749b32`.
            event_id: Line,
            /// A description of the event.
            description: Line,
            /// `active`, `completed` or `canceled`.
            state: EventState,
            /// The earliest start.
            not_before: Timestamp,
        }
        optional {
            /// The latest end.
            not_after: Option<Timestamp>,
            /// The latest start.
            not_before_deadline: Option<Timestamp>,
        }
    }

    /// The keys for EC2 Instance Connect.
    pub struct ManagedSshKeys {
        needed {
            /// The certificate of the signer, in PEM.
            signer_cert: String,
        }
        optional {
            /// OCSP responses, by the fingerprint of the certificate.
            signer_ocsp: Map<Name, String>,
            /// Temporary public keys, by user.
            active_keys: Map<Name, String>,
        }
    }

    /// The signatures of the identity document: either a key that signs it, or texts to serve in
    /// their place. With neither, the server uses the key of `--identity-key`; without that flag,
    /// the signatures say that they are none, in valid DER. Only the server signs; everything else
    /// rejects a key.
    #[derive(Default)]
    pub struct Identity {
        optional {
            /// The certificate of the key, in PEM. Needs `private_key`.
            certificate: Option<String>,
            /// The RSA key that signs, of 2048 to 4096 bits, in PEM: PKCS #8 or PKCS #1, not
            /// encrypted. It is a secret: a state file contains it. Needs `certificate`.
            private_key: Option<String>,
            /// The PKCS #7 signature, in base64. Conflicts with `certificate`, like the next two.
            pkcs7: Option<String>,
            /// The PKCS #7 signature of the RSA-2048 key, in base64.
            rsa2048: Option<String>,
            /// The signature alone, in base64.
            signature: Option<String>,
        }
    }
}

/// The form of the private host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostnameType {
    /// The private IPv4 address: `ip-10-0-0-68.…`.
    #[default]
    IpName,
    /// The instance id: `i-0123456789abcdef0.…`.
    ResourceName,
}

/// The value of `system`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// The Nitro hypervisor, or bare metal.
    Nitro,
    /// The Xen hypervisor.
    Xen,
    /// A Xen-based type on Nitro hardware.
    XenOnNitro,
}

impl System {
    /// The name in the metadata.
    pub const fn name(self) -> &'static str {
        match self {
            System::Nitro => "nitro",
            System::Xen => "xen",
            System::XenOnNitro => "xen-on-nitro",
        }
    }
}

/// The action of a spot interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpotAction {
    /// Terminates the instance.
    Terminate,
    /// Stops the instance.
    Stop,
    /// Hibernates the instance.
    Hibernate,
}

impl HostnameType {
    /// The name in EC2's API.
    pub const fn name(self) -> &'static str {
        match self {
            HostnameType::IpName => "ip-name",
            HostnameType::ResourceName => "resource-name",
        }
    }
}

json_enum! {
    HostnameType: IpName ResourceName;
    SpotAction: Terminate Stop Hibernate;
    System: Nitro Xen XenOnNitro;
    EventState: Active Completed Canceled;
}

impl SpotAction {
    /// The name in the metadata.
    pub const fn name(self) -> &'static str {
        match self {
            SpotAction::Terminate => "terminate",
            SpotAction::Stop => "stop",
            SpotAction::Hibernate => "hibernate",
        }
    }

    #[doc(hidden)]
    pub fn terminates(self) -> bool {
        self == SpotAction::Terminate
    }
}

/// The state of a scheduled event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    /// In the future or in progress: in `scheduled`.
    Active,
    /// Completed: in `history`.
    Completed,
    /// Canceled: in `history`.
    Canceled,
}

impl EventState {
    /// The name in the metadata.
    pub const fn name(self) -> &'static str {
        match self {
            EventState::Active => "active",
            EventState::Completed => "completed",
            EventState::Canceled => "canceled",
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("instance_type", &self.instance_type)
            .field("instance_id", &self.instance_id)
            .finish_non_exhaustive()
    }
}
