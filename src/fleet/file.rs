use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use serde::Deserialize;

use super::{AccountDefaults, Fleet, FleetError, Image, Launch, Settings};
use crate::record::{Line, Own, Record, RecordError, read_json};
use crate::seed::Seed;
use crate::time::Timestamp;

/// A fleet as somebody writes it down. Everything in it may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File {
    /// What launches begin with.
    launch_template: Option<Record>,
    /// The account's defaults for metadata options.
    account_defaults: AccountDefaults,
    /// Image ids to what is known of them.
    images: BTreeMap<Line, Image>,
    /// The instances that run from the beginning.
    instances: Vec<Record>,
    /// What the next launched instances have of their own, in order.
    next_instances: Vec<Own>,
}

impl Fleet {
    /// A fleet as it is written down in JSON: `launch_template`, `account_defaults`, `images`, `instances` and
    /// `next_instances`, of which each may be left out. Unknown keys are refused, and an error names where it is.
    pub fn from_json(json: &str, settings: Settings, seed: Seed, now: Timestamp) -> Result<Fleet, RecordError> {
        let file: File = read_json(json)?;
        let mut fleet = Fleet::new(seed);
        fleet.set_settings(settings);
        for (id, image) in file.images {
            fleet.set_image(id, image);
        }
        for (index, record) in file.instances.into_iter().enumerate() {
            fleet.launch(now, &Launch::of(record)).map_err(|error| {
                let place = format!("instances[{index}]");
                match error {
                    FleetError::Record(RecordError { path, reason }) => {
                        RecordError { path: format!("{place}.{path}"), reason }
                    }
                    error => RecordError::new(&place, error),
                }
            })?;
        }
        // The instances that are there are as they are written down: the account's defaults rule the launches after them.
        fleet.set_account_defaults(file.account_defaults);
        if let Some(record) = file.launch_template {
            fleet.set_launch_template(record);
        }
        fleet.plan(file.next_instances);
        Ok(fleet)
    }
}
