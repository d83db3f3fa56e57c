//! The values of a launch that only descriptions show.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::query::form::{QueryForm, parse_boolean};

/// Parameters, by the starts of their names, and the starts of the paths at which a description
/// shows them. The rest of the path has the members of the rest of the name.
type Places = &'static [(&'static str, &'static str)];

/// Of the whole launch. The paths are those of `ApiAttributes::shown`.
pub const OF_LAUNCH: Places = &[
    ("CapacityReservationSpecification.", "instance/capacityReservationSpecification/"),
    ("CpuOptions.", "instance/cpuOptions/"),
    ("CreditSpecification.", "credits/"),
    ("EnclaveOptions.", "instance/enclaveOptions/"),
    ("LicenseSpecification.", "instance/licenseSet/item "),
    ("MaintenanceOptions.", "instance/maintenanceOptions/"),
    ("NetworkPerformanceOptions.", "instance/networkPerformanceOptions/"),
    ("Placement.Affinity", "placement/affinity"),
    ("Placement.GroupId", "placement/groupId"),
    ("Placement.HostResourceGroupArn", "placement/hostResourceGroupArn"),
    ("Placement.SpreadDomain", "placement/spreadDomain"),
    ("PrivateDnsNameOptions.EnableResourceName", "names/enableResourceName"),
];

/// Of one interface.
pub const OF_INTERFACE: Places = &[
    ("ConnectionTrackingSpecification.", "own/connectionTrackingConfiguration/"),
    ("DeleteOnTermination", "attachment/deleteOnTermination"),
    ("EnaQueueCount", "attachment/enaQueueCount"),
    ("EnaSrdSpecification.", "attachment/enaSrdSpecification/"),
    ("InterfaceType", "own/interfaceType"),
];

/// Of one EBS volume. The paths are those of `Volume::shown`.
pub const OF_VOLUME: Places = &[
    ("EbsCardIndex", "ebsCardIndex"),
    ("Encrypted", "encrypted"),
    ("Iops", "iops"),
    ("KmsKeyId", "kmsKeyId"),
    ("OutpostArn", "outpostArn"),
    ("SnapshotId", "snapshotId"),
    ("Throughput", "throughput"),
    ("VolumeInitializationRate", "volumeInitializationRate"),
    ("VolumeSize", "size"),
    ("VolumeType", "volumeType"),
];

/// Adds the values of the parameters with this prefix that have a place.
pub fn add(form: &QueryForm, prefix: &str, places: Places, root: &str, shown: &mut BTreeMap<String, String>) {
    for (name, value) in form.iter() {
        let Some(name) = name.strip_prefix(prefix) else { continue };
        let place = places.iter().find_map(|(start, path)| Some((name.strip_prefix(start)?, path)));
        let Some((rest, path)) = place else { continue };
        let mut path = [root, path].concat();
        for (index, member) in rest.split('.').enumerate() {
            path.push_str(if index > 0 { "/" } else { "" });
            let starts_member = path.ends_with('/');
            for (index, letter) in member.chars().enumerate() {
                path.push(if starts_member && index == 0 { letter.to_ascii_lowercase() } else { letter });
            }
        }
        let value = parse_boolean(value).map_or(value, |value| if value { "true" } else { "false" });
        shown.insert(path, value.into());
    }
}
