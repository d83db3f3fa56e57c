//! `RunInstances`

use imds_clients::ec2::text;
use imds_clients::metadata::Metadata;
use serde_json::{Value, json};

use crate::begin;

#[test]
fn the_articles_launch_is_described_with_all_its_parameters() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let launched = ec2.call(
        "RunInstances",
        json!({
            "ImageId": "ami-0ce107ae7af2e92b5",
            "InstanceType": "t2.nano",
            "KeyName": "key_file",
            "MinCount": 1,
            "MaxCount": 1,
            "Monitoring": { "Enabled": false },
            "Placement": { "AvailabilityZone": "ap-northeast-1a" },
            // The AWS CLI sends --subnet-id, --security-group-ids and --associate-public-ip-address
            // this way.
            "NetworkInterfaces": [{
                "DeviceIndex": 0,
                "SubnetId": "subnet-03d74b8d6ab6c39f2",
                "Groups": ["sg-0a00ecb871bb15fb3"],
                "AssociatePublicIpAddress": true,
            }],
            "TagSpecifications": [{ "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": "test_instance" }] }],
        }),
    );
    let launched = &launched["Instances"][0];
    assert_eq!(launched["State"], json!({ "Code": 0, "Name": "pending" }));
    let described = ec2.described(&text(&launched["InstanceId"]));
    assert_eq!(described["State"], json!({ "Code": 16, "Name": "running" }));
    // Even if they are in force at once.
    assert_eq!(launched["MetadataOptions"]["State"], "pending");
    assert_eq!(described["MetadataOptions"], options("optional", 1, "enabled", "disabled", "disabled"));
    for instance in [launched, &described] {
        assert_shows(
            instance,
            &[
                ("/ImageId", json!("ami-0ce107ae7af2e92b5")),
                ("/InstanceType", json!("t2.nano")),
                ("/KeyName", json!("key_file")),
                ("/Monitoring/State", json!("disabled")),
                ("/Placement/AvailabilityZone", json!("ap-northeast-1a")),
                ("/SubnetId", json!("subnet-03d74b8d6ab6c39f2")),
                ("/SecurityGroups/0/GroupId", json!("sg-0a00ecb871bb15fb3")),
                ("/NetworkInterfaces/0/Groups/0/GroupId", json!("sg-0a00ecb871bb15fb3")),
                ("/NetworkInterfaces/0/Attachment/DeviceIndex", json!(0)),
                ("/PublicIpAddress", instance["NetworkInterfaces"][0]["Association"]["PublicIp"].clone()),
                ("/Tags", json!([{ "Key": "Name", "Value": "test_instance" }])),
                ("/MetadataOptions/HttpTokens", json!("optional")),
            ],
        );
        assert!(instance["PublicIpAddress"].is_string(), "{instance}");
    }
}

#[test]
fn top_level_and_interface_network_parameters_are_equivalent() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let network = |groups: &str, address: &str| {
        json!({
            "SubnetId": "subnet-03d74b8d6ab6c39f2",
            groups: ["sg-0a00ecb871bb15fb3", "sg-1"],
            "PrivateIpAddress": address,
            "Ipv6AddressCount": 1,
        })
    };
    let mut interface = network("Groups", "10.0.3.1");
    interface["DeviceIndex"] = json!(0);
    let shown = [json!({ "NetworkInterfaces": [interface] }), network("SecurityGroupIds", "10.0.3.2")].map(|launch| {
        let id = ec2.launch(1, launch).remove(0);
        let instance = ec2.described(&id);
        let paths = ["/SubnetId", "/SecurityGroups", "/NetworkInterfaces/0/SubnetId", "/NetworkInterfaces/0/Groups"];
        assert_eq!(instance["NetworkInterfaces"][0]["Ipv6Addresses"].as_array().map(Vec::len), Some(1));
        assert_eq!(instance["NetworkInterfaces"][0]["PrivateIpAddress"], instance["PrivateIpAddress"]);
        (paths.map(|path| instance.pointer(path).cloned()), instance["PrivateIpAddress"].clone())
    });
    assert_eq!(shown[0].0, shown[1].0);
    assert_eq!([&shown[0].1, &shown[1].1], ["10.0.3.1", "10.0.3.2"]);
    assert!(shown[0].0.iter().all(Option::is_some), "{shown:?}");
}

