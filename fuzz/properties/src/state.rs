//! The bytes of a state file: a server rejects them, or restores a fleet that works.

use imds::{Nonce, Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::{LaunchSeq, Settings};
use imds_ec2::query::{self, VERSION};
use imds_server::state_document;
use serde_json::Value;

use crate::Target;
use crate::models::tree::{Tree, now};
use crate::record;
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "state",
    property: "the bytes of a state file are rejected with an error of one line, or restored as a fleet that is the same after it is stored and restored again, and that launches, terminates and removes instances",
    run,
    dictionary,
    seeds,
};

fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let document = state_document::encode(text).into_bytes();
        assert_eq!(state_document::decode(document).as_deref(), Ok(text));
    }
    match state_document::decode(data.to_vec()) {
        Err(reason) => assert!(!reason.contains(char::is_control), "{reason:?}"),
        Ok(snapshot) => match Fleet::restore(&snapshot, SETTINGS, now()) {
            Err(error) => record::assert_one_line(&error),
            Ok(fleet) => run_fleet(fleet),
        },
    }
}

fn run_fleet(mut fleet: Fleet) {
    let mut at = now();
    assert_survives_a_restart(&fleet, at);
    if let Some(first) = fleet.first_launched() {
        // Reads nothing if the options require a token.
        Tree::walked(first.instance().clone(), Value::Null);
    }
    let changes = [
        "RunInstances&MinCount=1&MaxCount=2&ImageId=ami-0ce107ae7af2e92b5&ClientToken=fuzz\
         &NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true"
            .to_owned(),
        on_first(&fleet, "StopInstances&Force=true&InstanceId.1"),
        on_first(&fleet, "StartInstances&InstanceId.1"),
        on_first(&fleet, "ModifyInstanceMetadataOptions&HttpTokens=required&InstanceId"),
        on_first(&fleet, "TerminateInstances&InstanceId.1"),
    ];
    for (nonce, change) in (0..).zip(&changes) {
        call(&mut fleet, at, change, nonce);
        at = at.saturating_add_millis(1000);
        fleet.handle_timeout(at);
    }
    assert_survives_a_restart(&fleet, at);
    // Longer than a terminated instance is described.
    at = at.saturating_add_millis(2 * 3_600_000);
    fleet.handle_timeout(at);
    assert_survives_a_restart(&fleet, at);
}

/// Stores and restores a fleet, and compares the stored text and what the API and the metadata
/// show.
fn assert_survives_a_restart(fleet: &Fleet, at: Timestamp) {
    let snapshot = fleet.snapshot();
    let restored = Fleet::restore(&snapshot, SETTINGS, at).unwrap_or_else(|error| panic!("{error}\n{snapshot}"));
    assert_eq!(restored.snapshot(), snapshot);
    // Up to the time at which terminated instances are removed, and after it.
    for millis in [1, 1000, 3_600_000, 3_601_000] {
        let later = at.saturating_add_millis(millis);
        let snapshots = [fleet, &restored].map(|fleet| {
            let mut fleet = fleet.clone();
            fleet.handle_timeout(later);
            fleet.snapshot()
        });
        assert_eq!(snapshots[1], snapshots[0], "{millis} ms later");
        let at_once = Fleet::restore(&snapshot, SETTINGS, later).map(|fleet| fleet.snapshot());
        assert_eq!(at_once.as_ref(), Ok(&snapshots[0]), "restored {millis} ms later");
    }
    for description in ["DescribeInstances", "DescribeVolumes", "DescribeTags", "GetInstanceMetadataDefaults"] {
        let [before, after] = [fleet, &restored].map(|fleet| call(&mut fleet.clone(), at, description, 0));
        assert_eq!(after, before, "{description}:\n{snapshot}");
    }
    for (before, after) in fleet.instances(LaunchSeq::FIRST).zip(restored.instances(LaunchSeq::FIRST)) {
        let documents = [before, after].map(|instance| instance.instance().identity_document());
        assert_eq!(documents[0], documents[1], "{}:\n{snapshot}", before.id());
        let found = restored.instance(before.id()).map(|instance| instance.launch_seq());
        assert_eq!(found, Some(before.launch_seq()), "{}:\n{snapshot}", before.id());
    }
}

