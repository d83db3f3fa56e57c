//! The tree of an instance as its listings describe it, and instances that together have every
//! category.

use std::collections::BTreeMap;

use imds::http::{Request, Status};
use imds::record::DEFAULT_RECORD;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use serde_json::{Value, json};

/// An instance and its tree as its listings describe it. Paths have no final slash.
pub struct Tree {
    pub instance: Instance,
    pub record: Value,
    pub nodes: BTreeMap<String, Node>,
    /// The names that are listed and do not exist.
    pub missing: Vec<String>,
}

pub struct Node {
    pub is_directory: bool,
    pub body: Vec<u8>,
}

impl Tree {
    pub fn of(record: Value) -> Tree {
        let parsed = Record::from_json(&record.to_string()).unwrap();
        Tree::walked(Instance::new(&parsed, &Seed::new([7; 32]), now()).unwrap(), record)
    }

    /// The tree of an instance, and the record that it was created from.
    pub fn walked(instance: Instance, record: Value) -> Tree {
        let mut tree = Tree { instance, record, nodes: BTreeMap::new(), missing: Vec::new() };
        tree.walk(String::new(), true);
        tree
    }

    fn walk(&mut self, path: String, is_directory: bool) {
        let target = if path.is_empty() { "/" } else { &path };
        let Some(body) = self.get(target) else { return self.missing.push(path) };
        if is_directory {
            for name in String::from_utf8(body.clone()).unwrap().split('\n') {
                let (segment, is_directory) = read_name(&self.record, &path, name);
                self.walk(format!("{path}/{segment}"), is_directory);
            }
        }
        self.nodes.insert(path, Node { is_directory, body });
    }

    /// The body of a 200, or `None` for a 404. The path consists of names, and is not
    /// percent-encoded.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.get_as_is(&encoded(path))
    }

    /// The same for a path as it is sent.
    pub fn get_as_is(&self, path: &str) -> Option<Vec<u8>> {
        let head = format!("GET {path} HTTP/1.0\r\n\r\n");
        let answer = self.instance.answer(now(), &Request::parse(head.as_bytes()), Context::new(Nonce::new(0)));
        let mut bytes = Vec::new();
        answer.write(&mut bytes);
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        match answer.response.status {
            Status::Ok => Some(bytes.split_off(end + 4)),
            Status::NotFound => None,
            other => panic!("{path}: {other:?}"),
        }
    }
}

/// The path, percent-encoded for a request target.
fn encoded(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        match byte {
            b'%' | b'?' | b'#' => encoded.push_str(&format!("%{byte:02x}")),
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The segment of a name in a listing, and whether it is a directory.
fn read_name<'a>(record: &Value, path: &str, name: &'a str) -> (&'a str, bool) {
    // "Names of directories end in `/` at meta-data level and below; version names and
    // `dynamic|meta-data|user-data` do not."
    match path.matches('/').count() {
        0 => (name, true),
        1 => (name, name == "dynamic" || name == "meta-data" || has_extra_below(record, name)),
        _ => match (name.strip_suffix('/'), name.split_once('=')) {
            (Some(directory), _) => (directory, true),
            (None, Some((index, _))) if path.ends_with("/public-keys") => (index, true),
            _ => (name, false),
        },
    }
}

/// Whether the record adds paths below a name of a version.
fn has_extra_below(record: &Value, name: &str) -> bool {
    let mut paths = record["extra"].as_object().into_iter().flat_map(|extra| extra.keys());
    paths.any(|path| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
}

/// The default instance, the article's, a minimal one, one with every category, and four with other
/// features.
pub fn records() -> Vec<Value> {
    vec![
        serde_json::from_str(DEFAULT_RECORD).unwrap(),
        serde_json::from_str(include_str!("../../examples/article.json")).unwrap(),
        json!({"instance_type": "t3.micro"}),
        full(),
        json!({"instance_type": "m5.large", "network_interfaces": [
            {"ipv6s": ["2001:db8::7"], "subnet_ipv6_cidr_blocks": ["2001:db8::/64"]}]}),
        json!({"instance_type": "d2.xlarge", "availability_zone_id": false, "domain_names": ["a.example", "b.example"],
            "network_interfaces": [{"local_ipv4s": ["10.0.0.4"]}, {"local_ipv4s": [], "security_groups": []}]}),
        json!({"instance_type": "t3.micro", "extra": {"meta-data/new/text": "a text\n", "meta-data/new/json": {"a": [1]},
            "meta-data/placement/new": 1, "dynamic/a-first/b": "b", "new/a": ""}}),
        json!({"instance_type": "m7g.large", "availability_zone": "us-gov-west-1b", "newest_version": "2009-04-04",
            "metadata_options": {"instance_metadata_tags": "enabled"}}),
    ]
}

/// The record of `transcripts/catalogue.txt`, and the notices, the role and the events of other
/// transcripts.
pub fn full() -> Value {
    let (_, transcript) = include_str!("../transcripts/catalogue.txt").split_once("\ninstance ").unwrap();
    let (record, _) = transcript.split_once("\n\n").unwrap();
    let mut record: Value = serde_json::from_str(record).unwrap();
    record["role"] = json!({"name": "a-role"});
    record["outpost_arn"] = json!("arn:aws-cn:outposts:cn-north-1:123456789012:outpost/op-0123456789abcdef0");
    record["network_interfaces"][0]["ipv4_prefixes"] = json!(["10.0.0.16/28", "10.0.0.32/28"]);
    record["spot_interruption"] = json!({"action": "terminate", "time": "2026-01-01T00:02:00Z"});
    record["rebalance_recommendation"] = json!({"notice_time": "2026-01-01T00:00:00Z"});
    record["maintenance_events"] = json!([{"code": "system-reboot", "event_id": "instance-event-1", "description": "a reboot",
        "state": "active", "not_before": "2026-01-02T00:00:00Z"}]);
    record
}

/// The time of all requests.
pub fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap()
}