#[test]
fn other_launch_parameters_are_described_and_in_the_metadata() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(
        1,
        json!({
            "InstanceType": "m7g.large",
            "EbsOptimized": true,
            "DisableApiTermination": true,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "IamInstanceProfile": { "Arn": "arn:aws:iam::123456789012:instance-profile/web" },
            "UserData": "#!/bin/sh\necho '<ü>'  &\n",
            "BlockDeviceMappings": [
                { "DeviceName": "/dev/xvda", "Ebs": { "VolumeSize": 9, "VolumeType": "gp3", "DeleteOnTermination": false } },
            ],
            "NetworkInterfaces": [
                {
                    "DeviceIndex": 0,
                    "PrivateIpAddresses": [
                        { "PrivateIpAddress": "10.0.3.9", "Primary": true },
                        { "PrivateIpAddress": "10.0.3.10", "Primary": false },
                    ],
                },
                { "DeviceIndex": 1, "Ipv6Addresses": [{ "Ipv6Address": "2001:db8::9" }], "Description": "second" },
            ],
            "MetadataOptions": {
                "HttpTokens": "required",
                "HttpPutResponseHopLimit": 3,
                "HttpEndpoint": "enabled",
                "HttpProtocolIpv6": "enabled",
                "InstanceMetadataTags": "enabled",
            },
            "TagSpecifications": [
                { "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": "a <b> & 'c'" }] },
                { "ResourceType": "volume", "Tags": [{ "Key": "of a volume", "Value": "" }] },
            ],
        }),
    );
    let described = ec2.described(&ids[0]);
    assert_shows(
        &described,
        &[
            ("/InstanceType", json!("m7g.large")),
            ("/Architecture", json!("arm64")),
            ("/EbsOptimized", json!(true)),
            ("/IamInstanceProfile/Arn", json!("arn:aws:iam::123456789012:instance-profile/web")),
            ("/BlockDeviceMappings/0/Ebs/DeleteOnTermination", json!(false)),
            ("/PrivateIpAddress", json!("10.0.3.9")),
            ("/NetworkInterfaces/0/PrivateIpAddresses/1/PrivateIpAddress", json!("10.0.3.10")),
            ("/NetworkInterfaces/1/Ipv6Addresses/0/Ipv6Address", json!("2001:db8::9")),
            ("/NetworkInterfaces/1/Description", json!("second")),
            ("/MetadataOptions", options("required", 3, "enabled", "enabled", "enabled")),
            ("/Tags", json!([{ "Key": "Name", "Value": "a <b> & 'c'" }])),
        ],
    );
    let attribute = |name: &str| json!({ "InstanceId": ids[0], "Attribute": name });
    let data = ec2.call("DescribeInstanceAttribute", attribute("userData"));
    assert_eq!(data["UserData"]["Value"], "IyEvYmluL3NoCmVjaG8gJzzDvD4nICAmCg==");
    let protected = ec2.call("DescribeInstanceAttribute", attribute("disableApiTermination"));
    assert_eq!(protected["DisableApiTermination"]["Value"], true);

    let metadata = Metadata::named_by(&described);
    for (path, value) in [
        ("user-data", "#!/bin/sh\necho '<ü>'  &\n"),
        ("meta-data/instance-type", "m7g.large"),
        ("meta-data/iam/security-credentials/", "web"),
        ("meta-data/local-ipv4", "10.0.3.9"),
        ("meta-data/tags/instance/Name", "a <b> & 'c'"),
    ] {
        assert_eq!(metadata.get(path), Some(Ok(value.to_owned())), "{path}");
    }
    assert_eq!(metadata.get_v1("meta-data/"), Some(Err(401)));
}

