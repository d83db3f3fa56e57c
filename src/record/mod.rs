//! What is known of one instance, as data.
//!
//! A [`Record`] is what somebody writes down: JSON in which only the instance type is needed. [`Details`] is the same with
//! everything filled in, from which each piece of metadata derives.

mod defaults;
mod details;
mod error;
mod instance_type;
#[doc(hidden)]
pub mod json;
mod map;
mod options;
mod overrides;
#[doc(hidden)]
pub mod partition;
mod validated;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{json_enum, json_struct};
#[doc(hidden)]
pub use defaults::{BASE32, resource_id};
pub use details::{Details, Interface, Network, Template};
pub use error::RecordError;
pub use json::{Json, read_json};
pub use map::Map;
pub use options::{
    HttpTokens, METADATA_OPTIONS, MetadataOption, MetadataOptions, MetadataOptionsChange, OptionError, OptionValue,
    OptionValues, Toggle,
};
pub use overrides::{InstanceOverrides, InterfaceOverrides};
pub use validated::{Line, Mac, Name, TagKey, TextError};

use crate::http::Profile;
use crate::time::Timestamp;
use crate::version::Version;

/// The record of the instance that is served when none is named: see `default.json` beside this file.
pub const DEFAULT_RECORD: &str = include_str!("default.json");

impl Record {
    /// Reads a record. Unknown keys are refused, and an error names where it is.
    pub fn from_json(json: &str) -> Result<Record, RecordError> {
        read_json(json)
    }

    /// The record as JSON, without what is not set.
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
            /// One with what is needed and nothing else.
            pub fn new($($($needed: $needed_type),*)?) -> $name {
                $name { $($($needed,)*)? $($($optional: Default::default(),)*)? }
            }
        }
    )*};
}

