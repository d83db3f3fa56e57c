//! `DescribeInstances`, its filters and its paginator

use imds_clients::ec2::{list, text};
use serde_json::{Value, json};

use crate::begin;

#[test]
fn each_kind_of_filter_finds_matching_instances() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let tags = |name: &str| json!([{ "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": name }] }]);
    let web = ec2.launch(
        1,
        json!({
            "InstanceType": "t3.nano", "PrivateIpAddress": "10.0.3.9", "TagSpecifications": tags("web 1"),
            "MetadataOptions": { "HttpTokens": "required", "HttpPutResponseHopLimit": 7, "InstanceMetadataTags": "disabled" },
        }),
    );
    let data = ec2.launch(1, json!({ "InstanceType": "c5.large", "TagSpecifications": tags("web*2") }));
    ec2.call("StopInstances", json!({ "InstanceIds": data }));
    let ours = json!({ "Name": "instance-id", "Values": [web[0], data[0]] });
    let both = [web.clone(), data.clone()].concat();
    let none = Vec::new();
    for (name, values, found) in [
        ("tag:Name", &["web 1"][..], &web),
        ("tag:Name", &["web*"], &both),
        ("tag:Name", &["web?1"], &web),
        ("tag:Name", &[r"web\*2"], &data),
        ("tag:Name", &["WEB*"], &none),
        ("tag-key", &["Na?e"], &both),
        ("tag-value", &["*2"], &data),
        ("instance-id", &[web[0].as_str()], &web),
        ("instance-state-name", &["stopped", "terminated"], &data),
        ("instance-state-code", &["16"], &web),
        ("metadata-options.http-tokens", &["required"], &web),
        ("metadata-options.http-put-response-hop-limit", &["7"], &web),
        ("metadata-options.http-endpoint", &["enabled"], &both),
        ("metadata-options.instance-metadata-tags", &["enabled"], &none),
        ("metadata-options.state", &["app*"], &both),
        ("private-ip-address", &["10.0.3.?"], &web),
        ("network-interface.addresses.private-ip-address", &["10.0.3.9"], &web),
        ("instance-type", &["t?.*", "c4.*"], &web),
        ("instance-type", &["*"], &both),
        ("image-id", &["ami-0ce107ae7af2e92b5"], &both),
        ("outpost-arn", &["*"], &none),
    ] {
        let filters = json!([ours, { "Name": name, "Values": values }]);
        let instances = ec2.found(json!({ "Filters": filters }));
        let ids: Vec<String> = instances.iter().map(|instance| text(&instance["InstanceId"])).collect();
        assert_eq!(ids, *found, "{name} {values:?}");
    }
}

#[test]
fn every_documented_filter_is_accepted() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    for (operation, least) in [
        ("DescribeAvailabilityZones", 10),
        ("DescribeInstanceCreditSpecifications", 1),
        ("DescribeInstances", 130),
        ("DescribeRegions", 3),
        ("DescribeTags", 5),
        ("DescribeVolumes", 19),
    ] {
        let names = ec2.documented_filters(operation);
        assert!(names.len() >= least, "{operation}: {names:?}");
        let filters: Vec<Value> = names.iter().map(|name| json!({ "Name": name, "Values": ["*"] })).collect();
        // An unknown filter would reject the whole call, so one call has as many as are allowed.
        for filters in filters.chunks(50) {
            ec2.call(operation, json!({ "Filters": filters }));
        }
    }
    let unknown = json!({ "Filters": [{ "Name": "colour", "Values": ["*"] }] });
    assert_eq!(ec2.error("DescribeInstances", unknown), ("InvalidParameterValue".into(), 400));
}

#[test]
fn the_paginator_returns_all_instances_once_and_in_order() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let mut launched: Vec<String> = ec2.found(json!({})).iter().map(|first| text(&first["InstanceId"])).collect();
    for count in [1, 17, 4] {
        launched.extend(ec2.launch(count, json!({})));
    }
    let pages = ec2.pages("DescribeInstances", json!({}), 5, "Reservations[].Instances[].InstanceId");
    assert_eq!(pages.iter().map(|page| list(page).len()).collect::<Vec<_>>(), [5, 5, 5, 5, 3]);
    assert_eq!(pages.iter().flat_map(list).map(|id| text(&id)).collect::<Vec<_>>(), launched);
    let of_one_launch = json!({ "Filters": [{ "Name": "launch-index", "Values": ["0"] }] });
    let pages = ec2.pages("DescribeInstances", of_one_launch, 5, "Reservations[].Instances[].InstanceId");
    assert_eq!(pages.iter().map(|page| list(page).len()).collect::<Vec<_>>(), [4]);
}

#[test]
fn instances_are_described_by_id_and_unknown_ids_are_rejected() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(3, json!({}));
    let found = ec2.found(json!({ "InstanceIds": [ids[2], ids[0]] }));
    assert_eq!(found.iter().map(|instance| text(&instance["InstanceId"])).collect::<Vec<_>>(), [&*ids[0], &*ids[2]]);
    let rejected = ec2.error("DescribeInstances", json!({ "InstanceIds": [ids[0], "i-0123456789abcdef0"] }));
    assert_eq!(rejected, ("InvalidInstanceID.NotFound".into(), 400));
}
