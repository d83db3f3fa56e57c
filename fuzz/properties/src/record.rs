//! Records and fleets as text: what is read, printed and read again is the same, and what is made of it is whole.

use imds::record::{DEFAULT_RECORD, RecordError};
use imds::{Instance, Record, Seed};
use imds_ec2::fleet::{Fleet, Settings};
use serde_json::Value;

use crate::Target;
use crate::models::tree::{Tree, full, now};
use crate::seeds::{Inputs, distinct};

pub const TARGET: Target = Target {
    name: "record",
    property: "a record, a fleet and a snapshot that are read and printed are read as the same again; every name that the instance lists is there; an error is one line with its place",
    run,
    dictionary,
    seeds,
};

/// The first character says what it is: `{` begins a record, and any other stands before a fleet.
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
        Err(error) => return assert_clear(&error),
    };
    let printed = record.to_json();
    let again = Record::from_json(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert!(again == record, "it is read as another:\n{printed}");
    assert_eq!(again.to_json(), printed);
    let mut open = record;
    // The tree is walked without a token, and through an endpoint that is there.
    open.metadata_options.http_tokens = None;
    open.metadata_options.http_endpoint = None;
    let instance = match Instance::new(&open, &Seed::new([7; 32]), now()) {
        Ok(instance) => instance,
        Err(error) => return assert_clear(&error),
    };
    if text.len() > LARGEST_WALK {
        return;
    }
    let tree = Tree::walked(instance, Value::Null);
    assert_eq!(tree.missing, Vec::<String>::new(), "listed, and not there");
}

fn run_fleet(text: &str) {
    let fleet = match Fleet::from_json(text, Settings::default(), Seed::new([7; 32]), now()) {
        Ok(fleet) => fleet,
        Err(error) => return assert_clear(&error),
    };
    let snapshot = fleet.snapshot();
    let again =
        Fleet::restore(&snapshot, Settings::default(), now()).unwrap_or_else(|error| panic!("{error}\n{snapshot}"));
    assert_eq!(again.snapshot(), snapshot);
    // A snapshot is itself text that somebody may have written.
    if let Err(error) = Fleet::restore(text, Settings::default(), now()) {
        assert_clear(&error);
    }
}

fn assert_clear(error: &RecordError) {
    let text = error.to_string();
    assert!(!error.path.is_empty() && !error.reason.is_empty(), "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// The keys of the record that has everything, and values of each kind.
fn dictionary() -> Vec<String> {
    let mut words = Vec::new();
    keys(&full(), &mut words);
    words.extend(KEYS.iter().map(|key| format!("\"{key}\":")));
    words.extend(VALUES.map(String::from));
    words.sort();
    words.dedup();
    words
}

fn keys(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                words.push(format!("\"{key}\":"));
                keys(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, words)),
        Value::String(text) if text.len() <= 32 => words.push(format!("\"{text}\"")),
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
    // Those with other keys.
    distinct(records.chain(fleets), |data| {
        let mut words = Vec::new();
        keys(&serde_json::from_slice(data).unwrap_or_default(), &mut words);
        words.retain(|word| word.ends_with(':'));
        words.sort();
        words.dedup();
        words
    })
}

/// Of fleets, which the record that has everything does not have.
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
/// A tree has thousands of paths.
const LARGEST_WALK: usize = 512;
