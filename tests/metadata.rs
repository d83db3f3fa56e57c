//! The metadata trees of several instances in every version, as their listings describe them.

#[path = "models/tree.rs"]
mod model;

use std::collections::{BTreeMap, BTreeSet};

use imds::http::Request;
use imds::metadata::categories;
use imds::time::Timestamp;
use imds::version::{LATEST, VERSIONS};
use imds::{Context, Instance, Nonce, Record, Seed};
use model::{Tree, full, records};
use serde_json::{Value, json};

#[test]
fn every_listed_name_exists() {
    for tree in trees() {
        assert_eq!(tree.missing, Vec::<String>::new());
        assert!(tree.nodes.len() > tree.versions().len(), "only versions are listed");
    }
}

#[test]
fn listings_are_sorted_without_duplicates_or_final_line_feed() {
    for tree in trees() {
        for (path, listing) in tree.listings() {
            let names: Vec<&str> = listing.split('\n').collect();
            assert!(names.is_sorted_by(|one, next| one < next), "{path}: {names:?}");
            assert!(!names.contains(&""), "{path}: {names:?}");
        }
    }
}

#[test]
fn a_final_slash_is_ignored() {
    for tree in trees() {
        for (path, node) in &tree.nodes {
            assert_eq!(tree.get(&format!("{path}/")), Some(node.body.clone()), "{path}/");
        }
    }
}

#[test]
fn dot_segments_are_resolved() {
    let tree = Tree::of(full());
    for (path, node) in &tree.nodes {
        for dots in ["/.", "/./", "/unknown/..", "/unknown/./more/../../"] {
            assert_eq!(tree.get(&format!("{path}{dots}")), Some(node.body.clone()), "{path}{dots}");
        }
    }
}

#[test]
fn a_name_that_is_not_listed_does_not_exist() {
    for tree in trees() {
        for version in VERSIONS.iter().chain(&[LATEST]) {
            for path in categories().iter().flat_map(|category| tree.filled(&category.path())) {
                let path = format!("/{version}/{path}");
                assert_eq!(tree.get(&path).is_some(), tree.nodes.contains_key(&path), "{path}");
            }
            for path in ["api", "meta-data/iam/security-credentials-extended", "meta-data/...", UNKNOWN] {
                assert_eq!(tree.get(&format!("/{version}/{path}")), None, "/{version}/{path}");
            }
        }
    }
}

#[test]
fn a_value_has_nothing_below_it() {
    for tree in trees() {
        for path in tree.nodes.iter().filter(|(_, node)| !node.is_directory).map(|(path, _)| path) {
            assert_eq!(tree.get(&format!("{path}/{UNKNOWN}")), None, "{path}");
        }
    }
}

#[test]
fn an_instance_has_the_versions_up_to_its_newest_which_is_latest() {
    for newest in 0..VERSIONS.len() {
        let mut record = full();
        record["newest_version"] = json!(VERSIONS[newest]);
        let tree = Tree::of(record);
        let mut known = VERSIONS[..=newest].to_vec();
        known.push(LATEST);
        assert_eq!(tree.text("/"), known.join("\n"));
        for later in &VERSIONS[newest + 1..] {
            assert_eq!(tree.get(&format!("/{later}")), None, "{later} on {}", VERSIONS[newest]);
            assert_eq!(tree.get(&format!("/{later}/meta-data/ami-id")), None, "{later} on {}", VERSIONS[newest]);
        }
        let of = |version| tree.below(&format!("/{version}"));
        assert_eq!(of(LATEST), of(VERSIONS[newest]));
    }
    assert_eq!(Tree::of(full()).get("/2023-01-01/meta-data/ami-id"), None, "a date that is not a version");
}