#[test]
fn launch_options_that_the_metadata_lacks_are_described() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let options = json!({
        "CapacityReservationSpecification": { "CapacityReservationPreference": "open" },
        "CpuOptions": { "CoreCount": 1, "ThreadsPerCore": 2 },
        "EnclaveOptions": { "Enabled": false },
        "MaintenanceOptions": { "AutoRecovery": "disabled" },
        "NetworkPerformanceOptions": { "BandwidthWeighting": "default" },
        "PrivateDnsNameOptions": { "HostnameType": "ip-name", "EnableResourceNameDnsARecord": true },
    });
    let tags = |kind: &str| json!({ "ResourceType": kind, "Tags": [{ "Key": kind, "Value": "a" }] });
    let mut launch = json!({
        "InstanceType": "t3.nano",
        "CreditSpecification": { "CpuCredits": "standard" },
        "DisableApiStop": true,
        "LicenseSpecifications": [{ "LicenseConfigurationArn": "arn:a" }, { "LicenseConfigurationArn": "arn:b" }],
        "Placement": { "Affinity": "default", "GroupId": "pg-1", "HostResourceGroupArn": "arn:c" },
        "BlockDeviceMappings": [{
            "DeviceName": "/dev/sdf",
            "Ebs": { "VolumeSize": 9, "VolumeType": "gp3", "Iops": 3000, "Throughput": 125, "Encrypted": true },
        }],
        "NetworkInterfaces": [{
            "DeviceIndex": 0,
            "DeleteOnTermination": false,
            "InterfaceType": "efa",
            "ConnectionTrackingSpecification": { "UdpTimeout": 30 },
            "EnaSrdSpecification": { "EnaSrdEnabled": true, "EnaSrdUdpSpecification": { "EnaSrdUdpEnabled": true } },
            "EnaQueueCount": 2,
            "Ipv4PrefixCount": 1,
            "Ipv6AddressCount": 1,
            "Ipv6PrefixCount": 1,
            "PrimaryIpv6": true,
        }],
        "TagSpecifications": [tags("instance"), tags("volume"), tags("network-interface")],
    });
    launch.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let id = ec2.launch(1, launch).remove(0);
    let described = ec2.described(&id);
    for (member, value) in options.as_object().unwrap() {
        assert_eq!(described[member], *value, "{member}");
    }
    let interface = &described["NetworkInterfaces"][0];
    assert_shows(
        &described,
        &[
            ("/Licenses", json!([{ "LicenseConfigurationArn": "arn:a" }, { "LicenseConfigurationArn": "arn:b" }])),
            ("/Placement/Affinity", json!("default")),
            ("/Placement/GroupId", json!("pg-1")),
            ("/Placement/HostResourceGroupArn", json!("arn:c")),
            ("/NetworkInterfaces/0/Attachment/DeleteOnTermination", json!(false)),
            ("/NetworkInterfaces/0/Attachment/EnaQueueCount", json!(2)),
            (
                "/NetworkInterfaces/0/Attachment/EnaSrdSpecification",
                json!({ "EnaSrdEnabled": true, "EnaSrdUdpSpecification": { "EnaSrdUdpEnabled": true } }),
            ),
            ("/NetworkInterfaces/0/ConnectionTrackingConfiguration", json!({ "UdpTimeout": 30 })),
            ("/NetworkInterfaces/0/InterfaceType", json!("efa")),
            ("/NetworkInterfaces/0/Ipv6Addresses/0/IsPrimaryIpv6", json!(true)),
            ("/NetworkInterfaces/0/Ipv4Prefixes/0", json!({ "Ipv4Prefix": "10.0.255.224/28" })),
        ],
    );
    let volumes = ec2.call("DescribeVolumes", json!({ "Filters": [{ "Name": "size", "Values": ["9"] }] }));
    assert_shows(
        &volumes["Volumes"][0],
        &[
            ("/VolumeType", json!("gp3")),
            ("/Iops", json!(3000)),
            ("/Throughput", json!(125)),
            ("/Encrypted", json!(true)),
            ("/Attachments/0/InstanceId", json!(id)),
            ("/Attachments/0/Device", json!("/dev/sdf")),
            ("/Tags", json!([{ "Key": "volume", "Value": "a" }])),
        ],
    );
    assert_eq!(volumes["Volumes"].as_array().map(Vec::len), Some(1));
    let credits = ec2.call("DescribeInstanceCreditSpecifications", json!({ "InstanceIds": [id] }));
    assert_eq!(credits["InstanceCreditSpecifications"], json!([{ "InstanceId": id, "CpuCredits": "standard" }]));
    let of_interface = [json!({ "Name": "resource-id", "Values": [interface["NetworkInterfaceId"]] })];
    let found = ec2.call("DescribeTags", json!({ "Filters": of_interface }));
    assert_eq!(found["Tags"][0]["Key"], "network-interface");
    assert_eq!(ec2.error("StopInstances", json!({ "InstanceIds": [id] })), ("OperationNotPermitted".into(), 400));
}

