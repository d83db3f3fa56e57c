//! Operations on the fleet: text in, text out.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::SocketAddrV4;

use imds::instance::OptionsState;
use imds::record::{
    DEFAULT_RECORD, InstanceOverrides, METADATA_OPTIONS, MetadataOptions, MetadataOptionsChange, OptionValue, read_json,
};
use imds::{Record, Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::{DEFAULT_NEXT_INSTANCES, Launch, LaunchSeq, Settings};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Thrown;
use crate::service::{Service, json, timestamp};

/// An instance as `instances()` shows it.
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
    tags: &'a alloc::collections::BTreeMap<String, String>,
    generation: u64,
    endpoint: Option<SocketAddrV4>,
    options: Options,
}

/// The metadata options as last requested, and the state of their last change.
struct Options {
    state: OptionsState,
    options: MetadataOptions,
}

#[wasm_bindgen]
impl Service {
    /// One instance of this record, or of the default one.
    pub fn of_record(
        record: Option<String>,
        seed: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, Thrown> {
        let of_default = record.is_none();
        let record = Record::from_json(record.as_deref().unwrap_or(DEFAULT_RECORD))?;
        let settings = settings(modify_millis, transition_millis);
        let mut fleet = Fleet::from_record(record, settings, Seed::parse_hex(seed)?, timestamp(now))?;
        if of_default {
            fleet.queue_overrides(read_json::<Vec<InstanceOverrides>>(DEFAULT_NEXT_INSTANCES)?);
        }
        Ok(Service::of(fleet))
    }

    /// A fleet as it is written down.
    pub fn of_fleet(
        fleet: &str,
        seed: &str,
        modify_millis: f64,
        transition_millis: u32,
        now: f64,
    ) -> Result<Service, Thrown> {
        let settings = settings(modify_millis, transition_millis);
        Ok(Service::of(Fleet::from_json(fleet, settings, Seed::parse_hex(seed)?, timestamp(now))?))
    }

    /// Launches; gives the ids as JSON.
    pub fn launch(
        &mut self,
        now: f64,
        record: Option<String>,
        count: u32,
        public_address: bool,
    ) -> Result<String, Thrown> {
        let record = match record {
            Some(json) => Record::from_json(&json)?,
            None => self.fleet.launch_template().clone(),
        };
        let launch = Launch::new(record).with_count(count).with_public_address(public_address);
        let ids = self.fleet.launch(timestamp(now), &launch)?;
        Ok(json(&ids.iter().map(|id| &**id).collect::<Vec<&str>>()))
    }

    /// Asks for other options; gives all as JSON.
    pub fn modify(&mut self, now: f64, id: Option<String>, change: &str) -> Result<String, Thrown> {
        let now = timestamp(now);
        let id = self.id(id)?;
        let change: MetadataOptionsChange = read_json(change)?;
        self.fleet.modify_options(now, &id, &change)?;
        self.shown_options(now, &id)
    }

    /// The options as they were last asked for, as JSON.
    pub fn options(&self, now: f64, id: Option<String>) -> Result<String, Thrown> {
        self.shown_options(timestamp(now), &self.id(id)?)
    }

    /// Makes an instance another one under its own id.
    pub fn replace(&mut self, now: f64, id: Option<String>, record: &str) -> Result<(), Thrown> {
        let id = self.id(id)?;
        Ok(self.fleet.replace(timestamp(now), &id, &Record::from_json(record)?)?)
    }

    /// All instances, as JSON.
    pub fn instances(&self, now: f64) -> String {
        let now = timestamp(now);
        let shown = self.fleet.instances(LaunchSeq::FIRST).map(|member| {
            let details = member.instance().details();
            let (options, state) = member.instance().requested_options(now);
            let interfaces = details.interfaces.iter();
            InstanceView {
                id: member.id(),
                state: member.state(now).name(),
                state_code: member.state(now).code(),
                instance_type: details.instance_type(),
                profile: details.profile().name,
                launch_time: details.launch_time.millis(),
                local_ipv4s: interfaces.clone().flat_map(|it| &it.local_ipv4s).map(ToString::to_string).collect(),
                ipv6s: interfaces.flat_map(|it| it.ipv6s()).map(ToString::to_string).collect(),
                tags: member.tags(),
                generation: member.instance().generation(),
                endpoint: member.endpoint(),
                options: Options { state, options },
            }
        });
        json(&shown.collect::<Vec<_>>())
    }

    /// What happened since the last call, as JSON, with what time alone has brought about.
    pub fn events(&mut self, now: f64) -> String {
        #[derive(serde::Serialize)]
        struct Happened {
            time: u64,
            instance: String,
            event: &'static str,
        }
        self.fleet.handle_timeout(timestamp(now));
        let events = core::iter::from_fn(|| self.fleet.poll_event());
        let happened = events.map(|event| Happened {
            time: event.at.millis(),
            instance: event.instance.to_string(),
            event: event.kind.name(),
        });
        json(&happened.collect::<Vec<_>>())
    }

    /// When time alone changes something next, in milliseconds.
    pub fn deadline(&self) -> Option<f64> {
        self.fleet.poll_timeout().map(|at| at.millis() as f64)
    }

    /// The id of the first instance.
    pub fn first(&self) -> Option<String> {
        self.fleet.first_launched().map(|member| member.id().to_string())
    }
}

impl Service {
    fn id(&self, id: Option<String>) -> Result<String, Thrown> {
        let first = || self.first().ok_or_else(|| Thrown::new("no-such-instance", "there is no instance"));
        id.map_or_else(first, Ok)
    }

    fn shown_options(&self, now: Timestamp, id: &str) -> Result<String, Thrown> {
        let member = self
            .fleet
            .instance(id)
            .ok_or_else(|| Thrown::new("no-such-instance", format!("there is no instance {id}")))?;
        let (options, state) = member.instance().requested_options(now);
        Ok(json(&Options { state, options }))
    }
}

impl Serialize for Options {
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

pub fn settings(modify_millis: f64, transition_millis: u32) -> Settings {
    Settings::new().with_modify_millis(modify_millis as u64).with_transition_millis(transition_millis)
}