#[test]
fn a_category_exists_from_its_version_on() {
    let mut seen = BTreeSet::new();
    for tree in trees() {
        let exists = |version: &str, path: &str| tree.nodes.contains_key(&format!("/{version}/{path}"));
        for category in categories() {
            for path in tree.filled(&category.path()).iter().filter(|path| exists(LATEST, path)) {
                // "everything below `network/` from 2011-01-01 at least"; "dynamic from 2009-04-04"
                let around = if path.starts_with("meta-data/network/") { "2011-01-01" } else { "1.0" };
                let since = category.since().max(around);
                for version in tree.versions() {
                    assert_eq!(exists(&version, path), *since <= *version, "/{version}/{path}, since {since}");
                }
                seen.insert(category.path());
            }
        }
    }
    let unseen: Vec<String> =
        categories().iter().map(|category| category.path()).filter(|path| !seen.contains(path)).collect();
    assert_eq!(unseen, Vec::<String>::new(), "categories that no instance of this test has");
}

#[test]
fn each_category_has_its_documented_or_recorded_version() {
    let actual: BTreeMap<String, &str> =
        categories().iter().map(|category| (category.path(), category.since())).collect();
    assert_eq!(actual.len(), categories().len(), "two categories have the same path");
    let mut expected = BTreeMap::new();
    for (version, below, names) in FIRST_VERSIONS {
        for name in names.split_whitespace() {
            expected.insert(format!("{below}{name}"), *version);
        }
    }
    assert_eq!(actual, expected);
}

#[test]
fn the_identity_document_agrees_with_the_categories() {
    for tree in trees_of_the_newest_version() {
        let document = tree.json("/latest/dynamic/instance-identity/document");
        let leaf = |name: &str| tree.leaf(name).map_or(Value::Null, Value::String);
        let lines = |name: &str| tree.leaf(name).map_or(Value::Null, |text| text.split('\n').collect());
        assert_eq!(document["availabilityZone"], leaf("placement/availability-zone"));
        assert_eq!(document["imageId"], leaf("ami-id"));
        assert_eq!(document["instanceId"], leaf("instance-id"));
        assert_eq!(document["instanceType"], leaf("instance-type"));
        assert_eq!(document["kernelId"], leaf("kernel-id"));
        assert_eq!(document["marketplaceProductCodes"], lines("product-codes"));
        assert_eq!(document["privateIp"], leaf("local-ipv4"));
        assert_eq!(document["ramdiskId"], leaf("ramdisk-id"));
        assert_eq!(document["accountId"], tree.json("/latest/meta-data/identity-credentials/ec2/info")["AccountId"]);
        let launched = Timestamp::parse_rfc3339(document["pendingTime"].as_str().unwrap()).unwrap();
        assert_eq!(launched, tree.instance.details().launch_time);
        assert_eq!(document["region"], leaf("placement/region"));
    }
}

#[test]
fn the_interfaces_agree_with_the_instance() {
    for tree in trees_of_the_newest_version() {
        let document = tree.json("/latest/dynamic/instance-identity/document");
        let interfaces = tree.leaf("network/interfaces/macs").unwrap();
        let mut primary = 0;
        for directory in interfaces.split('\n') {
            let of = |name: &str| tree.leaf(&format!("network/interfaces/macs/{directory}{name}"));
            assert_eq!(of("mac").as_deref(), directory.strip_suffix('/'));
            assert_eq!(of("owner-id").as_deref(), document["accountId"].as_str());
            assert_eq!(first_line(of("vpc-ipv4-cidr-blocks")), of("vpc-ipv4-cidr-block"));
            assert_eq!(of("subnet-ipv6-cidr-blocks").is_some(), of("ipv6s").is_some());
            assert_eq!(sorted_lines(of("public-ipv4s")), sorted_lines(of("ipv4-associations")));
            let associated = of("ipv4-associations").into_iter().flat_map(|publics| {
                publics.split('\n').map(|public| of(&format!("ipv4-associations/{public}"))).collect::<Vec<_>>()
            });
            for private in associated {
                assert!(sorted_lines(of("local-ipv4s")).contains(&private.unwrap()));
            }
            let instance_name = first_label(tree.leaf("hostname"));
            let local_name = name_of(of("local-ipv4s"), "ip-").or(instance_name);
            assert_eq!(first_label(of("local-hostname")), local_name);
            assert_eq!(name_of(of("public-ipv4s"), "ec2-"), first_label(of("public-hostname")));
            if of("device-number").as_deref() != Some("0") {
                continue;
            }
            primary += 1;
            assert_eq!(tree.leaf("mac"), of("mac"));
            assert_eq!(tree.leaf("local-ipv4"), first_line(of("local-ipv4s")));
            assert_eq!(tree.leaf("public-ipv4"), first_line(of("public-ipv4s")));
            assert_eq!(tree.leaf("ipv6"), first_line(of("ipv6s")));
            assert_eq!(tree.leaf("public-hostname"), of("public-hostname"));
            assert_eq!(tree.leaf("security-groups"), of("security-groups"));
            assert_eq!(tree.leaf("hostname"), tree.leaf("local-hostname"));
            assert_eq!(tree.leaf("hostname"), of("local-hostname"));
            if of("local-ipv4s").is_none() {
                assert_eq!(first_label(tree.leaf("hostname")), tree.leaf("instance-id"));
            }
        }
        assert_eq!(primary, 1, "{interfaces}");
    }
}

