//! The fleet at startup: from the state file, a fleet file, a record, or the default record.

use std::path::PathBuf;

use imds::record::{DEFAULT_RECORD, InstanceOverrides, MetadataOptionsChange, Toggle, read_json};
use imds::{Record, Seed};
use imds_ec2::Fleet;
use imds_ec2::fleet::{DEFAULT_NEXT_INSTANCES, Settings, VirtualClock};

use super::state_file::StateFile;
use crate::clock::Clock;
use crate::identity::{KeyFiles, Keys};
use crate::text_file;

/// The sources of the initial fleet.
#[derive(Debug, Default)]
pub struct FleetConfig {
    /// If this file exists, it wins over the other sources.
    pub state: Option<PathBuf>,
    pub fleet: Option<PathBuf>,
    pub instance: Option<PathBuf>,
    /// Options that override those of the record. A fleet file permits none.
    pub metadata_options: MetadataOptionsChange,
    /// Whether the server listens on IPv6, which enables it unless the options disable it.
    pub has_ipv6_listener: bool,
    pub settings: Settings,
    /// The key that signs identity documents for records without a key.
    pub identity: Option<KeyFiles>,
}

/// Loads the fleet.
///
/// # Errors
///
/// One line that names the file and the position in it.
pub fn load(config: &FleetConfig, state: Option<&StateFile>, seed: Seed, clock: &Clock) -> Result<Fleet, String> {
    let keys = Keys::load(config.identity.as_ref())?;
    // The keys live as long as the server.
    let settings = config.settings.with_identity_keys(Some(Box::leak(Box::new(keys))));
    if let Some(state) = state {
        let restored = state.load(|snapshot| {
            let saved = VirtualClock::of_snapshot(snapshot).map_err(|error| error.to_string())?;
            // A start time of the command line replaces the saved clock.
            let shown = if clock.is_simulated() { VirtualClock::default() } else { saved };
            let base = clock.base();
            let restored = Fleet::restore(snapshot, settings, shown.now(base));
            let mut fleet = restored.map_err(|error| error.to_string())?;
            fleet.set_clock(shown, base);
            // The file can be a backup: the ids and generations drawn after it must not return.
            let position = getrandom::u64().map_err(|error| format!("no system randomness: {error}"))?;
            fleet.continue_random_values_at(position);
            Ok(fleet)
        })?;
        if let Some(fleet) = restored {
            return Ok(fleet);
        }
    }
    let now = clock.now();
    if let Some(file) = &config.fleet {
        if config.metadata_options != MetadataOptionsChange::default() {
            return Err(format!(
                "--fleet cannot be used with flags for metadata options: set metadata_options in {} instead",
                file.display()
            ));
        }
        let fleet = Fleet::from_json(&text_file::read(file)?, settings, seed, now);
        return fleet.map_err(|error| {
            let hint = if error.path == "instance_type" { "; use --instance for a record" } else { "" };
            format!("{}: {error}{hint}", file.display())
        });
    }
    let (source, json) = match &config.instance {
        None => ("the default record".to_owned(), DEFAULT_RECORD.to_owned()),
        Some(file) => (file.display().to_string(), text_file::read(file)?),
    };
    let mut record = Record::from_json(&json).map_err(|error| {
        let is_fleet = ["account_defaults", "images", "instances", "launch_template"].contains(&error.path.as_str());
        format!("{source}: {error}{}", if is_fleet { "; use --fleet for a fleet" } else { "" })
    })?;
    override_options(&mut record, config);
    let mut fleet = Fleet::from_record(record, settings, seed, now).map_err(|error| format!("{source}: {error}"))?;
    if config.instance.is_none() {
        let overrides: Vec<InstanceOverrides> =
            read_json(DEFAULT_NEXT_INSTANCES).map_err(|error| format!("the default overrides: {error}"))?;
        fleet.queue_overrides(overrides);
    }
    Ok(fleet)
}

/// Applies the command line to the record. If neither sets `http_protocol_ipv6`, an IPv6 listener
/// enables it.
fn override_options(record: &mut Record, config: &FleetConfig) {
    let by_listener = MetadataOptionsChange {
        http_protocol_ipv6: config.has_ipv6_listener.then_some(Toggle::Enabled),
        ..MetadataOptionsChange::default()
    };
    record.metadata_options = config.metadata_options.or(&record.metadata_options).or(&by_listener);
}
