//! Records and fleets as JSON: parsing the printed value gives the same value, and its instances
//! are readable.

use imds::record::{DEFAULT_RECORD, RecordError};
use imds::write::is_hidden;
use imds::{Instance, Record, Seed};
use imds_ec2::fleet::{Fleet, Settings};
use serde_json::Value;

use crate::Target;
use crate::models::tree::{Tree, full, now};
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "record",
    property: "a record, a fleet or a snapshot that is parsed and printed parses as the same value; every name that the instance lists is readable, and its response is bounded by the record; an error is one line with its location",
    run,
    dictionary,
    seeds,
};

/// An input that begins with `{` is a record. Otherwise the text after the first character is a
/// fleet.
fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.starts_with('{') {
        run_record(text);
    } else if let Some(first) = text.chars().next() {
        run_fleet(&text[first.len_utf8()..]);
    }
}

fn run_record(text: &str) {
    let record = match Record::from_json(text) {
        Ok(record) => record,
        Err(error) => return assert_one_line(&error),
    };
    let printed = record.to_json();
    let parsed_again = Record::from_json(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert!(parsed_again == record, "it parses as another record:\n{printed}");
    assert_eq!(parsed_again.to_json(), printed);
    let mut readable = record;
    // The walk sends no token and needs an enabled endpoint.
    readable.metadata_options.http_tokens = None;
    readable.metadata_options.http_endpoint = None;
    let instance = match Instance::new(&readable, &Seed::new([7; 32]), now()) {
        Ok(instance) => instance,
        Err(error) => return assert_one_line(&error),
    };
    if text.len() > MAX_WALK_BYTES {
        return;
    }
    let tree = Tree::walked(instance, Value::Null);
    assert_eq!(tree.missing, Vec::<String>::new(), "listed but not readable");
    let bound = BODY_BYTES + BODY_BYTES_PER_BYTE * printed.len();
    for (path, node) in &tree.nodes {
        assert!(node.body.len() <= bound, "{path}: {} bytes are more than {bound}", node.body.len());
    }
}

fn run_fleet(text: &str) {
    let fleet = match Fleet::from_json(text, Settings::default(), Seed::new([7; 32]), now()) {
        Ok(fleet) => fleet,
        Err(error) => return assert_one_line(&error),
    };
    let snapshot = fleet.snapshot();
    let restored =
        Fleet::restore(&snapshot, Settings::default(), now()).unwrap_or_else(|error| panic!("{error}\n{snapshot}"));
    assert_eq!(restored.snapshot(), snapshot);
    // The text may also be an edited snapshot.
    if let Err(error) = Fleet::restore(text, Settings::default(), now()) {
        assert_one_line(&error);
    }
}

pub fn assert_one_line(error: &RecordError) {
    let text = error.to_string();
    assert!(!error.path.is_empty() && !error.reason.is_empty(), "{text:?}");
    assert!(!text.contains(is_hidden), "{text:?}");
}

/// The keys and short values of the record with every field, and values of each JSON type.
pub fn dictionary() -> Vec<String> {
    let mut entries = Vec::new();
    keys(&full(), &mut entries);
    entries.extend(KEYS.iter().map(|key| format!("\"{key}\":")));
    entries.extend(VALUES.map(String::from));
    entries.sort();
    entries.dedup();
    entries
}

pub fn keys(value: &Value, entries: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                entries.push(format!("\"{key}\":"));
                keys(value, entries);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, entries)),
        Value::String(text) if text.len() <= 32 => entries.push(format!("\"{text}\"")),
        _ => {}
    }
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let bare = r#"{"instance_type": "t3.micro"}"#;
    let errors = [r#"{"instance_type": 1}"#, "{}", r#"{"instance_type": "t3.micro", "tags": {"a/b": ""}}"#];
    let whole = full().to_string();
    let records = inputs.records.iter().map(String::as_str).chain([DEFAULT_RECORD, &whole, bare]).chain(errors);
    let records = records.filter(|text| text.len() <= 8192).map(|text| text.trim().as_bytes().to_vec());
    let fleets = inputs.fleets.iter().map(String::as_str).chain([include_str!("../../../examples/article-fleet.json")]);
    let fleets = fleets.map(|text| [b" ", text.as_bytes()].concat());
    // One for each set of keys.
    distinct_by_outcome(records.chain(fleets), |data| {
        let mut entries = Vec::new();
        keys(&serde_json::from_slice(data).unwrap_or_default(), &mut entries);
        entries.retain(|entry| entry.ends_with(':'));
        entries.sort();
        entries.dedup();
        entries
    })
}

/// Keys of fleets, which a record does not have.
const KEYS: &[&str] =
    &["launch_template", "account_defaults", "images", "instances", "next_instances", "instance_id", "interfaces"];
const VALUES: [&str; 14] = [
    "{}",
    "[]",
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"%\"",
    "\"..\"",
    "\"a/b\"",
    "\"::1\"",
];
/// A signed identity document of short values.
const BODY_BYTES: usize = 4096;
/// An interface without values, which takes 3 bytes of the record, is a MAC address in a listing.
const BODY_BYTES_PER_BYTE: usize = 8;
/// Larger records have trees of thousands of paths, which take too long.
const MAX_WALK_BYTES: usize = 512;
