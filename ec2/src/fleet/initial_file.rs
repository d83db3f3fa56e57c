//! Fleets from a record or from a JSON file.

use alloc::format;
use alloc::vec::Vec;

use super::account::{AccountDefaults, Image};
use super::error::FleetError;
use super::fleet::Fleet;
use super::launch::Launch;
use super::settings::Settings;
use imds::json_struct;
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
        template.identity.certificate = record.identity.certificate.clone();
        template.identity.private_key = record.identity.private_key.clone();
        if let (Some(own), Some(interface)) =
            (record.network_interfaces.first(), template.network_interfaces.first_mut())
        {
            interface.vpc_id = own.vpc_id.clone();
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
                    FleetError::Record(RecordError { path, reason }) => {
                        RecordError { path: format!("{parent}.{path}"), reason }
                    }
                    error => RecordError::new(&parent, error),
                }
            })?;
        }
        // After the launches: the account's defaults do not apply to the instances of the file.
        fleet.set_account_defaults(file.account_defaults);
        if let Some(record) = file.launch_template {
            // Otherwise only a launch would report a key that cannot be used.
            record
                .identity
                .signer(settings.identity_keys)
                .map_err(|error| RecordError { path: format!("launch_template.{}", error.path), ..error })?;
            fleet.set_launch_template(record);
        }
        fleet.queue_overrides(file.next_instances);
        Ok(fleet)
    }
}
