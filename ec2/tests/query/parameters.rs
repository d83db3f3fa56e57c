//! Every parameter of every action has an effect that can be seen, or is rejected by its name.

use std::collections::BTreeSet;

use imds_ec2::query;

use crate::support::Account;

/// A parameter with a value, and the parameters that it needs beside it.
type Row = (&'static str, &'static str, &'static str);

const INTERFACE: &str = "NetworkInterface.1.DeviceIndex=0";
const VOLUME: &str = "BlockDeviceMapping.1.DeviceName=/dev/sdf";
const SECOND_ADDRESS: &str = "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.PrivateIpAddress=10.0.3.9\
                              &NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.10";

/// The parameters of `RunInstances`.
const OF_LAUNCH: &[Row] = &[
    ("AdditionalInfo", "", "a"),
    ("BlockDeviceMapping.1.DeviceName", "", "/dev/sdf"),
    ("BlockDeviceMapping.1.Ebs.AvailabilityZone", VOLUME, "us-east-1b"),
    ("BlockDeviceMapping.1.Ebs.AvailabilityZoneId", VOLUME, "use1-az2"),
    ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", VOLUME, "true"),
    ("BlockDeviceMapping.1.Ebs.EbsCardIndex", VOLUME, "1"),
    ("BlockDeviceMapping.1.Ebs.Encrypted", VOLUME, "true"),
    ("BlockDeviceMapping.1.Ebs.Iops", VOLUME, "3000"),
    ("BlockDeviceMapping.1.Ebs.KmsKeyId", VOLUME, "alias/a"),
    ("BlockDeviceMapping.1.Ebs.OutpostArn", VOLUME, "arn:aws:outposts:us-east-1:1:outpost/op-1"),
    ("BlockDeviceMapping.1.Ebs.SnapshotId", VOLUME, "snap-1"),
    ("BlockDeviceMapping.1.Ebs.Throughput", VOLUME, "125"),
    ("BlockDeviceMapping.1.Ebs.VolumeInitializationRate", VOLUME, "100"),
    ("BlockDeviceMapping.1.Ebs.VolumeSize", VOLUME, "9"),
    ("BlockDeviceMapping.1.Ebs.VolumeType", VOLUME, "gp3"),
    ("BlockDeviceMapping.1.NoDevice", VOLUME, ""),
    ("BlockDeviceMapping.1.VirtualName", VOLUME, "ephemeral0"),
    ("CapacityReservationSpecification.CapacityReservationPreference", "", "open"),
    ("CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId", "", "cr-1"),
    ("CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn", "", "arn:a"),
    ("ClientToken", "", "once"),
    ("CpuOptions.AmdSevSnp", "", "disabled"),
    ("CpuOptions.CoreCount", "", "1"),
    ("CpuOptions.NestedVirtualization", "", "disabled"),
    ("CpuOptions.ThreadsPerCore", "", "1"),
    ("CreditSpecification.CpuCredits", "", "standard"),
    ("DisableApiStop", "", "true"),
    ("DisableApiTermination", "", "true"),
    ("EbsOptimized", "", "true"),
    ("ElasticGpuSpecification.1.Type", "", "eg1.medium"),
    ("ElasticInferenceAccelerator.1.Count", "", "1"),
    ("ElasticInferenceAccelerator.1.Type", "", "eia1.medium"),
    ("EnablePrimaryIpv6", "Ipv6AddressCount=1", "true"),
    ("EnclaveOptions.Enabled", "", "false"),
    ("HibernationOptions.Configured", "", "true"),
    ("IamInstanceProfile.Arn", "", "arn:aws:iam::123456789012:instance-profile/of/web"),
    ("IamInstanceProfile.Name", "", "web"),
    ("ImageId", "", "ami-2"),
    ("InstanceInitiatedShutdownBehavior", "", "terminate"),
    ("InstanceMarketOptions.MarketType", "", "capacity-block"),
    ("InstanceMarketOptions.SpotOptions.BlockDurationMinutes", "", "60"),
    ("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "", "stop"),
    ("InstanceMarketOptions.SpotOptions.MaxPrice", "", "0.1"),
    ("InstanceMarketOptions.SpotOptions.SpotInstanceType", "", "persistent"),
    ("InstanceMarketOptions.SpotOptions.ValidUntil", "", "2026-12-01T00:00:00Z"),
    ("InstanceType", "", "m7g.large"),
    ("Ipv6Address.1.Ipv6Address", "", "2001:db8::9"),
    ("Ipv6Address.1.IsPrimaryIpv6", "Ipv6Address.1.Ipv6Address=2001:db8::9", "true"),
    ("Ipv6AddressCount", "", "1"),
    ("KernelId", "", "aki-1"),
    ("KeyName", "", "key"),
    ("LaunchTemplate.LaunchTemplateId", "", "lt-1"),
    ("LaunchTemplate.LaunchTemplateName", "", "mine"),
    ("LaunchTemplate.Version", "", "1"),
    ("LicenseSpecification.1.LicenseConfigurationArn", "", "arn:a"),
    ("MaintenanceOptions.AutoRecovery", "", "disabled"),
    ("MaxCount", "", "2"),
    ("MetadataOptions.HttpEndpoint", "", "disabled"),
    ("MetadataOptions.HttpProtocolIpv6", "", "enabled"),
    ("MetadataOptions.HttpPutResponseHopLimit", "", "2"),
    ("MetadataOptions.HttpTokens", "", "required"),
    ("MetadataOptions.InstanceMetadataTags", "", "enabled"),
    ("MinCount", "", "2"),
    ("Monitoring.Enabled", "", "true"),
    ("Monitoring.MetricCategoryId.1", "", "a"),
    ("NetworkInterface.1.AssociateCarrierIpAddress", INTERFACE, "true"),
    ("NetworkInterface.1.AssociatePublicIpAddress", INTERFACE, "true"),
    ("NetworkInterface.1.ConnectionTrackingSpecification.TcpEstablishedTimeout", INTERFACE, "60"),
    ("NetworkInterface.1.ConnectionTrackingSpecification.UdpStreamTimeout", INTERFACE, "60"),
    ("NetworkInterface.1.ConnectionTrackingSpecification.UdpTimeout", INTERFACE, "30"),
    ("NetworkInterface.1.DeleteOnTermination", INTERFACE, "false"),
    ("NetworkInterface.1.Description", INTERFACE, "front"),
    ("NetworkInterface.1.DeviceIndex", "NetworkInterface.2.DeviceIndex=0", "1"),
    ("NetworkInterface.1.EnaQueueCount", INTERFACE, "2"),
    ("NetworkInterface.1.EnaSrdSpecification.EnaSrdEnabled", INTERFACE, "true"),
    ("NetworkInterface.1.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled", INTERFACE, "true"),
    ("NetworkInterface.1.InterfaceType", INTERFACE, "efa"),
    ("NetworkInterface.1.Ipv4Prefix.1.Ipv4Prefix", INTERFACE, "10.0.4.0/28"),
    ("NetworkInterface.1.Ipv4PrefixCount", INTERFACE, "1"),
    ("NetworkInterface.1.Ipv6AddressCount", INTERFACE, "1"),
    ("NetworkInterface.1.Ipv6Addresses.1.Ipv6Address", INTERFACE, "2001:db8::9"),
    (
        "NetworkInterface.1.Ipv6Addresses.1.IsPrimaryIpv6",
        "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv6Addresses.1.Ipv6Address=2001:db8::9",
        "true",
    ),
    ("NetworkInterface.1.Ipv6Prefix.1.Ipv6Prefix", INTERFACE, "2001:db8:0:1::/80"),
    ("NetworkInterface.1.Ipv6PrefixCount", INTERFACE, "1"),
    ("NetworkInterface.1.NetworkCardIndex", INTERFACE, "1"),
    ("NetworkInterface.1.NetworkInterfaceId", INTERFACE, "eni-1"),
    (
        "NetworkInterface.1.PrimaryIpv6",
        "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv6AddressCount=1",
        "true",
    ),
    ("NetworkInterface.1.PrivateIpAddress", INTERFACE, "10.0.3.9"),
    ("NetworkInterface.1.PrivateIpAddresses.1.Primary", SECOND_ADDRESS, "true"),
    ("NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress", INTERFACE, "10.0.3.9"),
    ("NetworkInterface.1.SecondaryPrivateIpAddressCount", INTERFACE, "1"),
    ("NetworkInterface.1.SecurityGroupId.1", INTERFACE, "sg-1"),
    ("NetworkInterface.1.SubnetId", INTERFACE, "subnet-1"),
    ("NetworkPerformanceOptions.BandwidthWeighting", "", "vpc-1"),
    ("Operator.Principal", "", "a"),
    ("Placement.Affinity", "", "host"),
    ("Placement.AvailabilityZone", "", "us-east-1b"),
    ("Placement.AvailabilityZoneId", "", "use1-az4"),
    ("Placement.GroupId", "", "pg-1"),
    ("Placement.GroupName", "", "g"),
    ("Placement.HostId", "", "h-1"),
    ("Placement.HostResourceGroupArn", "", "arn:a"),
    ("Placement.PartitionNumber", "", "3"),
    ("Placement.SpreadDomain", "", "a"),
    ("Placement.Tenancy", "", "dedicated"),
    ("PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord", "", "true"),
    ("PrivateDnsNameOptions.EnableResourceNameDnsARecord", "", "true"),
    ("PrivateDnsNameOptions.HostnameType", "", "resource-name"),
    ("PrivateIpAddress", "", "10.0.3.9"),
    ("RamdiskId", "", "ari-1"),
    ("SecondaryInterface.1.DeleteOnTermination", "", "true"),
    ("SecondaryInterface.1.DeviceIndex", "", "1"),
    ("SecondaryInterface.1.InterfaceType", "", "secondary"),
    ("SecondaryInterface.1.NetworkCardIndex", "", "1"),
    ("SecondaryInterface.1.PrivateIpAddress.1.PrivateIpAddress", "", "10.0.3.9"),
    ("SecondaryInterface.1.PrivateIpAddressCount", "", "1"),
    ("SecondaryInterface.1.SecondarySubnetId", "", "ss-1"),
    ("SecurityGroup.1", "", "web"),
    ("SecurityGroupId.1", "", "sg-1"),
    ("SubnetId", "", "subnet-1"),
    (
        "TagSpecification.1.ResourceType",
        "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a",
        "volume",
    ),
    ("TagSpecification.1.Tag.1.Key", "TagSpecification.1.ResourceType=network-interface", "a"),
    ("TagSpecification.1.Tag.1.Value", "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a", "b"),
    ("UserData", "", "YQ=="),
];

/// The parameters that are rejected if they are empty: enums, numbers, items of lists, and keys.
/// EC2's errors for `HttpEndpoint` (terraform-provider-aws#25547), for the image and for a group
/// are known. The others are absent.
const REJECTED_IF_EMPTY: &[&str] = &[
    "BlockDeviceMapping.N.Ebs.DeleteOnTermination",
    "BlockDeviceMapping.N.Ebs.EbsCardIndex",
    "BlockDeviceMapping.N.Ebs.Encrypted",
    "BlockDeviceMapping.N.Ebs.Iops",
    "BlockDeviceMapping.N.Ebs.Throughput",
    "BlockDeviceMapping.N.Ebs.VolumeInitializationRate",
    "BlockDeviceMapping.N.Ebs.VolumeSize",
    "BlockDeviceMapping.N.Ebs.VolumeType",
    "CapacityReservationSpecification.CapacityReservationPreference",
    "CpuOptions.AmdSevSnp",
    "CpuOptions.CoreCount",
    "CpuOptions.NestedVirtualization",
    "CpuOptions.ThreadsPerCore",
    "CreditSpecification.CpuCredits",
    "DisableApiStop",
    "DisableApiTermination",
    "EbsOptimized",
    "EnablePrimaryIpv6",
    "EnclaveOptions.Enabled",
    "HibernationOptions.Configured",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceMarketOptions.MarketType",
    "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior",
    "InstanceMarketOptions.SpotOptions.SpotInstanceType",
    "Ipv6Address.N.IsPrimaryIpv6",
    "Ipv6AddressCount",
    "MaintenanceOptions.AutoRecovery",
    "MaxCount",
    "MetadataOptions.HttpEndpoint",
    "MetadataOptions.HttpProtocolIpv6",
    "MetadataOptions.HttpPutResponseHopLimit",
    "MetadataOptions.HttpTokens",
    "MetadataOptions.InstanceMetadataTags",
    "MinCount",
    "Monitoring.Enabled",
    "Monitoring.MetricCategoryId.N",
    "NetworkInterface.N.AssociateCarrierIpAddress",
    "NetworkInterface.N.AssociatePublicIpAddress",
    "NetworkInterface.N.ConnectionTrackingSpecification.TcpEstablishedTimeout",
    "NetworkInterface.N.ConnectionTrackingSpecification.UdpStreamTimeout",
    "NetworkInterface.N.ConnectionTrackingSpecification.UdpTimeout",
    "NetworkInterface.N.DeleteOnTermination",
    "NetworkInterface.N.DeviceIndex",
    "NetworkInterface.N.EnaQueueCount",
    "NetworkInterface.N.EnaSrdSpecification.EnaSrdEnabled",
    "NetworkInterface.N.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
    "NetworkInterface.N.InterfaceType",
    "NetworkInterface.N.Ipv4PrefixCount",
    "NetworkInterface.N.Ipv6AddressCount",
    "NetworkInterface.N.Ipv6Addresses.N.IsPrimaryIpv6",
    "NetworkInterface.N.Ipv6PrefixCount",
    "NetworkInterface.N.NetworkCardIndex",
    "NetworkInterface.N.PrimaryIpv6",
    "NetworkInterface.N.PrivateIpAddresses.N.Primary",
    "NetworkInterface.N.SecondaryPrivateIpAddressCount",
    "NetworkInterface.N.SecurityGroupId.N",
    "NetworkPerformanceOptions.BandwidthWeighting",
    "Placement.PartitionNumber",
    "Placement.Tenancy",
    "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
    "PrivateDnsNameOptions.EnableResourceNameDnsARecord",
    "PrivateDnsNameOptions.HostnameType",
    "SecurityGroup.N",
    "SecurityGroupId.N",
    "TagSpecification.N.ResourceType",
    "TagSpecification.N.Tag.N.Key",
];

#[test]
fn every_parameter_of_a_launch_is_shown_or_rejected_by_name() {
    let known: BTreeSet<&str> = query::parameters("RunInstances").collect();
    let tested: BTreeSet<String> = OF_LAUNCH.iter().map(|(name, ..)| generic(name)).collect();
    assert_eq!(tested.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (name, context, value) in OF_LAUNCH {
        let without = launched(context, "").expect("the context alone is a launch");
        match launched(context, &format!("{name}={value}")) {
            Ok(with) => assert_ne!(with, without, "{name}={value} is accepted and shows nowhere"),
            Err(message) => assert!(names(&message, name), "{name}={value}: {message}"),
        }
    }
}

#[test]
fn an_empty_parameter_of_a_launch_is_absent_or_rejected_by_name() {
    let mut rejected = Vec::new();
    for (name, context, _) in OF_LAUNCH.iter().filter(|(name, ..)| !name.ends_with("NoDevice")) {
        match launched(context, &format!("{name}=")) {
            Ok(with) => assert_eq!(Ok(with), launched(context, ""), "{name} is empty and not absent"),
            Err(message) => {
                assert!(names(&message, name), "{name}: {message}");
                rejected.push(generic(name));
            }
        }
    }
    assert_eq!(rejected, REJECTED_IF_EMPTY);
}

/// The parameters of the other actions. `ID` stands for an instance.
const OF_OTHERS: &[(&str, &[Row])] = &[
    (
        "CreateTags",
        &[
            ("ResourceId.1", "Tag.1.Key=a", "ID"),
            ("Tag.1.Key", "ResourceId.1=ID", "a"),
            ("Tag.1.Value", "ResourceId.1=ID&Tag.1.Key=a", "b"),
        ],
    ),
    (
        "DeleteTags",
        &[
            ("ResourceId.1", "", "ID"),
            ("Tag.1.Key", "ResourceId.1=ID", "Other"),
            ("Tag.1.Value", "ResourceId.1=ID&Tag.1.Key=Name", "other"),
        ],
    ),
    (
        "DescribeAvailabilityZones",
        &[
            ("Filter.1.Name", "", "zone-name"),
            ("Filter.1.Value.1", "Filter.1.Name=zone-name&Filter.1.Value.1=*", "us-east-1z"),
            ("ZoneId.1", "", "use1-az9"),
            ("ZoneName.1", "", "us-east-1z"),
        ],
    ),
    (
        "DescribeInstanceAttribute",
        &[("Attribute", "InstanceId=ID&Attribute=kernel", "userData"), ("InstanceId", "Attribute=kernel", "ID")],
    ),
    (
        "DescribeInstanceCreditSpecifications",
        &[
            ("Filter.1.Name", "", "instance-id"),
            ("Filter.1.Value.1", "Filter.1.Name=instance-id&Filter.1.Value.1=*", "ID"),
            ("InstanceId.1", "", "ID"),
            ("MaxResults", "", "5"),
            ("NextToken", "", "forged"),
        ],
    ),
    (
        "DescribeInstances",
        &[
            ("Filter.1.Name", "", "image-id"),
            ("Filter.1.Value.1", "Filter.1.Name=instance-id&Filter.1.Value.1=*", "ID"),
            ("InstanceId.1", "", "ID"),
            ("MaxResults", "", "5"),
            ("NextToken", "", "forged"),
        ],
    ),
    (
        "DescribeRegions",
        &[
            ("Filter.1.Name", "", "region-name"),
            ("Filter.1.Value.1", "Filter.1.Name=region-name&Filter.1.Value.1=*", "us-east-9"),
            ("RegionName.1", "", "us-east-9"),
        ],
    ),
    (
        "DescribeTags",
        &[
            ("Filter.1.Name", "", "key"),
            ("Filter.1.Value.1", "Filter.1.Name=resource-id&Filter.1.Value.1=*", "ID"),
            ("MaxResults", "", "5"),
            ("NextToken", "", "forged"),
        ],
    ),
    (
        "DescribeVolumes",
        &[
            ("Filter.1.Name", "", "size"),
            ("Filter.1.Value.1", "Filter.1.Name=attachment.instance-id&Filter.1.Value.1=*", "ID"),
            ("MaxResults", "", "5"),
            ("NextToken", "", "forged"),
            ("VolumeId.1", "", "vol-1"),
        ],
    ),
    ("GetInstanceMetadataDefaults", &[]),
    (
        "ModifyInstanceMetadataDefaults",
        &[
            ("HttpEndpoint", "", "disabled"),
            ("HttpPutResponseHopLimit", "", "3"),
            ("HttpTokens", "", "required"),
            ("HttpTokensEnforced", "", "enabled"),
            ("InstanceMetadataTags", "", "enabled"),
        ],
    ),
    (
        "ModifyInstanceMetadataOptions",
        &[
            ("HttpEndpoint", "InstanceId=ID", "disabled"),
            ("HttpProtocolIpv6", "InstanceId=ID", "enabled"),
            ("HttpPutResponseHopLimit", "InstanceId=ID", "3"),
            ("HttpTokens", "InstanceId=ID", "required"),
            ("InstanceId", "HttpTokens=required", "ID"),
            ("InstanceMetadataTags", "InstanceId=ID", "enabled"),
        ],
    ),
    ("RebootInstances", &[("InstanceId.1", "", "ID")]),
    ("StartInstances", &[("AdditionalInfo", "InstanceId.1=ID", "a"), ("InstanceId.1", "", "ID")]),
    ("StopInstances", &[("Hibernate", "InstanceId.1=ID", "true"), ("InstanceId.1", "", "ID")]),
    ("TerminateInstances", &[("InstanceId.1", "", "ID")]),
];

/// Parameters that have no effect here, because they would have none on the same account in EC2.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    // All zones and Regions are enabled.
    ("DescribeAvailabilityZones", "AllAvailabilityZones"),
    ("DescribeRegions", "AllRegions"),
    // A service of AWS manages no resource.
    ("DescribeInstances", "IncludeManagedResources"),
    ("DescribeVolumes", "IncludeManagedResources"),
    // The operating system would notice.
    ("StopInstances", "Force"),
    ("StopInstances", "SkipOsShutdown"),
    ("TerminateInstances", "Force"),
    ("TerminateInstances", "SkipOsShutdown"),
];

#[test]
fn every_parameter_of_the_other_actions_has_an_effect_or_is_rejected_by_name() {
    let others = query::actions().filter(|action| *action != "RunInstances").collect::<Vec<_>>();
    assert_eq!(OF_OTHERS.iter().map(|(action, _)| *action).collect::<Vec<_>>(), others);
    for (action, rows) in OF_OTHERS {
        let mut tested: BTreeSet<String> = rows.iter().map(|(name, ..)| generic(name)).collect();
        let without_effect = WITHOUT_EFFECT.iter().filter(|(other, _)| other == action);
        tested.extend(without_effect.map(|(_, name)| (*name).to_owned()));
        assert_eq!(tested, query::parameters(action).map(str::to_owned).collect(), "{action}");
        for (name, context, value) in *rows {
            let without = called(action, context, "");
            match called(action, context, &format!("{name}={value}")) {
                Ok(with) => assert_ne!(Ok(with), without, "{action}: {name}={value} has no effect"),
                Err(message) => {
                    assert!(names(&message, name) || message.contains(value), "{action}: {name}={value}: {message}");
                }
            }
        }
    }
}

/// The response to an action and what is described afterwards, or the message of its error.
fn called(action: &str, context: &str, parameter: &str) -> Result<String, String> {
    let mut account = Account::new();
    let tags = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name";
    let ids = account.ok(&format!("RunInstances&ImageId=ami-1&MinCount=7&MaxCount=7&{tags}")).texts("instanceId");
    account.advance(1000);
    let mut parameters: Vec<(&str, &str)> = Vec::new();
    let added = context.split('&').chain([parameter]).filter(|pair| !pair.is_empty());
    for (name, value) in added.map(|pair| pair.split_once('=').unwrap()) {
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, if value == "ID" { &ids[0] } else { value }));
    }
    let form: String = parameters.iter().map(|(name, value)| format!("&{name}={value}")).collect();
    let response = account.send(&format!("{action}{form}"));
    if response.status != 200 {
        return Err(response.text("Message"));
    }
    let mut shown = without_request_id(&response.xml);
    for action in ["DescribeInstances", "GetInstanceMetadataDefaults"] {
        shown.push_str(&without_request_id(&account.ok(action).xml));
    }
    Ok(shown)
}

