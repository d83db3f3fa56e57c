//! Valid and invalid records, and the values that are generated for absent keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imds::http::{Profile, Request, Status};
use imds::record::json::most_similar;
use imds::record::{
    DEFAULT_RECORD, METADATA_OPTIONS, MetadataOptions, MetadataOptionsChange, MetadataTagKeyError, OptionValue,
    OptionValues, read_json,
};
use imds::write::is_hidden;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use serde_json::Value;

#[test]
fn only_the_type_is_required() {
    assert!(error_of(r#"{"instance_type": "t3.micro"}"#).is_none());
    let (path, reason) = error_of("{}").unwrap();
    assert_eq!(path, ".");
    assert!(reason.contains("instance_type"), "{reason}");
}

#[test]
fn an_error_has_the_path_and_the_reason() {
    for (member, path, reason) in INVALID {
        let json = format!(r#"{{"instance_type": "t3.micro", {member}}}"#);
        let (actual, reason_text) = error_of(&json).unwrap_or_else(|| panic!("{member} is accepted"));
        assert_eq!(actual, *path, "{member}: {reason_text}");
        assert!(reason_text.contains(reason), "{member}: {reason_text}");
    }
    for (json, path, reason) in [
        (r#"{"instance_type": "t3.micro"} x"#, ".", "trailing characters"),
        (r#"{"instance_type": "t3.micro"}{}"#, ".", "trailing characters"),
        (r#"{"instance_type": ""}"#, "instance_type", "1 to 1024 bytes"),
        (r#"{"instance_type": "t3"}"#, "instance_type", "a family and a size"),
        (r#"{"instance_type": "t3."}"#, "instance_type", "a family and a size"),
        (r#"{"instance_type": "T3.micro"}"#, "instance_type", "a family and a size"),
        (r#"{"instance_type": "t3.micro.x"}"#, "instance_type", "a family and a size"),
        (r#"{"instance_type": "a\nb"}"#, "instance_type", "without control characters"),
    ] {
        let (actual, reason_text) = error_of(json).unwrap_or_else(|| panic!("{json} is accepted"));
        assert_eq!(actual, path, "{json}: {reason_text}");
        assert!(reason_text.contains(reason), "{json}: {reason_text}");
    }
}

#[test]
fn an_error_has_no_hidden_characters() {
    for character in [
        '\n',
        '\r',
        '\u{1b}',
        '\u{85}',
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202e}',
        '\u{2028}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{e0041}',
    ] {
        for member in [
            "\"aXb\": 1",
            "\"tags\": {\"aXb\": 1}",
            "\"hostname_type\": \"aXb\"",
            "\"network_interfaces\": [{\"aXb\": 1}]",
        ] {
            let escapes: String =
                character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let member = member.replace('X', &escapes);
            let json = format!(r#"{{"instance_type": "t3.micro", {member}}}"#);
            let (path, reason) = error_of(&json).unwrap_or_else(|| panic!("{member} is accepted"));
            let is_shown = !path.chars().chain(reason.chars()).any(is_hidden);
            assert!(is_shown && format!("{path}: {reason}").contains('\\'), "{path:?}: {reason:?}");
        }
    }
    let tag = MetadataTagKeyError("a\u{202e}b".into()).to_string();
    assert!(tag.starts_with(r"'a\u{202e}b' is not a valid tag key"), "{tag}");
}

#[test]
fn a_text_in_another_format_than_json_is_named() {
    let bare = BARE;
    for (text, reason) in [
        (format!("\u{feff}{bare}"), "it begins with a byte order mark (U+FEFF): save it as UTF-8 without one"),
        (String::new(), "it is empty: expected a JSON object"),
        ("\n \t".to_owned(), "it is empty: expected a JSON object"),
        ("instance_type: t3.micro\n".to_owned(), "it looks like YAML: convert it to JSON"),
        ("\n  tags: {a: b}".to_owned(), "it looks like YAML: convert it to JSON"),
        ("---\ninstance_type: t3.micro".to_owned(), "it looks like YAML: convert it to JSON"),
        ("# The record.\ninstance_type: t3.micro".to_owned(), "it looks like YAML: convert it to JSON"),
        ("- name: a".to_owned(), "it looks like YAML: convert it to JSON"),
        (format!("// The record.\n{bare}"), "it begins with a comment, which JSON does not have: remove it"),
        (format!("/* The record. */ {bare}"), "it begins with a comment, which JSON does not have: remove it"),
    ] {
        assert_eq!(error_of(&text), Some((".".into(), reason.into())), "{text:?}");
    }
    for text in ["-1", "true", "null", "\"a: b\"", "[1]", "t3.micro", "{a: 1}"] {
        let (_, reason) = error_of(text).unwrap();
        assert!(!reason.contains("YAML") && !reason.contains("empty"), "{text}: {reason}");
    }
}

#[test]
fn a_misspelled_key_gets_the_most_similar_one() {
    for (member, name) in [
        (r#""instanceType": 1"#, "instance_type"),
        (r#""AmiId": 1"#, "ami_id"),
        (r#""user-data": 1"#, "user_data"),
        (r#""regoin": 1"#, "region"),
        (r#""tgas": 1"#, "tags"),
        (r#""network_interface": 1"#, "network_interfaces"),
        (r#""network_interfaces": [{"local_ipv4": 1}]"#, "local_ipv4s"),
        (r#""metadata_options": {"http_token": 1}"#, "http_tokens"),
        (r#""metadata_options": {"hop_limit": 1}"#, ""),
        (r#""spot_interruption": {"tiem": 1}"#, "time"),
        (r#""network_interfaces": [{"mak": 1}]"#, "mac"),
        (r#""instances": 1"#, ""),
        (r#""Instances": 1"#, ""),
        (r#""colour": 1"#, ""),
        (r#""x": 1"#, ""),
    ] {
        let json = format!(r#"{{"instance_type": "t3.micro", {member}}}"#);
        let (_, reason) = error_of(&json).unwrap_or_else(|| panic!("{member} is accepted"));
        let similar = reason.split_once("did you mean `").map_or("", |(_, rest)| rest.trim_end_matches("`?"));
        assert_eq!(similar, name, "{reason}");
    }
    let long = "k".repeat(100_000);
    assert_eq!(most_similar(&long, &["a", "b"]), None);
}

/// The limits of EC2's API. Each is tried at its value and above it.
#[test]
fn a_record_has_the_limits_of_the_api() {
    let text = |count: usize| "a".repeat(count);
    let base64 = |count: usize| STANDARD.encode(text(count));
    let list = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let tags = |prefix: &'static str| move |index| format!(r#""{prefix}{index}": "v""#);
    let ipv4 = |index| format!(r#""10.0.0.{index}""#);
    let interface = |members: String| format!(r#""network_interfaces": [{{}}, {{{members}}}]"#);
    type Member<'a> = &'a dyn Fn(usize) -> String;
    let rows: [(Member<'_>, usize, &str, &str); 11] = [
        (&|count| format!(r#""user_data": "{}""#, text(count)), 16384, "user_data", "bytes"),
        (&|count| format!(r#""user_data_base64": "{}""#, base64(count)), 16384, "user_data_base64", "bytes"),
        (&|count| format!(r#""tags": {{{}}}"#, list(count, &tags(""))), 50, "tags", "tags"),
        (&|count| format!(r#""tags": {{"{}": "v"}}"#, "\u{e4}".repeat(count)), 128, "tags.", "characters of a key"),
        (&|count| format!(r#""tags": {{"k": "{}"}}"#, "\u{e4}".repeat(count)), 256, "tags.k", "characters of a value"),
        (
            &|count| {
                let volumes = list(count, &|index| format!(r#""ebs{index}": "sdb""#));
                format!(r#""block_device_mapping": {{"ami": "sda", "root": "sda", "ephemeral0": "sdc", {volumes}}}"#)
            },
            128,
            "block_device_mapping",
            "block devices",
        ),
        (
            &|count| {
                let groups = list(count, &|index| format!(r#"{{"id": "sg-{index}", "name": "g"}}"#));
                interface(format!(r#""security_groups": [{groups}]"#))
            },
            16,
            "network_interfaces[1].security_groups",
            "security groups",
        ),
        (
            &|count| interface(format!(r#""local_ipv4s": [{}]"#, list(count, &ipv4))),
            64,
            "network_interfaces[1].local_ipv4s",
            "addresses and prefixes",
        ),
        (
            &|count| {
                let prefixes = list(count - 1, &|index| format!(r#""10.1.{index}.16/28""#));
                interface(format!(r#""local_ipv4s": ["10.0.0.5"], "ipv4_prefixes": [{prefixes}]"#))
            },
            64,
            "network_interfaces[1].local_ipv4s",
            "addresses and prefixes",
        ),
        (
            &|count| interface(format!(r#""ipv6s": [{}]"#, list(count, &|index| format!(r#""2001:db8::{index:x}""#)))),
            64,
            "network_interfaces[1].ipv6s",
            "addresses and prefixes",
        ),
        (
            &|count| interface(format!(r#""ipv6_prefixes": [{}]"#, list(count, &|_| r#""2001:db8::/80""#.into()))),
            64,
            "network_interfaces[1].ipv6s",
            "addresses and prefixes",
        ),
    ];
    for (member, limit, path, unit) in rows {
        let error = |count: usize| error_of(&format!(r#"{{"instance_type": "t3.micro", {}}}"#, member(count)));
        assert_eq!(error(limit), None, "{path}: {limit} {unit}");
        let (actual, reason) = error(limit + 1).unwrap_or_else(|| panic!("{path}: {} {unit} are accepted", limit + 1));
        assert_eq!(reason, format!("{} {unit}: at most {limit} are allowed", limit + 1));
        assert!(actual == path || path == "tags." && actual.starts_with(path), "{actual}");
    }
    // AWS's own tags do not count.
    let reserved = format!(r#""tags": {{{}, {}}}"#, list(50, &tags("")), list(50, &tags("aws:")));
    assert_eq!(error_of(&format!(r#"{{"instance_type": "t3.micro", {reserved}}}"#)), None);
}

#[test]
fn unknown_keys_are_rejected_in_every_object() {
    let full: Value = serde_json::from_str(&full()).unwrap();
    let mut objects = Vec::new();
    objects_of(&full, String::new(), &mut objects);
    for pointer in
        ["", "/identity", "/managed_ssh_keys", "/metadata_options", "/network_interfaces/1/security_groups/0"]
    {
        assert!(objects.iter().any(|object| object == pointer), "{pointer} is not among {objects:?}");
    }
    for pointer in objects {
        let mut record = full.clone();
        record.pointer_mut(&pointer).unwrap()["unknown_key"] = Value::from("x");
        let (path, reason) =
            error_of(&record.to_string()).unwrap_or_else(|| panic!("{pointer} accepts an unknown key"));
        assert_eq!(format!("/{}", path.replace(['.', '['], "/").replace(']', "")), format!("{pointer}/unknown_key"));
        assert!(reason.contains("unknown key `unknown_key`"), "{pointer}: {reason}");
    }
}

#[test]
fn writing_and_reading_a_record_keeps_it() {
    for json in [DEFAULT_RECORD, ARTICLE, BARE, &full()] {
        let record = Record::from_json(json).unwrap();
        let printed = record.to_json();
        assert!(Record::from_json(&printed).unwrap() == record, "{printed}");
        assert_eq!(printed.parse::<Value>().unwrap(), json.parse::<Value>().unwrap());
    }
}

#[test]
fn the_same_record_seed_and_time_give_the_same_instance() {
    for json in [DEFAULT_RECORD, ARTICLE, BARE, &full()] {
        assert_eq!(leaves(json, 1, NOON), leaves(json, 1, NOON));
        assert_ne!(leaves(json, 1, NOON), leaves(json, 2, NOON), "another seed");
    }
}

#[test]
fn absent_keys_are_generated_from_the_seed_and_not_the_time() {
    for path in GENERATED {
        let generated = |seed, now| get(&instance(BARE, seed, now), path).unwrap();
        assert_eq!(generated(1, NOON), generated(1, "2026-01-01T15:00:00Z"), "{path}");
        assert_ne!(generated(1, NOON), generated(2, NOON), "{path}");
    }
}

#[test]
fn each_metadata_option_is_set_and_read_by_its_row() {
    for option in METADATA_OPTIONS {
        let values = match option.values {
            OptionValues::Names(names) => names.iter().map(|name| (name.to_string(), format!("\"{name}\""))).collect(),
            OptionValues::Range(first, last) => [first, last].map(|n| (n.to_string(), n.to_string())).to_vec(),
        };
        for (text, json) in values {
            let mut change = MetadataOptionsChange::default();
            option.set(&mut change, &text).unwrap();
            assert_eq!(read_json(&format!(r#"{{"{}": {json}}}"#, option.key)), Ok(change), "{}", option.key);
            assert_eq!(option.get_change(&change).unwrap().to_string(), text);
            assert_eq!(option.get(&MetadataOptions::API_LAUNCH.with(&change)).to_string(), text);
            assert!(option.set(&mut change, "never").unwrap_err().to_string().starts_with("expected "));
            assert_eq!(option.get_change(&change).unwrap().to_string(), text, "an error changes nothing");
            option.clear(&mut change);
            assert_eq!(change, MetadataOptionsChange::default());
        }
    }
    let number = |text: &str| {
        let mut change = MetadataOptionsChange::default();
        METADATA_OPTIONS[1].set(&mut change, text).map(|()| METADATA_OPTIONS[1].get_change(&change))
    };
    assert_eq!(number("64"), Ok(Some(OptionValue::Number(64))));
    assert_eq!(number("65").unwrap_err().to_string(), "expected a number from 1 to 64");
}

#[test]
fn the_first_change_wins_over_the_one_that_fills_it() {
    let change = |json| read_json::<MetadataOptionsChange>(json).unwrap();
    let first = change(r#"{"http_tokens": "required"}"#);
    let second = change(r#"{"http_tokens": "optional", "http_endpoint": "disabled"}"#);
    assert_eq!(first.or(&second), change(r#"{"http_tokens": "required", "http_endpoint": "disabled"}"#));
}

#[test]
fn debug_shows_neither_user_data_nor_the_seed() {
    let json = r#"{"instance_type": "t3.micro", "user_data": "confidential"}"#;
    let (record, seed) = (Record::from_json(json).unwrap(), Seed::new([0xa7; 32]));
    let instance = Instance::new(&record, &seed, at(NOON)).unwrap();
    let shown = format!("{record:?} {seed:?} {instance:?} {:?}", instance.details());
    for secret in ["confidential", "167, 167", "a7a7"] {
        assert!(!shown.to_lowercase().contains(secret), "{shown}");
    }
    assert!(shown.contains("t3.micro"));
}

#[test]
fn the_longest_zone_gives_an_instance_or_an_error_with_its_path() {
    let json = format!(r#"{{"instance_type": "t3.micro", "availability_zone": "{}"}}"#, "a".repeat(1024));
    if let Some((path, _)) = error_of(&json) {
        assert_eq!(path, "availability_zone");
    }
}

#[test]
fn the_instance_type_selects_the_profile_and_the_architecture() {
    for (instance_type, profile, architecture) in [
        ("t2.nano", Profile::XEN, "x86_64"),
        ("m4.large", Profile::XEN, "x86_64"),
        ("c4.8xlarge", Profile::XEN, "x86_64"),
        ("i3.large", Profile::XEN, "x86_64"),
        ("i3.metal", Profile::NITRO, "x86_64"),
        ("p3.2xlarge", Profile::XEN, "x86_64"),
        ("p3dn.24xlarge", Profile::NITRO, "x86_64"),
        ("g3s.xlarge", Profile::XEN, "x86_64"),
        ("x1e.xlarge", Profile::XEN, "x86_64"),
        ("t3.micro", Profile::NITRO, "x86_64"),
        ("m5.large", Profile::NITRO, "x86_64"),
        ("i3en.large", Profile::NITRO, "x86_64"),
        ("g4dn.xlarge", Profile::NITRO, "x86_64"),
        ("g6.xlarge", Profile::NITRO, "x86_64"),
        ("c7i-flex.large", Profile::NITRO, "x86_64"),
        ("u-6tb1.metal", Profile::NITRO, "x86_64"),
        ("u7in-16tb.224xlarge", Profile::NITRO, "x86_64"),
        ("t4g.nano", Profile::NITRO, "arm64"),
        ("c7gn.large", Profile::NITRO, "arm64"),
        ("im4gn.large", Profile::NITRO, "arm64"),
        ("is4gen.large", Profile::NITRO, "arm64"),
        ("g5g.xlarge", Profile::NITRO, "arm64"),
        ("hpc7g.4xlarge", Profile::NITRO, "arm64"),
        ("a1.large", Profile::NITRO, "arm64"),
    ] {
        let instance = instance(&format!(r#"{{"instance_type": "{instance_type}"}}"#), 1, NOON);
        let document: Value = get(&instance, "dynamic/instance-identity/document").unwrap().parse().unwrap();
        assert_eq!(instance.details().profile(), &profile, "{instance_type}");
        assert_eq!(document["architecture"], architecture, "{instance_type}");
        assert_eq!(get(&instance, "meta-data/system").as_deref(), Some(profile.name), "{instance_type}");
    }
}

#[test]
fn the_zone_determines_the_region_the_partition_and_the_names() {
    for (zone, region, zone_id, partition, domain, private, public) in [
        ("us-east-1a", "us-east-1", "use1-az1", "aws", "amazonaws.com", "ec2.internal", "compute-1.amazonaws.com"),
        (
            "ap-northeast-1a",
            "ap-northeast-1",
            "apne1-az1",
            "aws",
            "amazonaws.com",
            "ap-northeast-1.compute.internal",
            "ap-northeast-1.compute.amazonaws.com",
        ),
        (
            "eu-central-1c",
            "eu-central-1",
            "euc1-az1",
            "aws",
            "amazonaws.com",
            "eu-central-1.compute.internal",
            "eu-central-1.compute.amazonaws.com",
        ),
        (
            "us-gov-west-1b",
            "us-gov-west-1",
            "usgw1-az2",
            "aws-us-gov",
            "amazonaws.com",
            "us-gov-west-1.compute.internal",
            "us-gov-west-1.compute.amazonaws.com",
        ),
        (
            "cn-north-1b",
            "cn-north-1",
            "cnn1-az2",
            "aws-cn",
            "amazonaws.com.cn",
            "cn-north-1.compute.internal",
            "cn-north-1.compute.amazonaws.com.cn",
        ),
        (
            "us-west-2-lax-1a",
            "us-west-2",
            "usw2-lax1-az1",
            "aws",
            "amazonaws.com",
            "us-west-2.compute.internal",
            "us-west-2.compute.amazonaws.com",
        ),
    ] {
        let json = format!(
            r#"{{"instance_type": "t3.micro", "availability_zone": "{zone}", "role": {{"name": "r"}}, "account_id": "1",
            "network_interfaces": [{{"local_ipv4s": ["10.0.0.9"], "public_ipv4s": ["203.0.113.7"]}}]}}"#
        );
        let instance = instance(&json, 1, NOON);
        let leaf = |name: &str| get(&instance, &format!("meta-data/{name}")).unwrap();
        assert_eq!(leaf("placement/availability-zone"), zone);
        assert_eq!(leaf("placement/region"), region);
        assert_eq!(leaf("placement/availability-zone-id"), zone_id);
        assert_eq!(leaf("services/partition"), partition);
        assert_eq!(leaf("services/domain"), domain);
        assert_eq!(leaf("local-hostname"), format!("ip-10-0-0-9.{private}"));
        assert_eq!(leaf("public-hostname"), format!("ec2-203-0-113-7.{public}"));
        assert!(leaf("iam/info").contains(&format!("\"arn:{partition}:iam::1:")));
    }
}

#[test]
fn the_id_of_a_zone_and_its_domains_follow_from_its_kind() {
    for (zone, id, partition, domain) in [
        ("us-east-1-wl1-bos-wlz-1", "use1-wl1-bos-wlz1", "aws", "amazonaws.com"),
        ("eu-west-3-cmn-wlz-1a", "euw3-cmn1-wlz1", "aws", "amazonaws.com"),
        ("us-west-2-lax-1b", "usw2-lax1-az2", "aws", "amazonaws.com"),
        ("us-east-1-atl-2a", "use1-atl2-az1", "aws", "amazonaws.com"),
        ("eu-central-1a", "euc1-az2", "aws", "amazonaws.com"),
        ("eu-west-2b", "euw2-az3", "aws", "amazonaws.com"),
        ("ap-south-1c", "aps1-az2", "aws", "amazonaws.com"),
        ("ca-central-1d", "cac1-az4", "aws", "amazonaws.com"),
        ("us-isob-east-1b", "usibe1-az2", "aws-iso-b", "sc2s.sgov.gov"),
        ("us-iso-east-1a", "usie1-az1", "aws-iso", "c2s.ic.gov"),
        ("eu-isoe-west-1a", "euiew1-az1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-south-1a", "usifs1-az1", "aws-iso-f", "csp.hci.ic.gov"),
        ("eusc-de-east-1a", "euscdee1-az1", "aws-eusc", "amazonaws.eu"),
        ("nowhere", "nowhere-az1", "aws", "amazonaws.com"),
        ("1", "1-az1", "aws", "amazonaws.com"),
    ] {
        let instance = instance(&format!(r#"{{"instance_type": "t3.micro", "availability_zone": "{zone}"}}"#), 1, NOON);
        let leaf = |name: &str| get(&instance, &format!("meta-data/{name}")).unwrap();
        assert_eq!(leaf("placement/availability-zone-id"), id);
        assert_eq!((&*leaf("services/partition"), &*leaf("services/domain")), (partition, domain), "{zone}");
    }
}

/// Each value that follows from another one has a key that sets it.
#[test]
fn a_record_overrides_what_follows_from_names() {
    let json = r#"{"instance_type": "m3.medium", "availability_zone": "xx-new-1a", "availability_zone_id": "new-az1",
        "region": "xx-newer-1", "partition": "aws-new", "domain": "new.example", "system": "xen-on-nitro", "account_id": "1",
        "architecture": "riscv", "profile": "nitro", "block_device_mapping": {"root": "sda"}, "role": {"name": "r"},
        "network_interfaces": [{"local_ipv4s": ["10.0.0.9"], "public_ipv4s": ["203.0.113.7"]}]}"#;
    let instance = instance(json, 1, NOON);
    for (path, value) in [
        ("meta-data/placement/availability-zone-id", "new-az1"),
        ("meta-data/placement/region", "xx-newer-1"),
        ("meta-data/services/partition", "aws-new"),
        ("meta-data/services/domain", "new.example"),
        ("meta-data/system", "xen-on-nitro"),
        ("meta-data/block-device-mapping/", "root"),
        ("meta-data/local-hostname", "ip-10-0-0-9.xx-newer-1.compute.internal"),
        ("meta-data/public-hostname", "ec2-203-0-113-7.xx-newer-1.compute.new.example"),
    ] {
        assert_eq!(get(&instance, path).as_deref(), Some(value), "{path}");
    }
    let document: Value = get(&instance, "dynamic/instance-identity/document").unwrap().parse().unwrap();
    assert_eq!((&document["region"], &document["architecture"]), (&Value::from("xx-newer-1"), &Value::from("riscv")));
    assert!(get(&instance, "meta-data/iam/info").unwrap().contains("arn:aws-new:iam::1:instance-profile/r"));
}

/// The members of a record and of its interface that switch off a default, and the categories that
/// are then absent.
#[test]
fn each_default_can_be_switched_off() {
    let interface = "meta-data/network/interfaces/macs/02:00:00:00:00:0a";
    let default = r#""public_ipv4s": ["203.0.113.7"]"#;
    let with = |of_record: &str, of_interface: &str| {
        let json = format!(
            r#"{{{of_record} "instance_type": "t3.micro",
            "network_interfaces": [{{"mac": "02:00:00:00:00:0a", {of_interface}}}]}}"#
        );
        instance(&json, 1, NOON)
    };
    for (of_record, of_interface, absent) in [
        (r#""availability_zone_id": false,"#, default, &["meta-data/placement/availability-zone-id"][..]),
        (r#""block_device_mapping": {},"#, default, &["meta-data/block-device-mapping/"]),
        (r#""dns_hostnames": false,"#, default, &["meta-data/public-hostname", "*/public-hostname"]),
        ("", r#""local_ipv4s": []"#, &["meta-data/local-ipv4", "*/local-ipv4s", "*/public-ipv4s"]),
        ("", r#""security_groups": []"#, &["meta-data/security-groups", "*/security-groups", "*/security-group-ids"]),
        (
            "",
            r#""vpc_ipv4_cidr_blocks": []"#,
            &["*/vpc-ipv4-cidr-block", "*/vpc-ipv4-cidr-blocks", "*/subnet-ipv4-cidr-block", "*/local-ipv4s"],
        ),
    ] {
        let (on, off) = (with("", default), with(of_record, of_interface));
        for path in absent {
            let path = path.replace('*', interface);
            assert!(get(&on, &path).is_some(), "{path}");
            assert_eq!(get(&off, &path), None, "{path} with {of_record}{of_interface}");
        }
    }
    // An interface of type `efa-only`: without addresses, in a subnet.
    let json = r#"{"instance_type": "p5.48xlarge", "network_interfaces": [{"local_ipv4s": ["10.0.0.9"]},
        {"mac": "02:00:00:00:00:0a", "local_ipv4s": []}]}"#;
    let listing = get(&instance(json, 1, NOON), interface).unwrap();
    assert_eq!(
        listing.split('\n').collect::<Vec<_>>(),
        [
            "device-number",
            "interface-id",
            "local-hostname",
            "mac",
            "owner-id",
            "security-group-ids",
            "security-groups",
            "subnet-id",
            "subnet-ipv4-cidr-block",
            "vpc-id",
            "vpc-ipv4-cidr-block",
            "vpc-ipv4-cidr-blocks",
        ]
    );
    let plain =
        r#"{"instance_type": "t3.micro", "network_interfaces": [{"local_ipv4s": ["10.0.0.9"]}], "domain_names": []}"#;
    assert_eq!(get(&instance(plain, 1, NOON), "meta-data/hostname").as_deref(), Some("ip-10-0-0-9"));
}

#[test]
fn only_types_with_instance_store_that_is_not_nvme_have_ephemeral_devices() {
    for (instance_type, devices) in [
        ("t3.micro", ""),
        ("i3.large", ""),
        ("m5d.large", ""),
        ("d3.xlarge", ""),
        ("m3.medium", "ephemeral0=sdb"),
        ("m3.xlarge", "ephemeral0=sdb ephemeral1=sdc"),
        ("x1e.large", "ephemeral0=sdb"),
        ("h1.2xlarge", "ephemeral0=sdb"),
        ("d2.xlarge", "ephemeral0=sdb ephemeral1=sdc ephemeral2=sdd"),
    ] {
        let instance = instance(&format!(r#"{{"instance_type": "{instance_type}"}}"#), 1, NOON);
        let listing = get(&instance, "meta-data/block-device-mapping/").unwrap();
        let names = listing.split('\n').filter(|name| name.starts_with("ephemeral"));
        let device = |name: &str| get(&instance, &format!("meta-data/block-device-mapping/{name}")).unwrap();
        let found: Vec<String> = names.map(|name| format!("{name}={}", device(name))).collect();
        assert_eq!(found.join(" "), devices, "{instance_type}");
    }
    let most = instance(r#"{"instance_type": "d2.8xlarge"}"#, 1, NOON);
    assert_eq!(get(&most, "meta-data/block-device-mapping/ephemeral23").as_deref(), Some("sdy"));
}

/// Each id of a subnet or a VPC has one list of CIDR blocks.
#[test]
fn interfaces_of_a_subnet_or_a_vpc_agree() {
    let leaves = |interfaces: &str, name: &str| -> Vec<Option<String>> {
        let instance =
            instance(&format!(r#"{{"instance_type": "t3.micro", "network_interfaces": {interfaces}}}"#), 1, NOON);
        let macs: Vec<String> =
            instance.details().interfaces.iter().map(|interface| interface.mac.as_str().into()).collect();
        macs.iter().map(|mac| get(&instance, &format!("meta-data/network/interfaces/macs/{mac}/{name}"))).collect()
    };
    let differ = |interfaces: &str, name: &str| {
        let values = leaves(interfaces, name);
        assert_eq!(values.iter().collect::<std::collections::BTreeSet<_>>().len(), values.len(), "{values:?}");
    };
    let same = |interfaces: &str, name: &str, value: &str| {
        assert_eq!(leaves(interfaces, name), [Some(value.to_owned()), Some(value.to_owned())], "{interfaces}");
    };
    differ("[{}, {}, {}]", "subnet-id");
    differ(r#"[{"local_ipv4s": ["10.0.0.5"]}, {"local_ipv4s": ["172.31.0.5"]}]"#, "vpc-id");
    differ(r#"[{"local_ipv4s": ["10.0.0.5"]}, {"local_ipv4s": ["172.31.0.5"]}]"#, "security-group-ids");
    differ(
        r#"[{"local_ipv4s": ["10.0.0.5"], "vpc_id": "vpc-1"}, {"local_ipv4s": ["10.0.0.6"], "vpc_id": "vpc-2"}]"#,
        "subnet-id",
    );
    let [one, two] = &leaves(r#"[{"local_ipv4s": ["10.0.0.5"]}, {"local_ipv4s": ["10.0.0.6"]}]"#, "subnet-id")[..]
    else {
        panic!("two interfaces");
    };
    assert_eq!(one, two, "the same CIDR blocks");
    same(
        r#"[{"subnet_id": "subnet-1", "local_ipv4s": ["10.0.0.5"]}, {"subnet_id": "subnet-1", "local_ipv4s": ["10.0.3.5"]}]"#,
        "subnet-ipv4-cidr-block",
        "10.0.0.0/22",
    );
    same(
        r#"[{"subnet_id": "subnet-1"}, {"subnet_id": "subnet-1", "subnet_ipv4_cidr_block": "10.9.0.0/24", "vpc_id": "vpc-1"}]"#,
        "subnet-ipv4-cidr-block",
        "10.9.0.0/24",
    );
    same(r#"[{"subnet_id": "subnet-1"}, {"subnet_id": "subnet-1", "vpc_id": "vpc-1"}]"#, "vpc-id", "vpc-1");
    same(
        r#"[{"vpc_id": "vpc-1", "local_ipv4s": ["10.1.0.5"]}, {"vpc_id": "vpc-1", "local_ipv4s": ["10.2.0.5"]}]"#,
        "vpc-ipv4-cidr-blocks",
        "10.1.0.0/16\n10.2.0.0/16",
    );
    same(
        r#"[{"vpc_id": "vpc-1"}, {"vpc_id": "vpc-1", "vpc_ipv6_cidr_blocks": ["2001:db8::/56"]}]"#,
        "vpc-ipv6-cidr-blocks",
        "2001:db8::/56",
    );
    // A generated address is in the stated subnet, whose VPC contains it.
    let subnet = r#"[{"subnet_ipv4_cidr_block": "192.168.7.16/28"}]"#;
    let address = leaves(subnet, "local-ipv4s")[0].clone().unwrap();
    let host: u8 = address.strip_prefix("192.168.7.").unwrap().parse().unwrap();
    assert!((20..31).contains(&host), "{address}");
    assert_eq!(leaves(subnet, "vpc-ipv4-cidr-block"), [Some("192.168.0.0/16".to_owned())]);
}

#[test]
fn the_arn_of_an_instance_profile_keeps_its_path() {
    for (profile, arn) in [
        ("web", "arn:aws:iam::123456789012:instance-profile/web"),
        ("team/web", "arn:aws:iam::123456789012:instance-profile/team/web"),
        ("arn:aws:iam::999999999999:instance-profile/a/b/web", "arn:aws:iam::999999999999:instance-profile/a/b/web"),
    ] {
        let json = format!(
            r#"{{"instance_type": "t3.micro", "account_id": "123456789012",
            "role": {{"name": "r", "instance_profile": "{profile}"}}}}"#
        );
        let info: Value = get(&instance(&json, 1, NOON), "meta-data/iam/info").unwrap().parse().unwrap();
        assert_eq!(info["InstanceProfileArn"], arn);
    }
}

#[test]
fn further_paths_are_served_and_listed() {
    let json = r#"{"instance_type": "t3.micro", "public_keys": [{"name": "k", "openssh_key": "ssh"}],
        "network_interfaces": [{"mac": "02:00:00:00:00:0a"}],
        "extra": {"meta-data/spot/new": "s", "meta-data/a/b/c": "deep", "meta-data/a/b-c": 7, "z": "top",
            "meta-data/network/interfaces/macs/02:00:00:00:00:0a/new": [1, {"k": "v"}], "meta-data/public-keys/0/new": "",
            "meta-data/100%": "percent"}}"#;
    let instance = instance(json, 1, NOON);
    for (path, value) in [
        ("", "dynamic\nmeta-data\nz"),
        ("z/", "top"),
        ("meta-data/spot", "new"),
        ("meta-data/spot/new", "s"),
        ("meta-data/a", "b-c\nb/"),
        ("meta-data//a/b/", "c"),
        ("meta-data/a/%62/c", "deep"),
        ("meta-data/a/b-c", "7"),
        ("meta-data/100%25", "percent"),
        ("meta-data/network/interfaces/macs/02:00:00:00:00:0a/new", r#"[1,{"k":"v"}]"#),
        ("meta-data/public-keys/0", "new\nopenssh-key"),
        ("meta-data/public-keys/0/new", ""),
    ] {
        assert_eq!(get(&instance, path).as_deref(), Some(value), "{path}");
    }
    let listing = get(&instance, "meta-data").unwrap();
    let names: Vec<&str> = listing.split('\n').collect();
    assert!(names.is_sorted() && ["100%", "a/", "spot/"].iter().all(|name| names.contains(name)), "{names:?}");
    for absent in
        ["meta-data/a/b/c/d", "meta-data/a/c", "z/z", "meta-data/network/interfaces/macs/02:00:00:00:00:0b/new"]
    {
        assert_eq!(get(&instance, absent), None, "{absent}");
    }
}

#[test]
fn interfaces_and_their_cidr_blocks_are_bounded() {
    let interfaces = |count: usize, interface: &dyn Fn(usize) -> String| {
        let interfaces: Vec<String> = (0..count).map(interface).collect();
        error_of(&format!(r#"{{"instance_type": "t3.micro", "network_interfaces": [{}]}}"#, interfaces.join(", ")))
    };
    let bare = |_| "{}".to_owned();
    assert_eq!(interfaces(256, &bare), None);
    assert_eq!(interfaces(257, &bare).unwrap().0, "network_interfaces");
    let in_vpc = |index| format!(r#"{{"vpc_id": "vpc-1", "local_ipv4s": ["10.{index}.0.5"]}}"#);
    assert_eq!(interfaces(50, &in_vpc), None);
    assert_eq!(interfaces(51, &in_vpc).unwrap().0, "network_interfaces[50].vpc_ipv4_cidr_blocks");
    for key in ["subnet_ipv6_cidr_blocks", "vpc_ipv4_cidr_blocks", "vpc_ipv6_cidr_blocks"] {
        let blocks =
            |count: usize| interfaces(1, &|_| format!(r#"{{"{key}": [{}]}}"#, vec![r#""b""#; count].join(", ")));
        assert_eq!(blocks(50), None);
        assert_eq!(blocks(51).unwrap().0, format!("network_interfaces[0].{key}"));
    }
}

#[test]
fn further_paths_are_bounded() {
    let paths = |count: usize| {
        let members: Vec<String> = (0..count).map(|index| format!(r#""meta-data/new/{index}": """#)).collect();
        error_of(&format!(r#"{{"instance_type": "t3.micro", "extra": {{{}}}}}"#, members.join(", ")))
    };
    assert_eq!(paths(256), None);
    assert_eq!(paths(257), Some(("extra".into(), "at most 256 paths are allowed".into())));
    let sizes = |path: usize, value: usize| {
        let (path, value) = ("p".repeat(path), "v".repeat(value));
        error_of(&format!(r#"{{"instance_type": "t3.micro", "extra": {{"{path}": "{value}"}}}}"#))
    };
    assert_eq!(sizes(1024, 65536), None);
    assert!(sizes(1025, 1).unwrap().1.contains("at most 1024 bytes"));
    assert!(sizes(1, 65537).unwrap().1.contains("at most 65536 bytes"));
}

/// A member of a record, the path of its error, and a part of the reason.
const INVALID: &[(&str, &str, &str)] = &[
    (r#""unknown": 1"#, "unknown", "unknown key `unknown`: docs/record.md has the known keys"),
    (r#""": 1"#, ".", "unknown key ``; known keys: `instance_type`, "),
    (r#""profile": "kvm""#, "profile", "`nitro` `xen`"),
    (r#""newest_version": "2023-01-01""#, "newest_version", "1.0 to 2026-04-15"),
    (r#""newest_version": "latest""#, "newest_version", "1.0 to 2026-04-15"),
    (r#""newest_version": "2022-07-09""#, "newest_version", "not served on nitro: use `2021-07-15` or `2022-09-24`"),
    (r#""newest_version": "2022-07-09", "profile": "nitro""#, "newest_version", "use `2021-07-15` or `2022-09-24`"),
    (r#""instance_id": "i/1""#, "instance_id", "without `/`"),
    (r#""launch_time": "2020-09-26""#, "launch_time", "expected 'T'"),
    (
        r#""ami_launch_index": -1"#,
        "ami_launch_index",
        "expected a whole number from 0 to 4294967295, found the number -1",
    ),
    (r#""monitoring": "on""#, "monitoring", "`enabled` or `disabled`"),
    (r#""hostname_type": "ip""#, "hostname_type", "`ip-name` or `resource-name`"),
    (r#""instance_type": "t3.nano""#, ".", "the key `instance_type` occurs twice"),
    (r#""instance_id": 1"#, "instance_id", "expected a string, found the number 1"),
    (r#""launch_time": 1"#, "launch_time", "expected an RFC 3339 date and time such as"),
    (
        r#""ami_launch_index": 4294967296"#,
        "ami_launch_index",
        "expected a whole number from 0 to 4294967295, found the number 4294967296",
    ),
    (
        r#""ami_launch_index": "1""#,
        "ami_launch_index",
        "expected a whole number from 0 to 4294967295, found the string \"1\"",
    ),
    (
        r#""ami_launch_index": "ü\"\\\n\u001b\u009b""#,
        "ami_launch_index",
        r#"expected a whole number from 0 to 4294967295, found the string "ü\"\\\n\u001b\u009b""#,
    ),
    (
        r#""ami_launch_index": 1.5"#,
        "ami_launch_index",
        "found a number with a fraction, an exponent or more than 64 bits",
    ),
    (
        r#""ami_launch_index": 99999999999999999999"#,
        "ami_launch_index",
        "found a number with a fraction, an exponent or more than 64 bits",
    ),
    (r#""dns_hostnames": 1"#, "dns_hostnames", "expected `true` or `false`, found the number 1"),
    (r#""monitoring": true"#, "monitoring", "expected `enabled` or `disabled`, found `true`"),
    (r#""identity": null"#, "identity", "expected an object, found `null`"),
    (r#""product_codes": {}"#, "product_codes", "expected a list, found an object"),
    (r#""product_codes": ["a", 1]"#, "product_codes[1]", "expected a string"),
    (r#""tags": []"#, "tags", "expected an object, found a list"),
    (r#""role": {"nam": 1}"#, "role.nam", "unknown key `nam`: did you mean `name`?"),
    (r#""role": {"arn": 1}"#, "role.arn", "unknown key `arn`; known keys: `name`, `instance_profile`, "),
    (r#""tags": {"": "c"}"#, "tags.", "a tag key is 1 to 255 characters"),
    (
        r#""tags": {"a b": "c"}, "metadata_options": {"instance_metadata_tags": "enabled"}"#,
        "tags.a b",
        r"'a b' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255})",
    ),
    (
        r#""tags": {"_index": "c"}, "metadata_options": {"instance_metadata_tags": "enabled"}"#,
        "tags._index",
        "must not be a reserved name ('.', '..', '_index')",
    ),
    (r#""tags": {"a": 1}"#, "tags.a", "expected a string"),
    (r#""block_device_mapping": {"..": "sda"}"#, "block_device_mapping...", "neither `.` nor `..`"),
    (r#""role": {}"#, "role", "missing key `name`"),
    (
        r#""role": {"name": "r", "instance_profile": "arn:aws:iam::1:role/r"}"#,
        "role.instance_profile",
        "not the ARN of an instance profile",
    ),
    (r#""system": "kvm""#, "system", "`nitro` or `xen` or `xen-on-nitro`"),
    (r#""availability_zone_id": true"#, "availability_zone_id", "expected a string"),
    (r#""extra": {"meta-data/ami-id": "x"}"#, "extra.meta-data/ami-id", "set the key of the record"),
    (r#""extra": {"meta-data/ami-id/x": "x"}"#, "extra.meta-data/ami-id/x", "set the key of the record"),
    (r#""extra": {"meta-data/placement": "x"}"#, "extra.meta-data/placement", "set the key of the record"),
    (r#""extra": {"meta-data/tags/instance/a": "x"}"#, "extra.meta-data/tags/instance/a", "set the key of the record"),
    (r#""extra": {"user-data": "x"}"#, "extra.user-data", "set the key of the record"),
    (r#""extra": {"api/token": "x"}"#, "extra.api/token", "the path of the tokens"),
    (
        r#""extra": {"meta-data/network/interfaces/macs/02:00:00:00:00:0a/new": "x"}"#,
        "extra.meta-data/network/interfaces/macs/02:00:00:00:00:0a/new",
        "no interface of the record states this MAC address",
    ),
    (r#""extra": {"meta-data/public-keys/0/x": "x"}"#, "extra.meta-data/public-keys/0/x", "no public key"),
    (r#""extra": {"meta-data/a": "x", "meta-data/a/b": "y"}"#, "extra.meta-data/a/b", "`meta-data/a` is a value"),
    (r#""extra": {"meta-data/../a": "x"}"#, "extra.meta-data/../a", "is empty, `.` or `..`"),
    (r#""extra": {"meta-data//a": "x"}"#, "extra.meta-data//a", "is empty, `.` or `..`"),
    (r#""extra": {"/meta-data/a": "x"}"#, "extra./meta-data/a", "is empty, `.` or `..`"),
    (r#""extra": {"meta-data/a": null}"#, "extra.meta-data/a", "expected a string or JSON, found `null`"),
    (r#""extra": {"meta-data/a": [1.5]}"#, "extra.meta-data/a[0]", "is not supported: use a string"),
    (
        r#""network_interfaces": [{"subnet_id": "subnet-1", "subnet_ipv4_cidr_block": "10.0.0.0/24"}, {},
            {"subnet_id": "subnet-1", "subnet_ipv4_cidr_block": "10.0.1.0/24"}]"#,
        "network_interfaces[2].subnet_ipv4_cidr_block",
        "contradicts `network_interfaces[0].subnet_ipv4_cidr_block`, which is of the same subnet subnet-1",
    ),
    (
        r#""network_interfaces": [{"subnet_id": "subnet-1", "vpc_id": "vpc-1"}, {"subnet_id": "subnet-1", "vpc_id": "vpc-2"}]"#,
        "network_interfaces[1].vpc_id",
        "contradicts `network_interfaces[0].vpc_id`",
    ),
    (
        r#""network_interfaces": [{"vpc_id": "vpc-1", "vpc_ipv4_cidr_blocks": ["10.0.0.0/16"]},
            {"vpc_id": "vpc-1", "vpc_ipv4_cidr_blocks": ["10.0.0.0/16", "10.1.0.0/16"]}]"#,
        "network_interfaces[1].vpc_ipv4_cidr_blocks",
        "which is of the same VPC vpc-1",
    ),
    (r#""role": {"name": "path/role"}"#, "role.name", "without `/`"),
    (r#""public_keys": [{"name": "a"}]"#, "public_keys[0]", "missing key `openssh_key`"),
    (r#""public_keys": [{"name": "a", "openssh_key": "b\n"}]"#, "public_keys[0].openssh_key", "control characters"),
    (r#""user_data": "a", "user_data_base64": "YQ==""#, "user_data_base64", "conflicts with `user_data`"),
    (r#""user_data_base64": "?""#, "user_data_base64", "not base64: Invalid"),
    (r#""network_interfaces": [{"mac": "02:00:00:00:00"}]"#, "network_interfaces[0].mac", "six pairs"),
    (r#""network_interfaces": [{}, {"mac": "02:00:00:00:00:0g"}]"#, "network_interfaces[1].mac", "six pairs"),
    (
        r#""network_interfaces": [{"mac": "02:00:00:00:00:0a"}, {}, {"mac": "02:00:00:00:00:0A"}]"#,
        "network_interfaces[2].mac",
        "another interface has this address",
    ),
    (r#""network_interfaces": [{"local_ipv4s": ["10.0.0"]}]"#, "network_interfaces[0].local_ipv4s[0]", "IPv4 address"),
    (
        r#""network_interfaces": [{}, {"local_ipv4s": ["10.0.0.1"], "public_ipv4s": ["192.0.2.1", "192.0.2.2"]}]"#,
        "network_interfaces[1].public_ipv4s",
        "more public than private addresses",
    ),
    (
        r#""network_interfaces": [{"security_groups": [{"id": "sg-1"}]}]"#,
        "network_interfaces[0].security_groups[0]",
        "missing key `name`",
    ),
    (
        r#""spot_interruption": {"action": "pause", "time": "2026-01-01T00:00:00Z"}"#,
        "spot_interruption.action",
        "`hibernate`",
    ),
    (
        r#""rebalance_recommendation": {"notice_time": "soon"}"#,
        "rebalance_recommendation.notice_time",
        "digit of the year",
    ),
    (r#""metadata_options": {"http_tokens": "always"}"#, "metadata_options.http_tokens", "`optional` or `required`"),
    (
        r#""metadata_options": {"http_put_response_hop_limit": 0}"#,
        "metadata_options.http_put_response_hop_limit",
        "use 1 to 64",
    ),
    (
        r#""metadata_options": {"http_put_response_hop_limit": 65}"#,
        "metadata_options.http_put_response_hop_limit",
        "use 1 to 64",
    ),
];

/// Values of a minimal record that are generated from the seed.
const GENERATED: &[&str] =
    &["meta-data/ami-id", "meta-data/instance-id", "meta-data/local-ipv4", "meta-data/mac", "meta-data/reservation-id"];

/// The path and the reason of the error in a record, if there is one.
fn error_of(json: &str) -> Option<(String, String)> {
    let record = Record::from_json(json);
    let error = record.and_then(|record| Instance::new(&record, &Seed::new([1; 32]), at(NOON))).err()?;
    let prefix = if error.path == "." { String::new() } else { format!("{}: ", error.path) };
    assert_eq!(error.to_string(), format!("{prefix}{}", error.reason));
    Some((error.path, error.reason))
}

#[test]
fn a_long_error_is_cut() {
    let (path, reason) = error_of(&format!(r#"{{"{}": 1}}"#, "kü".repeat(1_000_000))).unwrap();
    assert_eq!((path.chars().count(), reason.chars().count()), (2001, 2001));
    assert!(reason.starts_with("unknown key `kük") && reason.ends_with('…'), "{reason}");
}

/// The JSON pointers of the objects with fixed keys, and not names.
fn objects_of(value: &Value, pointer: String, found: &mut Vec<String>) {
    const MAPS: &[&str] =
        &["tags", "block_device_mapping", "elastic_gpus", "elastic_inference", "signer_ocsp", "active_keys"];
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter().filter(|(key, _)| !MAPS.contains(&key.as_str())) {
                objects_of(member, format!("{pointer}/{key}"), found);
            }
            found.push(pointer);
        }
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                objects_of(member, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Values that depend on the record, the seed and the time.
fn leaves(json: &str, seed: u8, now: &str) -> Vec<String> {
    const CREDENTIALS: &str = "meta-data/identity-credentials/ec2/security-credentials/ec2-instance";
    let instance = instance(json, seed, now);
    let paths = ["dynamic/instance-identity/document", CREDENTIALS].into_iter().chain(GENERATED.iter().copied());
    paths.map(|path| get(&instance, path).unwrap()).collect()
}

fn instance(json: &str, seed: u8, now: &str) -> Instance {
    Instance::new(&Record::from_json(json).unwrap(), &Seed::new([seed; 32]), at(now)).unwrap()
}

/// The value in the newest version, at noon.
fn get(instance: &Instance, path: &str) -> Option<String> {
    let head = format!("GET /latest/{path} HTTP/1.0\r\n\r\n");
    let answer = instance.answer(at(NOON), &Request::parse(head.as_bytes()), Context::new(Nonce::new(0)));
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    (answer.response.status == Status::Ok).then(|| body.to_string())
}

/// The record of `transcripts/catalogue.txt`, and the keys that are in other transcripts.
fn full() -> String {
    let (_, transcript) = include_str!("transcripts/catalogue.txt").split_once("\ninstance {").unwrap();
    let (record, _) = transcript.split_once("\n\n").unwrap();
    let record = record.replace("0E:49:61:0F:C3:11", "0e:49:61:0f:c3:11");
    format!(
        r#"{{"role": {{"name": "a-role", "failure": "AssumeRoleUnauthorizedAccess"}}, "hostname_type": "resource-name",
        "spot_interruption": {{"action": "stop", "time": "2026-01-01T00:02:00Z", "noticed": "2026-01-01T00:00:00Z"}},
        "rebalance_recommendation": {{"notice_time": "2026-01-01T00:00:00.500Z"}}, "dns_hostnames": false, "profile": "nitro", "credential_jitter": "disabled",
        "maintenance_events": [{{"code": "system-reboot", "event_id": "e-1", "description": "\"a\" \\ reboot",
        "state": "completed", "not_before": "2026-01-02T00:00:00Z", "not_after": "2026-01-02T02:00:00Z"}}], {record}"#
    )
}

fn at(time: &str) -> Timestamp {
    Timestamp::parse_rfc3339(time).unwrap()
}

const NOON: &str = "2026-01-01T12:00:00Z";
const ARTICLE: &str = include_str!("../examples/article.json");
const BARE: &str = r#"{"instance_type": "t3.micro"}"#;
