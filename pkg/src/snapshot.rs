//! Snapshots of the fleet.

use alloc::string::String;

use imds_ec2::Fleet;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::ImdsError;
use crate::fleet::settings;
use crate::service::{Service, timestamp};

#[wasm_bindgen]
impl Service {
    /// Restores the fleet of a snapshot.
    ///
    /// # Errors
    /// If the snapshot is invalid.
    pub fn from_snapshot(
        snapshot: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, ImdsError> {
        Ok(Service::new(Fleet::restore(snapshot, settings(modify_millis, transition_millis), timestamp(now))?))
    }

    /// The whole fleet as text.
    pub fn snapshot(&self) -> String {
        self.fleet.snapshot()
    }
}