#[test]
fn role_partition_and_domain_are_the_same_everywhere() {
    for tree in trees_of_the_newest_version() {
        let document = tree.json("/latest/dynamic/instance-identity/document");
        let (account, region) = (document["accountId"].as_str().unwrap(), document["region"].as_str().unwrap());
        assert!(document["availabilityZone"].as_str().unwrap().starts_with(region));
        let (domain, partition) = (tree.leaf("services/domain").unwrap(), tree.leaf("services/partition").unwrap());
        if let Some(public) = tree.leaf("public-hostname") {
            assert!(public.ends_with(&domain), "{public}");
            assert!(public.contains(region) || public.contains(".compute-1."), "{public}");
        }
        let Some(role) = tree.leaf("iam/security-credentials") else {
            assert_eq!(tree.leaf("iam/info"), None);
            continue;
        };
        let info = tree.json("/latest/meta-data/iam/info");
        let credentials = tree.json(&format!("/latest/meta-data/iam/security-credentials/{role}"));
        assert_eq!(info["InstanceProfileArn"], format!("arn:{partition}:iam::{account}:instance-profile/{role}"));
        assert!(info["LastUpdated"].as_str() >= credentials["LastUpdated"].as_str());
    }
}

#[test]
fn the_tag_set_is_one_json_object_of_all_tags() {
    for tags in [json!({}), json!({"a": ""}), json!({"Name": "\"quoted\" \\ \u{1}\n\u{fc}", "a.b:c": "2", "z=@": " "})]
    {
        let tree = Tree::of(json!({"instance_type": "t3.nano", "tags": tags,
            "metadata_options": {"instance_metadata_tags": "enabled"}}));
        assert_eq!(tree.leaf("tag-sets").as_deref(), Some("instance"));
        assert_eq!(tree.json("/latest/meta-data/tag-sets/instance"), tags);
        assert_eq!(tree.leaf("tags").is_some(), tags != json!({}));
        assert_eq!(tree.get("/2024-04-11/meta-data/tag-sets"), None);
    }
    let hidden = Tree::of(json!({"instance_type": "t3.nano", "tags": {"a": "b"}}));
    assert_eq!((hidden.leaf("tag-sets"), hidden.leaf("tag-sets/instance")), (None, None));
}

#[test]
fn only_xen_serves_2022_07_09() {
    for (instance_type, count, has_it) in [("t3.nano", 30, false), ("t2.nano", 31, true)] {
        let tree = Tree::of(json!({"instance_type": instance_type}));
        let versions = tree.versions();
        assert_eq!(versions.len(), count, "{instance_type}");
        assert_eq!(versions.iter().any(|version| version == "2022-07-09"), has_it, "{instance_type}");
        assert_eq!(tree.get("/2022-07-09").is_some(), has_it, "{instance_type}");
    }
}