/// Sends a form and returns the response.
fn call(fleet: &mut Fleet, at: Timestamp, action: &str, nonce: u64) -> String {
    let form = format!("Version={VERSION}&Action={action}");
    let reply = query::handle(fleet, at, form.as_bytes(), Nonce::new(nonce));
    assert_ne!(reply.status, 500, "{form}");
    String::from_utf8(reply.body.into_bytes()).expect("XML is UTF-8")
}

/// An action whose last parameter is the id of the first instance.
fn on_first(fleet: &Fleet, action: &str) -> String {
    format!("{action}={}", fleet.first_launched().map_or("i-0", |instance| instance.id()))
}

/// The keys and short values of snapshots.
fn dictionary() -> Vec<String> {
    let mut entries = record::dictionary();
    for snapshot in [snapshot_of_all_kinds(), OLD.to_owned()] {
        record::keys(&serde_json::from_str(&snapshot).expect("a snapshot is JSON"), &mut entries);
    }
    entries.extend(NUMBERS.map(String::from));
    entries.sort();
    entries.dedup();
    entries
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let of_fleet = |json: &String| {
        let fleet = Fleet::from_json(json, SETTINGS, Seed::new([7; 32]), now());
        fleet.ok().map(|fleet| fleet.snapshot())
    };
    let snapshots: Vec<String> =
        inputs.fleets.iter().filter_map(of_fleet).chain([snapshot_of_all_kinds(), OLD.to_owned()]).collect();
    let documents = snapshots.iter().map(|snapshot| state_document::encode(snapshot)).take(1);
    let damaged = documents.clone().flat_map(|text| [text.replace("fleet", "float"), text.replace('0', "1")]);
    let small = ["", "{}", "[]", "{\"format\":\"imds-fleet\",\"version\":2}"].map(str::to_owned);
    let all = documents.clone().chain(damaged).chain(small).chain(snapshots.iter().cloned());
    let all = all.filter(|text| text.len() <= MAX_SEED_BYTES).map(String::into_bytes);
    // One for each set of keys, or error.
    distinct_by_outcome(all, |data| {
        let mut entries = Vec::new();
        record::keys(&serde_json::from_slice(data).unwrap_or_default(), &mut entries);
        entries.retain(|entry| entry.ends_with(':'));
        entries.sort();
        entries.dedup();
        (entries, state_document::decode(data.clone()).err())
    })
}

/// A snapshot with an instance in each state, queued overrides, client tokens and tags.
fn snapshot_of_all_kinds() -> String {
    let json = include_str!("../../../examples/article-fleet.json");
    let mut fleet = Fleet::from_json(json, SETTINGS, Seed::new([7; 32]), now()).expect("the article's fleet is valid");
    let launch = "RunInstances&MinCount=1&MaxCount=1&ImageId=ami-0ce107ae7af2e92b5&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
    for (nonce, change) in (0..).zip(["StopInstances&Force=true", "TerminateInstances", "DescribeInstances"]) {
        let before = fleet.len();
        call(&mut fleet, now(), &format!("{launch}&ClientToken=token-{nonce}"), nonce);
        fleet.handle_timeout(now().saturating_add_millis(1000));
        let last = fleet.instances(LaunchSeq::FIRST).nth(before).map(|instance| instance.id().clone());
        let form = format!("{change}&InstanceId.1={}", last.expect("an instance was launched"));
        call(&mut fleet, now().saturating_add_millis(1000), &form, nonce);
    }
    fleet.snapshot()
}

const SETTINGS: Settings = Settings::new().with_transition_millis(1000).with_loopback_port(Some(1338));
/// Written by an earlier version, without a checksum.
const OLD: &str = include_str!("../../../ec2/tests/snapshots/server_state.json");
const NUMBERS: [&str; 8] = [
    "4294967295",
    "4294967294",
    "18446744073709551615",
    "9007199254740991",
    "127.0.0.1",
    "127.0.0.68",
    "255.255.255.255",
    "0.0.0.0",
];
const MAX_SEED_BYTES: usize = 8192;
