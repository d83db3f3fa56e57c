//! The metadata trees of several instances in every version, as their listings describe them.

#[path = "models/tree.rs"]
mod model;

use std::collections::{BTreeMap, BTreeSet};

use imds::metadata::categories;
use imds::time::Timestamp;
use imds::version::{LATEST, VERSIONS};
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
fn a_name_that_is_not_listed_does_not_exist() {
    for tree in trees() {
        for version in VERSIONS.iter().chain(&[LATEST]) {
            for path in categories().iter().flat_map(|category| tree.filled(&category.path())) {
                let path = format!("/{version}/{path}");
                assert_eq!(tree.get(&path).is_some(), tree.nodes.contains_key(&path), "{path}");
            }
            for path in ["api", "meta-data/iam/security-credentials-extended", "meta-data/.", "meta-data/..", UNKNOWN] {
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
fn each_category_has_the_version_that_aws_documents() {
    let actual: BTreeMap<String, &str> =
        categories().iter().map(|category| (category.path(), category.since())).collect();
    assert_eq!(actual.len(), categories().len(), "two categories have the same path");
    let mut documented = BTreeMap::new();
    for (version, below, names) in DOCUMENTED {
        for name in names.split_whitespace() {
            documented.insert(format!("{below}{name}"), *version);
        }
    }
    assert_eq!(actual, documented);
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
            assert_eq!(name_of(of("local-ipv4s"), "ip-"), first_label(of("local-hostname")));
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
            match of("local-hostname") {
                Some(name) => assert_eq!(tree.leaf("hostname"), Some(name)),
                None => assert_eq!(first_label(tree.leaf("hostname")), tree.leaf("instance-id")),
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
        assert_eq!(info["LastUpdated"], credentials["LastUpdated"]);
    }
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
            "{device}" if self.record["block_device_mapping"].is_null() => vec!["ami".into(), "root".into()],
            "{device}" => keys(&self.record["block_device_mapping"]),
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

/// AWS's table of instance metadata categories: the version, the directory and the names. AWS
/// documents no version for `profile`, `user-data`, `rsa2048`, `hibernation/`, `managed-ssh-keys/`
/// and `ipv6-prefix`: theirs are chosen.
const DOCUMENTED: &[(&str, &str, &str)] = &[
    (
        "1.0",
        "meta-data/",
        "ami-id ami-launch-index ami-manifest-path hostname instance-id local-ipv4 profile public-keys/{index}/openssh-key
        reservation-id security-groups",
    ),
    ("1.0", "", "user-data"),
    ("2007-01-19", "meta-data/", "local-hostname public-hostname public-ipv4"),
    ("2007-01-19", "meta-data/network/interfaces/macs/{mac}/", "local-hostname"),
    ("2007-03-01", "meta-data/", "product-codes"),
    ("2007-08-29", "meta-data/", "instance-type"),
    ("2007-10-10", "meta-data/", "ancestor-ami-ids ramdisk-id"),
    ("2007-12-15", "meta-data/", "block-device-mapping/{device}"),
    ("2008-02-01", "meta-data/", "kernel-id placement/availability-zone"),
    ("2008-09-01", "meta-data/", "instance-action"),
    ("2009-04-04", "dynamic/", "fws/instance-monitoring"),
    ("2009-04-04", "dynamic/instance-identity/", "document pkcs7 rsa2048 signature"),
    ("2011-01-01", "meta-data/", "mac"),
    (
        "2011-01-01",
        "meta-data/network/interfaces/macs/{mac}/",
        "device-number interface-id ipv4-associations/{public-ip} ipv6-prefix local-ipv4s mac owner-id public-hostname
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
    (
        "2018-05-23",
        "meta-data/identity-credentials/ec2/",
        "info security-credentials/ec2-instance",
    ),
    ("2018-08-17", "meta-data/", "events/maintenance/history events/maintenance/scheduled"),
    ("2018-11-29", "meta-data/", "elastic-inference/associations/{id}"),
    ("2019-10-01", "meta-data/", "instance-life-cycle placement/availability-zone-id"),
    ("2020-08-24", "meta-data/placement/", "group-name host-id partition-number region"),
    ("2020-10-27", "meta-data/", "events/recommendations/rebalance"),
    ("2020-11-01", "meta-data/network/interfaces/macs/{mac}/", "network-card"),
    ("2021-01-03", "meta-data/", "ipv6"),
    ("2021-03-23", "meta-data/", "hibernation/configured tags/instance/{key}"),
    (
        "2021-03-23",
        "meta-data/managed-ssh-keys/",
        "active-keys/{user} signer-cert signer-ocsp/{fingerprint}",
    ),
    ("2021-07-15", "meta-data/", "autoscaling/target-lifecycle-state"),
    ("2022-09-24", "meta-data/", "system"),
];
