//! Fleets from a record or from a JSON file.

use alloc::format;
use alloc::vec::Vec;

use super::account::{AccountDefaults, Image};
use super::error::FleetError;
use super::fleet::Fleet;
use super::launch::Launch;
use super::settings::Settings;
use imds::json_struct;
use imds::metadata::check_extra;
use imds::record::{InstanceOverrides, Line, Map, Record, RecordError, read_json};
use imds::seed::Seed;
use imds::time::Timestamp;

/// The overrides that a fleet with the [default record](imds::record::DEFAULT_RECORD) queues, as a
/// JSON list. The next launch gets the id and the address of the example in the tutorial.
pub const DEFAULT_NEXT_INSTANCES: &str = include_str!("default_next_instances.json");

/// The file of a fleet. Each key is optional.
struct InitialFile {
    /// The record that launches through the Query API start from.
    launch_template: Option<Record>,
    /// The account's defaults for metadata options.
    account_defaults: AccountDefaults,
    /// The properties of images, by image id.
    images: Map<Line, Image>,
    /// The instances that run from the start.
    instances: Vec<Record>,
    /// The values of the next instances, in the order of their launches.
    next_instances: Vec<InstanceOverrides>,
}

json_struct! {
    InitialFile { optional { launch_template, account_defaults, images, instances, next_instances } }
}

impl Fleet {
    /// Creates a fleet with one instance of this record. Later launches use the record's account,
    /// zone, VPC, security groups and key for identity documents.
    ///
    /// # Errors
    ///
    /// If the record is invalid.
    pub fn from_record(record: Record, settings: Settings, seed: Seed, now: Timestamp) -> Result<Fleet, FleetError> {
        let mut fleet = Fleet::new(seed);
        fleet.set_settings(settings);
        let mut template = fleet.launch_template().clone();
        template.account_id = record.account_id.clone();
        template.availability_zone = record.availability_zone.clone();
        template.availability_zone_id = record.availability_zone_id.clone();
        template.region = record.region.clone();
        template.partition = record.partition.clone();
        template.domain = record.domain.clone();
        template.identity.certificate = record.identity.certificate.clone();
        template.identity.private_key = record.identity.private_key.clone();
        let (shared, _) = record.clone().split()?;
        if let (Some(own), Some(interface)) =
            (shared.network_interfaces.first(), template.network_interfaces.first_mut())
        {
            interface.vpc_id = own.vpc_id.clone();
            if let Some([block, ..]) = own.vpc_ipv4_cidr_blocks.as_deref() {
                // The subnet fills the VPC's primary block.
                interface.subnet_ipv4_cidr_block = Some(block.clone());
                interface.vpc_ipv4_cidr_blocks = own.vpc_ipv4_cidr_blocks.clone();
            }
            interface.vpc_ipv6_cidr_blocks = own.vpc_ipv6_cidr_blocks.clone();
            interface.security_groups = own.security_groups.clone();
        }
        fleet.set_launch_template(template);
        fleet.launch(now, &Launch::new(record))?;
        Ok(fleet)
    }

    /// Reads a fleet from JSON with the keys `launch_template`, `account_defaults`, `images`,
    /// `instances` and `next_instances`. Each key is optional; unknown keys are rejected.
    ///
    /// # Errors
    ///
    /// If the JSON is invalid or an instance cannot be launched. The error has the path of the
    /// value.
    pub fn from_json(json: &str, settings: Settings, seed: Seed, now: Timestamp) -> Result<Fleet, RecordError> {
        let file: InitialFile = read_json(json)?;
        let mut fleet = Fleet::new(seed);
        fleet.set_settings(settings);
        for (id, image) in file.images {
            fleet.set_image(id, image);
        }
        for (index, record) in file.instances.into_iter().enumerate() {
            fleet.launch(now, &Launch::new(record)).map_err(|error| {
                let parent = format!("instances[{index}]");
                match error {
                    FleetError::Record(error) => within(&parent, error),
                    error => RecordError::new(&parent, error),
                }
            })?;
        }
        // After the launches: the account's defaults do not apply to the instances of the file.
        fleet.set_account_defaults(file.account_defaults);
        if let Some(record) = file.launch_template {
            // Otherwise only a launch would report a value that cannot be used.
            let checked = check_extra(&record).and_then(|()| record.clone().split());
            let checked = checked.and_then(|_| record.identity.signer(settings.identity_keys).map(|_| ()));
            checked.map_err(|error| within("launch_template", error))?;
            fleet.set_launch_template(record);
        }
        for (index, overrides) in file.next_instances.iter().enumerate() {
            overrides.check("interfaces").map_err(|error| within(&format!("next_instances[{index}]"), error))?;
        }
        fleet.queue_overrides(file.next_instances);
        Ok(fleet)
    }
}

/// An error in a part of the file.
fn within(parent: &str, RecordError { path, reason }: RecordError) -> RecordError {
    RecordError { path: format!("{parent}.{path}"), reason }
}
