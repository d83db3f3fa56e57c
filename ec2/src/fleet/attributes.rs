use alloc::collections::BTreeMap;
use alloc::string::String;
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
    /// Whether it is protected from stops.
    pub stop_protected: bool,
    /// The tags of its volumes.
    pub volume_tags: BTreeMap<String, String>,
    /// The tags of its network interfaces.
    pub interface_tags: BTreeMap<String, String>,
    /// Further values of the launch that a description shows, by the paths of their elements: for
    /// example `instance/cpuOptions/coreCount`, or `interface 1/interfaceType` for the second
    /// interface.
    pub shown: BTreeMap<String, String>,
}

/// An EBS volume.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volume {
    /// For example `/dev/xvda`.
    pub device_name: Line,
    /// Whether it is deleted when the instance is terminated.
    pub delete_on_termination: bool,
    /// Its other values, by the names of their elements: for example `size`.
    pub shown: BTreeMap<String, String>,
}

impl Volume {
    /// A volume with the values of EC2's API that have a default.
    pub fn new(device_name: Line, delete_on_termination: bool) -> Volume {
        Volume { device_name, delete_on_termination, shown: BTreeMap::new() }
    }
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
            interface_descriptions, stop_protected, volume_tags, interface_tags, shown,
        }
    }
    Volume { needed { device_name, delete_on_termination } optional { shown } }
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