#[test]
fn the_zones_of_the_instances_are_described() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    ec2.launch(1, json!({ "Placement": { "AvailabilityZone": "eu-west-1b" } }));
    let zones = ec2.call("DescribeAvailabilityZones", json!({ "ZoneNames": ["eu-west-1b"] }));
    assert_shows(
        &zones["AvailabilityZones"][0],
        &[
            ("/RegionName", json!("eu-west-1")),
            ("/ZoneId", json!("euw1-az2")),
            ("/ZoneType", json!("availability-zone")),
            ("/State", json!("available")),
        ],
    );
    let regions = ec2.call("DescribeRegions", json!({ "RegionNames": ["eu-west-1"] }));
    assert_eq!(regions["Regions"][0]["Endpoint"], "ec2.eu-west-1.amazonaws.com");
    let unknown = ec2.error("DescribeAvailabilityZones", json!({ "ZoneNames": ["eu-west-1z"] }));
    assert_eq!(unknown, ("InvalidParameterValue".into(), 400));
}

#[test]
fn max_count_instances_are_launched_as_one_reservation() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let launched =
        ec2.call("RunInstances", json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 2, "MaxCount": 3 }));
    let indices: Vec<&Value> =
        launched["Instances"].as_array().unwrap().iter().map(|instance| &instance["AmiLaunchIndex"]).collect();
    assert_eq!(indices, [0, 1, 2]);
    let of_launch = json!({ "Filters": [{ "Name": "reservation-id", "Values": [launched["ReservationId"]] }] });
    assert_eq!(ec2.found(of_launch).len(), 3);
}

#[test]
fn a_repeated_client_token_launches_once_and_rejects_another_launch() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let launch = |instance_type: &str| json!({ "ClientToken": "once", "InstanceType": instance_type });
    let first = ec2.launch(2, launch("t3.nano"));
    assert_eq!(ec2.launch(2, launch("t3.nano")), first);
    let other = json!({
        "ClientToken": "once", "InstanceType": "t3.micro", "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 2, "MaxCount": 2
    });
    assert_eq!(ec2.error("RunInstances", other), ("IdempotentParameterMismatch".into(), 400));
    // botocore generates a client token for each launch without one.
    assert_ne!(ec2.launch(1, json!({})), ec2.launch(1, json!({})));
    assert_eq!(ec2.found(json!({})).len(), 1 + 2 + 2);
}

/// Options in force.
fn options(tokens: &str, hops: u8, endpoint: &str, ipv6: &str, tags: &str) -> Value {
    json!({
        "State": "applied",
        "HttpTokens": tokens,
        "HttpPutResponseHopLimit": hops,
        "HttpEndpoint": endpoint,
        "HttpProtocolIpv6": ipv6,
        "InstanceMetadataTags": tags,
    })
}

fn assert_shows(instance: &Value, members: &[(&str, Value)]) {
    for (path, value) in members {
        assert_eq!(instance.pointer(path), Some(value), "{path}");
    }
}