#[test]
fn credentials_are_issued_up_to_106_s_before_iam_info_and_live_6_h_and_1_to_27_min() {
    let (mut early, mut life) = (BTreeSet::new(), BTreeSet::new());
    for hours in 0..500 {
        let [info, updated, expiration] = credential_times(&json!({}), hours);
        assert_eq!(info, launched().saturating_add_seconds(hours * 3600));
        let seconds_early = info.millis_since(updated) / 1000;
        assert!((launched()..=info).contains(&updated) && seconds_early <= 106, "{updated} of {info}");
        let minutes = (expiration.millis_since(updated) / 1000 - 6 * 3600) as f64 / 60.0;
        assert!((1.0..=27.0).contains(&minutes), "{updated} to {expiration}");
        early.insert(seconds_early);
        life.insert(expiration.millis_since(updated));
    }
    // Within the range, each value is about as probable as another.
    assert!(early.first() < Some(&5) && early.last() > Some(&101), "{early:?}");
    assert!(life.len() > 300, "{life:?}");
}

#[test]
fn without_jitter_credentials_have_the_time_of_iam_info_and_live_6_h() {
    for hours in [0, 1, 2, 499] {
        let [info, updated, expiration] = credential_times(&json!({"credential_jitter": "disabled"}), hours);
        assert_eq!(info, launched().saturating_add_seconds(hours * 3600));
        assert_eq!((updated, expiration), (info, info.saturating_add_seconds(6 * 3600)));
    }
}

#[test]
fn the_last_modified_of_credentials_is_their_last_updated() {
    let now = launched().saturating_add_seconds(5 * 3600 + 7);
    let instance = with_role(&json!({}));
    for (document, credentials) in [
        ("iam/info", "iam/security-credentials/a-role"),
        ("identity-credentials/ec2/info", "identity-credentials/ec2/security-credentials/ec2-instance"),
    ] {
        let [of_document, of_credentials] = [document, credentials].map(|path| {
            let (head, body) = get_at(&instance, now, &format!("/latest/meta-data/{path}"));
            let updated = time(&body, "LastUpdated");
            let date = String::from_utf8(updated.http_date().to_vec()).unwrap();
            assert!(head.contains(&format!("\r\nLast-Modified: {date}\r\n")), "{path}: {head}");
            updated
        });
        assert!(of_credentials < of_document, "{credentials} of {document}");
    }
}

/// The `LastUpdated` of `iam/info`, and the `LastUpdated` and `Expiration` of the credentials, so
/// many hours and a few seconds after the launch.
fn credential_times(more: &Value, hours: u64) -> [Timestamp; 3] {
    let instance = with_role(more);
    let now = launched().saturating_add_seconds(hours * 3600 + hours % 3600);
    let (_, info) = get_at(&instance, now, "/latest/meta-data/iam/info");
    let (_, credentials) = get_at(&instance, now, "/latest/meta-data/iam/security-credentials/a-role");
    [time(&info, "LastUpdated"), time(&credentials, "LastUpdated"), time(&credentials, "Expiration")]
}

/// An instance with a role, and these keys in its record.
fn with_role(more: &Value) -> Instance {
    let mut record =
        json!({"instance_type": "t3.nano", "launch_time": launched().to_string(), "role": {"name": "a-role"}});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Instance::new(&Record::from_json(&record.to_string()).unwrap(), &Seed::new([7; 32]), launched()).unwrap()
}

/// The head and the body of the response at this time.
fn get_at(instance: &Instance, now: Timestamp, path: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    let mut bytes = Vec::new();
    instance.answer(now, &Request::parse(request.as_bytes()), Context::new(Nonce::new(0))).write(&mut bytes);
    let response = String::from_utf8(bytes).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.to_string(), body.to_string())
}

fn time(document: &str, key: &str) -> Timestamp {
    let document: Value = serde_json::from_str(document).unwrap();
    Timestamp::parse_rfc3339(document[key].as_str().unwrap()).unwrap()
}

fn launched() -> Timestamp {
    model::now()
}

