//! Identity documents are signed by the operations that change them.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::exchange;
use imds::record::{IdentityKeys, IdentitySignatures, IdentitySigner, RecordError};
use imds::{Instance, Nonce, Record, Seed, Timestamp};
use imds_ec2::fleet::{Fleet, FleetError, Launch, Settings};
use imds_ec2::query;

/// "Signs" with its name and the document itself, and counts its signatures.
struct Signer {
    name: &'static str,
    count: AtomicUsize,
}

impl IdentitySigner for Signer {
    fn sign(&self, document: &[u8], time: Timestamp) -> Option<IdentitySignatures> {
        self.count.fetch_add(1, Ordering::Relaxed);
        Some(IdentitySignatures::encode(self.name.as_bytes(), time.to_string().as_bytes(), document))
    }
}

/// One signer for records with a key, and one for those without.
struct Keys {
    own: Arc<Signer>,
    default: Option<Arc<Signer>>,
}

impl IdentityKeys for Keys {
    fn read(&self, certificate: &str, private_key: &str) -> Result<Arc<dyn IdentitySigner>, RecordError> {
        match (certificate, private_key) {
            ("C", "K") => Ok(self.own.clone()),
            _ => Err(RecordError { path: "identity.private_key".into(), reason: "no key".into() }),
        }
    }

    fn default_key(&self) -> Option<Arc<dyn IdentitySigner>> {
        self.default.clone().map(|signer| signer as Arc<dyn IdentitySigner>)
    }
}

#[test]
fn each_operation_that_changes_a_document_signs_it_once_and_no_other_does() {
    let keys = keys(true);
    let settings = Settings::new().with_identity_keys(Some(keys));
    let own = || keys.own.count.swap(0, Ordering::Relaxed);
    let mut fleet = Fleet::from_record(record(KEY), settings, Seed::new([1; 32]), at(0)).unwrap();
    assert_eq!(own(), 1);
    let id = fleet.first_launched().unwrap().id().clone();
    assert_signed(&fleet, &id, at(0), "own");

    fleet.stop(at(5000), &id).unwrap();
    assert_eq!(own(), 0);
    fleet.start(at(9000), &id).unwrap();
    assert_eq!(own(), 1);
    assert_signed(&fleet, &id, at(9000), "own");

    let mut other = record(KEY);
    other.instance_type = "t3.large".try_into().unwrap();
    fleet.replace(at(9000), &id, &other).unwrap();
    assert_eq!(own(), 1);
    assert_signed(&fleet, &id, at(9000), "own");

    fleet.set_tags(at(9000), &id, &[("a".into(), "b".into())].into()).unwrap();
    fleet.modify_options(at(9000), &id, &other.metadata_options).unwrap();
    assert_eq!(own(), 0, "the document has neither tags nor options");

    let restored = Fleet::restore(&fleet.snapshot(), settings, at(9500)).unwrap();
    assert_eq!(own(), 1);
    assert_signed(&restored, &id, at(9500), "own");

    // The launch template has the key of the record.
    let launched = fleet.launch(at(9500), &Launch::new(fleet.launch_template().clone()).with_count(3)).unwrap();
    assert_eq!(own(), 3);
    for id in &launched {
        assert_signed(&fleet, id, at(9500), "own");
    }
    assert_eq!(keys.default.as_ref().unwrap().count.load(Ordering::Relaxed), 0);
    assert_eq!(own(), 0, "requests do not sign");
}