/// What all actions show after a launch with these parameters, or the message of its error.
fn launched(context: &str, parameter: &str) -> Result<String, String> {
    let mut account = Account::new();
    let mut parameters: Vec<(&str, &str)> = vec![("ImageId", "ami-1"), ("MinCount", "1"), ("MaxCount", "1")];
    let added = context.split('&').chain([parameter]).filter(|pair| !pair.is_empty());
    for (name, value) in added.map(|pair| pair.split_once('=').unwrap()) {
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, value));
    }
    let form: String =
        parameters.iter().map(|(name, value)| format!("&{name}={}", value.replace('=', "%3D"))).collect();
    let response = account.send(&format!("RunInstances{form}"));
    if response.status != 200 {
        return Err(response.text("Message"));
    }
    account.advance(1000);
    let ids = response.texts("instanceId");
    let mut shown = String::new();
    for action in [
        "DescribeInstances",
        "DescribeVolumes",
        "DescribeTags",
        "DescribeAvailabilityZones",
        &format!("DescribeInstanceCreditSpecifications&InstanceId.1={}", ids[0]),
    ] {
        shown.push_str(&without_request_id(&account.ok(action).xml));
    }
    for attribute in [
        "instanceType",
        "userData",
        "disableApiTermination",
        "disableApiStop",
        "instanceInitiatedShutdownBehavior",
        "enclaveOptions",
    ] {
        let action = format!("DescribeInstanceAttribute&InstanceId={}&Attribute={attribute}", ids[0]);
        shown.push_str(&without_request_id(&account.ok(&action).xml));
    }
    Ok(shown)
}

fn without_request_id(xml: &str) -> String {
    xml.lines().filter(|line| !line.contains("<requestId>")).collect::<Vec<_>>().join("\n")
}

/// Returns whether an error names a member of the parameter, or EC2's word for it.
fn names(message: &str, parameter: &str) -> bool {
    let message = message.to_lowercase().replace([' ', '-'], "");
    let mut members = parameter.split('.').filter(|member| member.len() > 2);
    members.any(|member| message.contains(&member.to_lowercase()))
        || message.contains("groupid") && parameter.contains("Group")
        || message.contains("expecting\"ami...\"") && parameter == "ImageId"
}

fn generic(name: &str) -> String {
    let is_number = |member: &str| member.bytes().all(|byte| byte.is_ascii_digit());
    name.split('.').map(|member| if is_number(member) { "N" } else { member }).collect::<Vec<_>>().join(".")
}
