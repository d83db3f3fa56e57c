//! The fleet as text, and back.

use alloc::string::String;

use imds_ec2::Fleet;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Thrown;
use crate::fleet::settings;
use crate::service::{Service, timestamp};

#[wasm_bindgen]
impl Service {
    /// The fleet of a snapshot.
    pub fn of_snapshot(
        snapshot: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, Thrown> {
        Ok(Service::of(Fleet::restore(snapshot, settings(modify_millis, transition_millis), timestamp(now))?))
    }

    /// The whole fleet as text.
    pub fn snapshot(&self) -> String {
        self.fleet.snapshot()
    }
}
