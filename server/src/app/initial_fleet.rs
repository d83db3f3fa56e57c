//! The fleet that is served at the start, from a file and the command line.

use std::fs;
use std::path::Path;

use imds::record::{DEFAULT_RECORD, MetadataOptionsChange, Toggle};
use imds::{Record, Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::Settings;

use crate::args::Options;
use crate::{state, tell};

/// The fleet at the start; an error is one line that names the file and the place in it.
pub fn fleet(options: &Options, seed: Seed, now: Timestamp) -> Result<Fleet, String> {
    let settings = Settings {
        modify_millis: options.modify_delay,
        transition_millis: options.transition_delay,
        // Known when the sockets are.
        loopback_port: None,
    };
    if let Some(file) = &options.state
        && let Some(fleet) = state::read(file, settings, now)?
    {
        return Ok(fleet);
    }
    if let Some(file) = &options.fleet {
        if options.metadata_options() != MetadataOptionsChange::default() {
            return Err(
                "the metadata options of a fleet's instances are in its file, not on the command line".to_owned()
            );
        }
        let fleet = Fleet::from_json(&read(file)?, settings, seed, now);
        return fleet.map_err(|error| format!("{}: {error}", file.display()));
    }
    let (name, json) = match &options.instance {
        None => ("the default record".to_owned(), DEFAULT_RECORD.to_owned()),
        Some(file) => (file.display().to_string(), read(file)?),
    };
    let mut record = Record::from_json(&json).map_err(|error| format!("{name}: {error}"))?;
    override_options(&mut record, options);
    let mut fleet = Fleet::of_record(record, settings, seed, now).map_err(|error| format!("{name}: {error}"))?;
    if options.instance.is_none() {
        fleet.queue_article_instance();
    }
    Ok(fleet)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {}", file.display(), tell::reason(&error)))
}

/// The command line wins over the record. Where neither has a word on IPv6, listening on it is the word.
fn override_options(record: &mut Record, options: &Options) {
    let listened_on = options.listen.iter().any(|address| address.is_ipv6()).then_some(Toggle::Enabled);
    let default = MetadataOptionsChange { http_protocol_ipv6: listened_on, ..MetadataOptionsChange::default() };
    record.metadata_options = options.metadata_options().or(&record.metadata_options).or(&default);
}