#[test]
fn the_default_key_signs_for_records_without_a_key_and_without_signatures() {
    let settings = Settings::new().with_identity_keys(Some(keys(true)));
    let mut fleet = Fleet::new(Seed::new([1; 32]));
    fleet.set_settings(settings);
    let mut launch = |identity: &str| fleet.launch(at(0), &Launch::new(record(identity))).unwrap().remove(0);
    let (default, own, text) = (launch("{}"), launch(KEY), launch(r#"{ "signature": "UDc=" }"#));
    assert_signed(&fleet, &default, at(0), "default");
    assert_signed(&fleet, &own, at(0), "own");
    assert_eq!(read(&fleet, &text, at(0), "signature"), "UDc=");
    assert_eq!(read(&fleet, &text, at(0), "pkcs7"), read(&unsigned(), &default, at(0), "pkcs7"));
}

#[test]
fn a_key_is_rejected_where_nothing_signs() {
    let reason = "identity.certificate: only the server `imds` signs: remove `certificate` and `private_key`, or set \
        `pkcs7`, `rsa2048` and `signature`";
    let error = Instance::new(&record(KEY), &Seed::new([1; 32]), at(0)).unwrap_err();
    assert_eq!(error.to_string(), reason);
    let mut fleet = unsigned();
    let id = fleet.first_launched().unwrap().id().clone();
    let errors = [
        fleet.launch(at(0), &Launch::new(record(KEY))).unwrap_err(),
        fleet.replace(at(0), &id, &record(KEY)).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, FleetError::Record(_)));
        assert_eq!(error.to_string(), reason);
    }
    for (json, path) in [
        (format!(r#"{{ "launch_template": {} }}"#, json(KEY)), "launch_template."),
        (format!(r#"{{ "instances": [{}] }}"#, json(KEY)), "instances[0]."),
    ] {
        let error = Fleet::from_json(&json, Settings::default(), Seed::new([1; 32]), at(0)).unwrap_err();
        assert_eq!(error.to_string(), format!("{path}{reason}"));
    }
}

#[test]
fn a_key_that_cannot_be_read_launches_nothing() {
    let mut fleet = Fleet::new(Seed::new([1; 32]));
    fleet.set_settings(Settings::new().with_identity_keys(Some(keys(false))));
    let bad = record(r#"{ "certificate": "C", "private_key": "other" }"#);
    let error = fleet.launch(at(0), &Launch::new(bad)).unwrap_err();
    assert_eq!(error.to_string(), "identity.private_key: no key");
    assert!(fleet.is_empty());
}

#[test]
fn a_launch_template_with_a_key_is_described() {
    let file = format!(r#"{{ "launch_template": {} }}"#, json(KEY));
    let settings = Settings::new().with_identity_keys(Some(keys(false)));
    let mut fleet = Fleet::from_json(&file, settings, Seed::new([1; 32]), at(0)).unwrap();
    for action in ["DescribeRegions", "DescribeAvailabilityZones", "DescribeInstances"] {
        let form = format!("Action={action}&Version=2016-11-15");
        let response = query::handle(&mut fleet, at(0), form.as_bytes(), Nonce::new(1));
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body.into_bytes()));
    }
}

#[test]
fn a_long_response_to_a_launch_signs_each_document_once() {
    let keys = keys(true);
    let settings = Settings::new().with_identity_keys(Some(keys));
    let mut fleet = Fleet::from_record(record(KEY), settings, Seed::new([1; 32]), at(0)).unwrap();
    let own = || keys.own.count.swap(0, Ordering::Relaxed);
    own();
    let form = b"Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=100&MaxCount=100";
    for nonce in 1..=2 {
        let response = query::handle(&mut fleet, at(0), form, Nonce::new(nonce));
        assert!(response.body.in_memory().is_none(), "it is not long");
        let document = String::from_utf8(response.body.into_bytes()).unwrap();
        assert_eq!(document.matches("<instanceId>").count(), 100);
        assert!(document.ends_with("</RunInstancesResponse>"));
        assert_eq!(own(), 100);
    }
}

#[test]
fn debug_shows_no_private_key() {
    let mut record = record(KEY);
    record.identity.private_key = Some("-----BEGIN PRIVATE KEY-----".into());
    let settings = Settings::new().with_identity_keys(Some(keys(true)));
    for text in [format!("{record:?}"), format!("{settings:?}"), format!("{:?}", unsigned())] {
        assert!(!text.contains("PRIVATE"), "{text}");
    }
}

/// Asserts that the served signatures are those of the served document at its time.
fn assert_signed(fleet: &Fleet, id: &str, now: Timestamp, name: &str) {
    let document = read(fleet, id, now, "document");
    let (_, time) = document.split_once("\"pendingTime\" : \"").unwrap();
    let time = Timestamp::parse_rfc3339(time.split('"').next().unwrap()).unwrap();
    let signer = Signer { name: if name == "own" { "own" } else { "default" }, count: AtomicUsize::new(0) };
    let expected = signer.sign(document.as_bytes(), time).unwrap();
    assert_eq!(read(fleet, id, now, "pkcs7"), expected.pkcs7);
    assert_eq!(read(fleet, id, now, "rsa2048"), expected.rsa2048);
    assert_eq!(read(fleet, id, now, "signature"), expected.signature);
    assert!(expected.signature.lines().rev().skip(1).all(|line| line.len() == 76));
}

fn read(fleet: &Fleet, id: &str, now: Timestamp, name: &str) -> String {
    let head = format!("GET /latest/dynamic/instance-identity/{name} HTTP/1.1\r\nHost: imds\r\n\r\n");
    let (status, body) = exchange(fleet.instance(id).unwrap().instance(), now, &head);
    assert_eq!(status, 200);
    body
}

/// A fleet without keys, with one instance.
fn unsigned() -> Fleet {
    let mut fleet = Fleet::new(Seed::new([1; 32]));
    fleet.launch(at(0), &Launch::new(record("{}"))).unwrap();
    fleet
}

fn keys(has_default: bool) -> &'static Keys {
    let signer = |name| Arc::new(Signer { name, count: AtomicUsize::new(0) });
    Box::leak(Box::new(Keys { own: signer("own"), default: has_default.then(|| signer("default")) }))
}

fn json(identity: &str) -> String {
    format!(r#"{{ "instance_type": "t3.micro", "identity": {identity} }}"#)
}

fn record(identity: &str) -> Record {
    Record::from_json(&json(identity)).unwrap()
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + millis).unwrap()
}

const KEY: &str = r#"{ "certificate": "C", "private_key": "K" }"#;