records! {
    /// One instance as it is written down. Only the type is needed. What an instance always has and the record does not is made
    /// up from the seed; what only some have (a role, a key, tags, user data …) is there exactly when the record has it.
    pub struct Record {
        needed {
            /// As `t3.micro`. It selects the generation of the service and the architecture.
            instance_type: Line,
        }
        optional {
            /// `nitro` or `xen`, where the type's own is not wanted.
            profile: Option<&'static Profile>,
            /// The newest version of the tree that the instance knows; a Nitro instance keeps that of its launch.
            newest_version: Option<Version>,
            /// As `i-0123456789abcdef0`.
            instance_id: Option<Name>,
            /// As `ami-0123456789abcdef0`.
            ami_id: Option<Line>,
            /// The place in one launch of several, from 0.
            ami_launch_index: Option<u32>,
            /// `(unknown)` for images on EBS, which is the default.
            ami_manifest_path: Option<Line>,
            /// The images that the image was made of.
            ancestor_ami_ids: Vec<Line>,
            /// `x86_64` or `arm64`, where the type's own is not wanted.
            architecture: Option<Line>,
            /// Twelve digits.
            account_id: Option<Line>,
            /// As `us-east-1a`; the region, the partition and all domains follow from it.
            availability_zone: Option<Line>,
            /// As `use1-az4`.
            availability_zone_id: Option<Line>,
            /// When it was launched, which is also when most metadata was last modified. The default is when it is first served.
            launch_time: Option<Timestamp>,
            /// As `r-0123456789abcdef0`.
            reservation_id: Option<Line>,
            /// `on-demand`, `spot` or `scheduled`. The default is `spot` where there is an interruption, else `on-demand`.
            instance_life_cycle: Option<Line>,
            /// `none` (the default), `shutdown` or `bundle-pending`.
            instance_action: Option<Line>,
            /// As `aki-5c21674b`, for paravirtual images.
            kernel_id: Option<Line>,
            /// As `ari-01bb5768`.
            ramdisk_id: Option<Line>,
            /// Marketplace codes.
            product_codes: Vec<Line>,
            /// As `bp-6ba54002`.
            billing_products: Vec<Line>,
            /// The placement group, where there is one.
            placement_group: Option<Line>,
            /// The dedicated host, where there is one.
            host_id: Option<Line>,
            /// The partition of the placement group, where it has them.
            partition_number: Option<u32>,
            /// Names such as `ami`, `root`, `ebs1`, `ephemeral0` to devices.
            block_device_mapping: Map<Name, Line>,
            /// Whether detailed monitoring is on; it is not by default.
            monitoring: Option<Toggle>,
            /// The keys given at launch.
            public_keys: Vec<PublicKey>,
            /// User data as text.
            user_data: Option<String>,
            /// User data as base64; not beside `user_data`.
            user_data_base64: Option<String>,
            /// The role of the instance profile.
            role: Option<Role>,
            /// The interfaces, the first of them primary. Without any, one is made up.
            network_interfaces: Vec<NetworkInterface>,
            /// `ip-name` (the default) or `resource-name`: what the private host name is made of.
            hostname_type: HostnameType,
            /// Whether the VPC gives public host names (`enableDnsHostnames`). The default is yes.
            dns_hostnames: Option<bool>,
            /// The instance's tags, visible where the options say so.
            tags: Map<TagKey, String>,
            /// The target lifecycle state, for an instance of an Auto Scaling group.
            target_lifecycle_state: Option<Line>,
            /// Whether the instance is configured to hibernate.
            hibernation_configured: Option<bool>,
            /// A spot interruption notice.
            spot_interruption: Option<SpotInterruption>,
            /// A rebalance recommendation.
            rebalance_recommendation: Option<RebalanceRecommendation>,
            /// Scheduled events, active ones and others.
            maintenance_events: Vec<MaintenanceEvent>,
            /// Ids to JSON texts.
            elastic_gpus: Map<Name, Line>,
            /// Ids to JSON texts.
            elastic_inference: Map<Name, Line>,
            /// What EC2 Instance Connect reads.
            managed_ssh_keys: Option<ManagedSshKeys>,
            /// The signatures of the identity document. The default is plainly fake.
            identity: Identity,
            /// The options at launch; what is left out is as EC2's API gives it.
            metadata_options: MetadataOptionsChange,
        }
    }

    /// A key pair's public half.
    pub struct PublicKey {
        needed {
            /// The key pair's name.
            name: Name,
            /// The key as one line of `authorized_keys`.
            openssh_key: Line,
        }
    }

    /// The role of an instance profile. Its credentials derive from the seed and rotate on the clock.
    pub struct Role {
        needed {
            /// The role's name, which is a path segment.
            name: Name,
        }
        optional {
            /// The instance profile's name, where it is not the role's.
            instance_profile: Option<Line>,
            /// As `AIPAVMQT32F2Q43IXV2TC`.
            instance_profile_id: Option<Line>,
            /// The `Code` that is served instead of credentials, as `AssumeRoleUnauthorizedAccess`.
            failure: Option<Line>,
        }
    }

    /// One network interface.
    #[derive(Default)]
    pub struct NetworkInterface {
        optional {
            /// As `02:91:d3:09:63:0c`.
            mac: Option<Mac>,
            /// As `eni-0123456789abcdef0`.
            interface_id: Option<Line>,
            /// Its place on the instance; the default is its place in the list.
            device_number: Option<u32>,
            /// The network card, on instances with several.
            network_card: Option<u32>,
            /// The private addresses. Without any, and without `ipv6s`, one is made up.
            local_ipv4s: Vec<Ipv4Addr>,
            /// The public addresses, each associated with the private one at its place.
            public_ipv4s: Vec<Ipv4Addr>,
            /// The IPv6 addresses.
            ipv6s: Vec<Ipv6Addr>,
            /// Delegated IPv6 prefixes, as `2001:db8:1::/80`.
            ipv6_prefixes: Vec<Line>,
            /// The security groups. Without any, the default one.
            security_groups: Vec<SecurityGroup>,
            /// As `subnet-0123456789abcdef0`.
            subnet_id: Option<Line>,
            /// As `10.0.0.0/24`.
            subnet_ipv4_cidr_block: Option<Line>,
            /// As `2001:db8:1::/64`.
            subnet_ipv6_cidr_blocks: Vec<Line>,
            /// As `vpc-0123456789abcdef0`.
            vpc_id: Option<Line>,
            /// As `10.0.0.0/16`, the VPC's first one first.
            vpc_ipv4_cidr_blocks: Vec<Line>,
            /// As `2001:db8:1::/56`.
            vpc_ipv6_cidr_blocks: Vec<Line>,
        }
    }

    /// A security group.
    #[derive(Debug)]
    pub struct SecurityGroup {
        needed {
            /// As `sg-0a00ecb871bb15fb3`.
            id: Line,
            /// Its name.
            name: Line,
        }
    }

    /// A spot instance that EC2 is about to interrupt.
    pub struct SpotInterruption {
        needed {
            /// What will happen.
            action: SpotAction,
            /// When.
            time: Timestamp,
        }
        optional {
            /// When the notice appears in the metadata; the default is at once.
            noticed: Option<Timestamp>,
        }
    }

    /// An elevated risk of interruption.
    pub struct RebalanceRecommendation {
        needed {
            /// When the recommendation was emitted, which is when it appears in the metadata.
            notice_time: Timestamp,
        }
    }

    /// A scheduled event.
    pub struct MaintenanceEvent {
        needed {
            /// As `system-reboot`.
            code: Line,
            /// As `instance-event-0d59937288b749b32`.
            event_id: Line,
            /// What it is.
            description: Line,
            /// `active`, `completed` or `canceled`.
            state: EventState,
            /// The earliest begin.
            not_before: Timestamp,
        }
        optional {
            /// The latest end.
            not_after: Option<Timestamp>,
            /// The latest begin.
            not_before_deadline: Option<Timestamp>,
        }
    }

    /// What EC2 Instance Connect reads.
    pub struct ManagedSshKeys {
        needed {
            /// The certificate of the keys' signer, PEM.
            signer_cert: String,
        }
        optional {
            /// Fingerprints of certificates to their OCSP answers.
            signer_ocsp: Map<Name, String>,
            /// Users to the keys pushed for them.
            active_keys: Map<Name, String>,
        }
    }

    /// The signatures of the identity document.
    #[derive(Default)]
    pub struct Identity {
        optional {
            /// PKCS #7, base64.
            pkcs7: Option<String>,
            /// PKCS #7 by the RSA-2048 key, base64.
            rsa2048: Option<String>,
            /// The bare signature, base64.
            signature: Option<String>,
        }
    }
}

/// What the private host name is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostnameType {
    /// The private IPv4 address: `ip-10-0-0-68.…`.
    #[default]
    IpName,
    /// The instance id: `i-0123456789abcdef0.…`.
    ResourceName,
}

/// What a spot interruption does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpotAction {
    /// Terminates the instance.
    Terminate,
    /// Stops it.
    Stop,
    /// Hibernates it.
    Hibernate,
}

impl HostnameType {
    /// As EC2's API has it.
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
    EventState: Active Completed Canceled;
}

impl SpotAction {
    /// As the metadata has it.
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
    /// Still to come, or going on: in `scheduled`.
    Active,
    /// Over: in `history`.
    Completed,
    /// Called off: in `history`.
    Canceled,
}

impl EventState {
    /// As the metadata has it.
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
