use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use imds::record::Line;
use imds::{json_enum, json_struct};

/// The attributes of an instance that EC2's API shows and the metadata does not. The instances of
/// one launch share them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ApiAttributes {
    /// The tenancy of its host.
    pub tenancy: Tenancy,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// Whether a shutdown from inside the instance terminates it.
    pub shutdown_terminates: bool,
    /// Whether it is protected from termination.
    pub termination_protected: bool,
    /// For example `/dev/xvda`.
    pub root_device_name: Option<Line>,
    /// Its volumes, the root volume first.
    pub volumes: Vec<Volume>,
    /// The descriptions of network interfaces, by the index of the interface.
    pub interface_descriptions: BTreeMap<usize, Line>,
}

/// An EBS volume.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volume {
    /// For example `/dev/xvda`.
    pub device_name: Line,
    /// Whether it is deleted when the instance is terminated.
    pub delete_on_termination: bool,
}

/// The hardware that an instance runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Tenancy {
    /// Shared hardware.
    #[default]
    Default,
    /// Hardware of this account only.
    Dedicated,
    /// A dedicated host.
    Host,
}

json_struct! {
    ApiAttributes {
        optional {
            tenancy, ebs_optimized, shutdown_terminates, termination_protected, root_device_name, volumes,
            interface_descriptions,
        }
    }
    Volume { needed { device_name, delete_on_termination } }
}

json_enum! {
    Tenancy: Default Dedicated Host;
}

impl Tenancy {
    /// The name in EC2's API.
    pub const fn name(self) -> &'static str {
        match self {
            Tenancy::Default => "default",
            Tenancy::Dedicated => "dedicated",
            Tenancy::Host => "host",
        }
    }
}