impl Tree {
    fn text(&self, path: &str) -> String {
        let body = self.get(path).unwrap_or_else(|| panic!("{path} does not exist"));
        String::from_utf8(body).unwrap()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// A value or a listing of the newest metadata.
    fn leaf(&self, name: &str) -> Option<String> {
        let path = format!("/latest/meta-data/{name}");
        self.get(&path).map(|_| self.text(&path))
    }

    fn versions(&self) -> Vec<String> {
        self.text("/").split('\n').filter(|version| *version != LATEST).map(String::from).collect()
    }

    fn listings(&self) -> impl Iterator<Item = (&str, &str)> {
        let directories = self.nodes.iter().filter(|(_, node)| node.is_directory);
        directories.map(|(path, node)| (path.as_str(), std::str::from_utf8(&node.body).unwrap()))
    }

    fn below(&self, root: &str) -> BTreeMap<&str, &[u8]> {
        let nodes = self.nodes.iter();
        nodes.filter_map(|(path, node)| Some((path.strip_prefix(root)?, node.body.as_slice()))).collect()
    }

    /// A category's path with each `{…}` replaced by every name that the record has for it, and by
    /// an unknown one.
    fn filled(&self, path: &str) -> Vec<String> {
        let Some(start) = path.find('{') else { return vec![path.to_string()] };
        let end = start + path[start..].find('}').unwrap() + 1;
        let mut names = self.members(&path[..start], &path[start..end]);
        names.push(UNKNOWN.to_string());
        names.iter().flat_map(|name| self.filled(&format!("{}{name}{}", &path[..start], &path[end..]))).collect()
    }

    fn members(&self, before: &str, placeholder: &str) -> Vec<String> {
        let interfaces = &self.instance.details().interfaces;
        let keys = |value: &Value| value.as_object().map_or(vec![], |object| object.keys().cloned().collect());
        match placeholder {
            "{device}" => {
                let devices = &self.instance.details().template.block_device_mapping;
                devices.keys().map(ToString::to_string).collect()
            }
            "{fingerprint}" => keys(&self.record["managed_ssh_keys"]["signer_ocsp"]),
            "{id}" if before.contains("gpus") => keys(&self.record["elastic_gpus"]),
            "{id}" => keys(&self.record["elastic_inference"]),
            "{index}" => (0..3).map(|index| index.to_string()).collect(),
            "{key}" => keys(&self.record["tags"]),
            "{mac}" => interfaces.iter().map(|interface| interface.mac.as_str().to_string()).collect(),
            "{public-ip}" => {
                interfaces.iter().flat_map(|interface| &interface.public_ipv4s).map(ToString::to_string).collect()
            }
            "{role}" => self.record["role"]["name"].as_str().map(String::from).into_iter().collect(),
            "{user}" => keys(&self.record["managed_ssh_keys"]["active_keys"]),
            other => panic!("this test has no names for {other}"),
        }
    }
}

fn trees() -> Vec<Tree> {
    records().into_iter().map(Tree::of).collect()
}

/// The same instances with all versions.
fn trees_of_the_newest_version() -> Vec<Tree> {
    let newest = |mut record: Value| {
        record["newest_version"] = json!(VERSIONS.last());
        Tree::of(record)
    };
    records().into_iter().map(newest).collect()
}

fn first_line(text: Option<String>) -> Option<String> {
    text.map(|text| text.split('\n').next().unwrap_or_default().to_string())
}

fn sorted_lines(text: Option<String>) -> Vec<String> {
    let mut lines: Vec<String> = text.iter().flat_map(|text| text.split('\n')).map(String::from).collect();
    lines.sort();
    lines
}

fn first_label(host: Option<String>) -> Option<String> {
    host.map(|host| host.split('.').next().unwrap_or_default().to_string())
}

/// The first label of the host name of an address.
fn name_of(addresses: Option<String>, prefix: &str) -> Option<String> {
    first_line(addresses).map(|address| format!("{prefix}{}", address.replace('.', "-")))
}

/// A name that does not exist.
const UNKNOWN: &str = "unknown";

/// AWS's table of instance metadata categories: the version, the directory and the names. Those of
/// `profile`, `identity-credentials/`, `placement/region` and `tag-sets/` are recorded. AWS documents
/// no version for `user-data`, `rsa2048`, `hibernation/`, `managed-ssh-keys/`, `outpost-arn`,
/// `ipv4-prefix` and `ipv6-prefix`: theirs are chosen.
const FIRST_VERSIONS: &[(&str, &str, &str)] = &[
    (
        "1.0",
        "meta-data/",
        "ami-id ami-launch-index ami-manifest-path hostname instance-id local-ipv4 public-keys/{index}/openssh-key
        reservation-id security-groups",
    ),
    ("1.0", "", "user-data"),
    ("2007-01-19", "meta-data/", "local-hostname public-hostname public-ipv4"),
    ("2007-01-19", "meta-data/network/interfaces/macs/{mac}/", "local-hostname"),
    ("2007-03-01", "meta-data/", "product-codes"),
    ("2007-08-29", "meta-data/", "instance-type"),
    ("2007-10-10", "meta-data/", "ancestor-ami-ids ramdisk-id"),
    ("2007-12-15", "meta-data/", "block-device-mapping/{device} profile"),
    ("2008-02-01", "meta-data/", "kernel-id placement/availability-zone"),
    ("2008-09-01", "meta-data/", "instance-action"),
    ("2009-04-04", "dynamic/", "fws/instance-monitoring"),
    ("2009-04-04", "dynamic/instance-identity/", "document pkcs7 rsa2048 signature"),
    ("2011-01-01", "meta-data/", "mac"),
    (
        "2011-01-01",
        "meta-data/network/interfaces/macs/{mac}/",
        "device-number interface-id ipv4-associations/{public-ip} ipv4-prefix ipv6-prefix local-ipv4s mac owner-id public-hostname
        public-ipv4s security-group-ids security-groups subnet-id subnet-ipv4-cidr-block vpc-id vpc-ipv4-cidr-block",
    ),
    ("2011-05-01", "meta-data/", "metrics/vhostmd"),
    ("2012-01-12", "meta-data/", "iam/info iam/security-credentials/{role}"),
    ("2014-02-25", "meta-data/", "services/domain"),
    ("2014-11-05", "meta-data/", "spot/termination-time"),
    ("2015-10-20", "meta-data/", "services/partition"),
    (
        "2016-06-30",
        "meta-data/network/interfaces/macs/{mac}/",
        "ipv6s subnet-ipv6-cidr-blocks vpc-ipv4-cidr-blocks vpc-ipv6-cidr-blocks",
    ),
    ("2016-11-15", "meta-data/", "spot/instance-action"),
    ("2016-11-30", "meta-data/", "elastic-gpus/associations/{id}"),
    ("2018-03-28", "meta-data/identity-credentials/ec2/", "info security-credentials/ec2-instance"),
    ("2018-08-17", "meta-data/", "events/maintenance/history events/maintenance/scheduled"),
    ("2018-11-29", "meta-data/", "elastic-inference/associations/{id}"),
    ("2019-10-01", "meta-data/", "instance-life-cycle outpost-arn placement/availability-zone-id placement/region"),
    ("2020-08-24", "meta-data/placement/", "group-name host-id partition-number"),
    ("2020-10-27", "meta-data/", "events/recommendations/rebalance"),
    ("2020-11-01", "meta-data/network/interfaces/macs/{mac}/", "network-card"),
    ("2021-01-03", "meta-data/", "ipv6"),
    ("2021-03-23", "meta-data/", "hibernation/configured tags/instance/{key}"),
    ("2021-03-23", "meta-data/managed-ssh-keys/", "active-keys/{user} signer-cert signer-ocsp/{fingerprint}"),
    ("2021-07-15", "meta-data/", "autoscaling/target-lifecycle-state"),
    ("2022-09-24", "meta-data/", "system"),
    ("2025-10-04", "meta-data/", "tag-sets/instance"),
];
