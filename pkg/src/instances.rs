//! Listings of the fleet's instances, their metadata options and events, as JSON.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::SocketAddrV4;

use imds::Timestamp;
use imds::instance::OptionsState;
use imds::record::{METADATA_OPTIONS, MetadataOptions, OptionValue};
use imds_ec2::fleet::{FleetInstance, LaunchSeq};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::service::{Service, json, timestamp};

/// An instance in `instances()`.
#[derive(serde::Serialize)]
struct InstanceView<'a> {
    id: &'a str,
    state: &'static str,
    state_code: u16,
    instance_type: &'a str,
    profile: &'static str,
    launch_time: u64,
    local_ipv4s: Vec<String>,
    ipv6s: Vec<String>,
    tags: &'a BTreeMap<String, String>,
    generation: u64,
    endpoint: Option<SocketAddrV4>,
    options: OptionsView,
}

/// The metadata options as last requested, and the state of their last change.
struct OptionsView {
    state: OptionsState,
    options: MetadataOptions,
}

/// An event in `events()`.
#[derive(serde::Serialize)]
struct EventView {
    time: u64,
    instance: String,
    event: &'static str,
}

#[wasm_bindgen]
impl Service {
    /// All instances.
    pub fn instances(&self, now: f64) -> String {
        let now = timestamp(now);
        let instances = self.fleet.instances(LaunchSeq::FIRST).map(|instance| InstanceView::new(instance, now));
        json(&instances.collect::<Vec<_>>())
    }

    /// The events since the last call, including those that are due by now.
    pub fn events(&mut self, now: f64) -> String {
        self.fleet.handle_timeout(timestamp(now));
        let events = core::iter::from_fn(|| self.fleet.poll_event()).map(|event| EventView {
            time: event.at.millis(),
            instance: event.instance.to_string(),
            event: event.kind.name(),
        });
        json(&events.collect::<Vec<_>>())
    }
}

impl<'a> InstanceView<'a> {
    fn new(instance: &'a FleetInstance, now: Timestamp) -> InstanceView<'a> {
        let details = instance.instance().details();
        let interfaces = details.interfaces.iter();
        InstanceView {
            id: instance.id(),
            state: instance.state(now).name(),
            state_code: instance.state(now).code(),
            instance_type: details.instance_type(),
            profile: details.profile().name,
            launch_time: details.launch_time.millis(),
            local_ipv4s: interfaces.clone().flat_map(|it| &it.local_ipv4s).map(ToString::to_string).collect(),
            ipv6s: interfaces.flat_map(|it| it.ipv6s()).map(ToString::to_string).collect(),
            tags: instance.tags(),
            generation: instance.instance().generation(),
            endpoint: instance.endpoint(),
            options: OptionsView::new(instance, now),
        }
    }
}

impl OptionsView {
    fn new(instance: &FleetInstance, now: Timestamp) -> OptionsView {
        let (options, state) = instance.instance().requested_options(now);
        OptionsView { state, options }
    }
}

impl Serialize for OptionsView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(METADATA_OPTIONS.len() + 1))?;
        map.serialize_entry("state", self.state.name())?;
        for option in METADATA_OPTIONS {
            match option.get(&self.options) {
                OptionValue::Name(name) => map.serialize_entry(option.key, name)?,
                OptionValue::Number(number) => map.serialize_entry(option.key, &number)?,
            }
        }
        map.end()
    }
}

/// The instance's metadata options as last requested.
pub fn options(instance: &FleetInstance, now: Timestamp) -> String {
    json(&OptionsView::new(instance, now))
}
