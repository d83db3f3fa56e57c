//! Operations on the fleet. Arguments and results are JSON.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::record::{DEFAULT_RECORD, InstanceOverrides, MetadataOptionsChange, read_json};
use imds::{Record, Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::{DEFAULT_NEXT_INSTANCES, Launch, Settings};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::ImdsError;
use crate::instances;
use crate::service::{Service, json, timestamp};

#[wasm_bindgen]
impl Service {
    /// One instance of this record, or of the default record.
    ///
    /// # Errors
    /// If the record or the seed is invalid.
    pub fn from_record(
        record: Option<String>,
        seed: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, ImdsError> {
        let is_default = record.is_none();
        let record = Record::from_json(record.as_deref().unwrap_or(DEFAULT_RECORD))?;
        let settings = settings(modify_millis, transition_millis);
        let mut fleet = Fleet::from_record(record, settings, Seed::parse_hex(seed)?, timestamp(now))?;
        if is_default {
            fleet.queue_overrides(read_json::<Vec<InstanceOverrides>>(DEFAULT_NEXT_INSTANCES)?);
        }
        Ok(Service::new(fleet))
    }

    /// The fleet of a fleet file.
    ///
    /// # Errors
    /// If the file or the seed is invalid.
    pub fn from_fleet(
        fleet: &str,
        seed: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, ImdsError> {
        let settings = settings(modify_millis, transition_millis);
        Ok(Service::new(Fleet::from_json(fleet, settings, Seed::parse_hex(seed)?, timestamp(now))?))
    }

    /// Launches instances of this record, or of the launch template; returns their ids.
    ///
    /// # Errors
    /// If the record is invalid or the launch fails.
    pub fn launch(
        &mut self,
        now: f64,
        record: Option<String>,
        count: u32,
        public_address: bool,
    ) -> Result<String, ImdsError> {
        let record = match record {
            Some(json) => Record::from_json(&json)?,
            None => self.fleet.launch_template().clone(),
        };
        let launch = Launch::new(record).with_count(count).with_public_address(public_address);
        let ids = self.fleet.launch(timestamp(now), &launch)?;
        Ok(json(&ids.iter().map(|id| &**id).collect::<Vec<&str>>()))
    }

    /// Requests a change of metadata options; returns all options.
    ///
    /// # Errors
    /// If the change is invalid or there is no such instance.
    pub fn modify(&mut self, now: f64, id: Option<String>, change: &str) -> Result<String, ImdsError> {
        let id = self.id(id)?;
        let change: MetadataOptionsChange = read_json(change)?;
        self.fleet.modify_options(timestamp(now), &id, &change)?;
        self.options(now, Some(id))
    }

    /// The metadata options as last requested.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn options(&self, now: f64, id: Option<String>) -> Result<String, ImdsError> {
        let id = self.id(id)?;
        let instance = self.fleet.instance(&id);
        let instance =
            instance.ok_or_else(|| ImdsError::new("no-such-instance", format!("there is no instance {id}")))?;
        Ok(instances::options(instance, timestamp(now)))
    }

    /// Replaces an instance's record; its id and tokens stay valid.
    ///
    /// # Errors
    /// If the record is invalid or there is no such instance.
    pub fn replace(&mut self, now: f64, id: Option<String>, record: &str) -> Result<(), ImdsError> {
        let id = self.id(id)?;
        Ok(self.fleet.replace(timestamp(now), &id, &Record::from_json(record)?)?)
    }

    /// The time of the next timed event, in milliseconds.
    pub fn deadline(&self) -> Option<f64> {
        self.fleet.poll_timeout().map(|at: Timestamp| at.millis() as f64)
    }
}

impl Service {
    /// This id, or the id of the first instance.
    fn id(&self, id: Option<String>) -> Result<String, ImdsError> {
        let first = || self.fleet.first_launched().map(|instance| instance.id().to_string());
        id.or_else(first)
            .ok_or_else(|| ImdsError::new("no-such-instance", "the fleet has no instance: launch one first"))
    }
}

pub fn settings(modify_millis: f64, transition_millis: u32) -> Settings {
    Settings::new().with_modify_millis(modify_millis as u64).with_transition_millis(transition_millis)
}
