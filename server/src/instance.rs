//! The instance that is served, from a record and the command line.

use std::fs;

use imds::record::{DEFAULT_RECORD, RecordError, Toggle};
use imds::{Instance, Record, Seed, Timestamp};

use crate::args::Options;
use crate::tell;

/// Launches the instance; an error is one line that names the file and the place in it.
pub fn launch(options: &Options, seed: &Seed, now: Timestamp) -> Result<Instance, String> {
    let (name, json) = match &options.instance {
        None => ("the default record".to_owned(), DEFAULT_RECORD.to_owned()),
        Some(file) => {
            let json = fs::read_to_string(file)
                .map_err(|error| format!("cannot read {}: {}", file.display(), tell::reason(&error)))?;
            (file.display().to_string(), json)
        }
    };
    let tell = |error: RecordError| match error.path.as_str() {
        "." => format!("{name}: {}", error.reason),
        _ => format!("{name}: {error}"),
    };
    let mut record = Record::from_json(&json).map_err(tell)?;
    override_options(&mut record, options);
    Instance::new(&record, seed, now).map_err(tell)
}

/// The command line wins over the record. Where neither has a word on IPv6, listening on it is the word.
fn override_options(record: &mut Record, options: &Options) {
    let own = &mut record.metadata_options;
    let flags = options.metadata_options();
    own.http_tokens = flags.http_tokens.or(own.http_tokens);
    own.http_put_response_hop_limit = flags.http_put_response_hop_limit.or(own.http_put_response_hop_limit);
    own.http_endpoint = flags.http_endpoint.or(own.http_endpoint);
    own.instance_metadata_tags = flags.instance_metadata_tags.or(own.instance_metadata_tags);
    let listened_on = options.listen.iter().any(|address| address.is_ipv6()).then_some(Toggle::Enabled);
    own.http_protocol_ipv6 = flags.http_protocol_ipv6.or(own.http_protocol_ipv6).or(listened_on);
}
