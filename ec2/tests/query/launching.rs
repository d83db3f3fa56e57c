use imds::record::{InstanceOverrides, Line, Name, Record};
use imds_ec2::Fleet;
use imds_ec2::fleet::Image;

use crate::support::{Account, LAUNCH};

/// The launch of the article that the example fleet is from.
const ARTICLE: &str = "RunInstances&ImageId=ami-0ce107ae7af2e92b5&InstanceType=t2.nano&KeyName=key_file&Monitoring.Enabled=false\
    &Placement.AvailabilityZone=ap-northeast-1a&TagSpecification.1.ResourceType=instance\
    &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=test_instance&NetworkInterface.1.DeviceIndex=0\
    &NetworkInterface.1.AssociatePublicIpAddress=true&NetworkInterface.1.SubnetId=subnet-03d74b8d6ab6c39f2\
    &NetworkInterface.1.SecurityGroupId.1=sg-0a00ecb871bb15fb3&MaxCount=1&MinCount=1\
    &ClientToken=a23e9cde-7d02-4011-be76-5ab41ae01498";

#[test]
fn a_launch_is_pending_in_its_response_and_then_described_as_requested() {
    let mut account = Account::new();
    let response = account.ok(ARTICLE);
    assert_eq!((response.text("code"), response.text("name")), ("0".into(), "pending".into()));
    assert_eq!(response.element("stateReason").text("code"), "pending");
    assert_eq!(response.element("metadataOptions").text("state"), "pending");
    let description = account.ok("DescribeInstances");
    assert_eq!(
        description.element("metadataOptions").text("state"),
        "applied",
        "the options of a launch apply at once"
    );
    let id = response.text("instanceId");
    account.advance(1000);
    let description = account.ok("DescribeInstances&Filter.1.Name=tag:Name&Filter.1.Value.1=test_instance");
    for (element, value) in [
        ("instanceId", id.as_str()),
        ("imageId", "ami-0ce107ae7af2e92b5"),
        ("name", "running"),
        ("privateDnsName", "ip-10-0-0-4.ap-northeast-1.compute.internal"),
        ("dnsName", "ec2-203-0-113-1.ap-northeast-1.compute.amazonaws.com"),
        ("reason", ""),
        ("keyName", "key_file"),
        ("amiLaunchIndex", "0"),
        ("instanceType", "t2.nano"),
        ("launchTime", "2026-01-01T00:00:00.000Z"),
        ("availabilityZone", "ap-northeast-1a"),
        ("availabilityZoneId", "apne1-az1"),
        ("tenancy", "default"),
        ("subnetId", "subnet-03d74b8d6ab6c39f2"),
        ("privateIpAddress", "10.0.0.4"),
        ("ipAddress", "203.0.113.1"),
        ("architecture", "x86_64"),
        ("rootDeviceName", "/dev/xvda"),
        ("clientToken", "a23e9cde-7d02-4011-be76-5ab41ae01498"),
        ("key", "Name"),
        ("value", "test_instance"),
        ("groupId", "sg-0a00ecb871bb15fb3"),
        ("description", "imds: http://127.0.0.4:1338"),
        ("publicIp", "203.0.113.1"),
        ("httpTokens", "optional"),
        ("httpPutResponseHopLimit", "1"),
        ("httpEndpoint", "enabled"),
        ("httpProtocolIpv6", "disabled"),
        ("instanceMetadataTags", "disabled"),
    ] {
        assert_eq!(description.text(element), value, "{element}");
    }
    for (path, value) in [
        ("instance-id", id.as_str()),
        ("ami-id", "ami-0ce107ae7af2e92b5"),
        ("instance-type", "t2.nano"),
        ("local-hostname", "ip-10-0-0-4.ap-northeast-1.compute.internal"),
        ("public-hostname", "ec2-203-0-113-1.ap-northeast-1.compute.amazonaws.com"),
        ("public-keys/", "0=key_file"),
        ("placement/availability-zone", "ap-northeast-1a"),
        ("reservation-id", &description.text("reservationId")),
        ("tags/instance/Name", "404"),
    ] {
        assert_eq!(account.metadata(&id, &format!("/latest/meta-data/{path}")), value, "{path}");
    }
}

#[test]
fn the_parameters_of_a_launch_are_in_the_metadata() {
    for (parameters, path, value) in [
        ("UserData=IyEvYmluL3No%0ACg%3D%3D", "user-data", "#!/bin/sh\n"),
        ("InstanceType=t4g.nano", "dynamic/", "instance-identity/"),
        ("Monitoring.Enabled=true", "dynamic/fws/instance-monitoring", "enabled"),
        ("Placement.AvailabilityZone=us-west-2-lax-1a", "meta-data/placement/region", "us-west-2"),
        ("Placement.AvailabilityZoneId=use1-az4", "meta-data/placement/availability-zone-id", "use1-az4"),
        ("Placement.GroupName=g&Placement.PartitionNumber=3", "meta-data/placement/partition-number", "3"),
        ("Placement.GroupName=g", "meta-data/placement/group-name", "g"),
        (
            "Placement.Tenancy=host&Placement.HostId=h-0123456789abcdef0",
            "meta-data/placement/host-id",
            "h-0123456789abcdef0",
        ),
        ("IamInstanceProfile.Name=web", "meta-data/iam/security-credentials/", "web"),
        (
            "IamInstanceProfile.Arn=arn:aws:iam::123456789012:instance-profile/of/web",
            "meta-data/iam/security-credentials/",
            "web",
        ),
        ("PrivateIpAddress=10.0.3.9", "meta-data/local-ipv4", "10.0.3.9"),
        ("Ipv6Address.1.Ipv6Address=2001:db8::9", "meta-data/ipv6", "2001:db8::9"),
        ("SubnetId=subnet-03d74b8d", "meta-data/network/interfaces/macs/*/subnet-id", "subnet-03d74b8d"),
        ("SecurityGroup.1=web&SecurityGroup.2=ssh", "meta-data/security-groups", "web\nssh"),
        (
            "SecurityGroupId.2=sg-2&SecurityGroupId.10=sg-10&SecurityGroupId.1=sg-1",
            "meta-data/security-groups",
            "sg-1\nsg-2\nsg-10",
        ),
        (
            "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.8\
             &NetworkInterface.1.PrivateIpAddresses.2.PrivateIpAddress=10.0.3.9&NetworkInterface.1.PrivateIpAddresses.2.Primary=true",
            "meta-data/local-ipv4",
            "10.0.3.9",
        ),
        (
            "BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=8",
            "meta-data/block-device-mapping/ebs1",
            "sdf",
        ),
        (
            "InstanceType=m3.medium&BlockDeviceMapping.1.DeviceName=/dev/sdc&BlockDeviceMapping.1.VirtualName=ephemeral0",
            "meta-data/block-device-mapping/ephemeral0",
            "sdc",
        ),
        (
            "BlockDeviceMapping.1.DeviceName=/dev/&BlockDeviceMapping.1.Ebs.VolumeSize=8",
            "meta-data/block-device-mapping/ebs1",
            "/dev/",
        ),
        ("InstanceType=t3.nano&BlockDeviceMapping.1.DeviceName=/dev/sdf", "meta-data/block-device-mapping/ami", "xvda"),
        (
            "InstanceType=t2.nano&BlockDeviceMapping.1.DeviceName=/dev/sdf",
            "meta-data/block-device-mapping/ami",
            "/dev/xvda",
        ),
        (
            "InstanceType=m3.xlarge&BlockDeviceMapping.1.DeviceName=/dev/sdc&BlockDeviceMapping.1.NoDevice=",
            "meta-data/block-device-mapping/",
            "ami\nephemeral0\nroot",
        ),
        (
            "InstanceType=m3.medium&BlockDeviceMapping.1.DeviceName=/dev/sdc&BlockDeviceMapping.1.VirtualName=ephemeral1",
            "meta-data/block-device-mapping/",
            "ami\nephemeral0\nroot",
        ),
        (
            "BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.NoDevice=",
            "meta-data/block-device-mapping/",
            "ami\nroot",
        ),
        ("InstanceMarketOptions.MarketType=spot", "meta-data/instance-life-cycle", "spot"),
        ("HibernationOptions.Configured=true", "meta-data/hibernation/configured", "true"),
        ("KernelId=aki-5c21674b", "meta-data/kernel-id", "aki-5c21674b"),
        (
            "MetadataOptions.InstanceMetadataTags=enabled&TagSpecification.1.ResourceType=instance\
             &TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b",
            "meta-data/tags/instance/a",
            "b",
        ),
    ] {
        let mut account = Account::new();
        let id = account.launch(parameters);
        let mac = account.metadata(&id, "/latest/meta-data/mac");
        let path = format!("/latest/{}", path.replace('*', &mac));
        assert_eq!(account.metadata(&id, &path), value, "{parameters}");
    }
}

#[test]
fn the_parameters_of_a_launch_are_described() {
    for (parameters, member, values) in [
        ("InstanceType=m7g.large", "architecture", &["arm64"][..]),
        ("InstanceType=t3.nano", "enaSupport", &["true"]),
        ("Placement.Tenancy=dedicated", "tenancy", &["dedicated"]),
        ("EbsOptimized=true", "ebsOptimized", &["true"]),
        (
            "IamInstanceProfile.Arn=arn:aws:iam::123456789012:instance-profile/of/web",
            "arn",
            &["arn:aws:iam::123456789012:instance-profile/of/web"],
        ),
        ("InstanceMarketOptions.MarketType=spot", "instanceLifecycle", &["spot"]),
        ("PrivateDnsNameOptions.HostnameType=resource-name", "hostnameType", &["resource-name"]),
        (
            "Monitoring.Enabled=true",
            "monitoring",
            &["\n                        <state>enabled</state>\n                    "],
        ),
        (
            "BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.2.DeviceName=/dev/xvda&BlockDeviceMapping.2.Ebs.VolumeType=gp3",
            "deviceName",
            &["/dev/xvda", "/dev/sdf"],
        ),
        (
            "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Description=front&NetworkInterface.1.AssociatePublicIpAddress=false",
            "description",
            &["front"],
        ),
        (
            "NetworkInterface.1.DeviceIndex=1&NetworkInterface.2.DeviceIndex=0&NetworkInterface.1.SubnetId=subnet-01&NetworkInterface.2.SubnetId=subnet-00",
            "deviceIndex",
            &["0", "1"],
        ),
        (
            "NetworkInterface.1.DeviceIndex=1&NetworkInterface.2.DeviceIndex=0&NetworkInterface.1.Description=back",
            "description",
            &["imds: http://127.0.0.4:1338", "back"],
        ),
        (
            "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.PrivateIpAddresses.2.PrivateIpAddress=10.0.3.3&NetworkInterface.1.PrivateIpAddresses.2.Primary=true&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.4",
            "privateIpAddress",
            &["10.0.3.3", "10.0.3.3", "10.0.3.3", "10.0.3.4"],
        ),
        (
            "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv6Prefix.1.Ipv6Prefix=2001:db8:0:1::/80",
            "ipv6Prefix",
            &["2001:db8:0:1::/80"],
        ),
        ("TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=a", "tagSet", &[""]),
        (
            "CreditSpecification.CpuCredits=unlimited&CpuOptions.CoreCount=1&EnclaveOptions.Enabled=false",
            "name",
            &["running"],
        ),
    ] {
        let mut account = Account::new();
        let id = account.launch(parameters);
        let description = account.ok(&format!("DescribeInstances&InstanceId.1={id}"));
        assert_eq!(description.texts(member), values, "{parameters}");
    }
}

#[test]
fn invalid_launches_are_rejected() {
    let [value, combination, unsupported] =
        ["InvalidParameterValue", "InvalidParameterCombination", "UnsupportedOperation"];
    let interface = "Network interfaces and an instance-level";
    for (parameters, code, message) in [
        ("MinCount=1&MaxCount=1", "MissingParameter", "The request must contain the parameter ImageId".to_owned()),
        ("ImageId=ami-1&MinCount=1", "MissingParameter", "The request must contain the parameter MaxCount".into()),
        ("ImageId=ami-1&MinCount=0&MaxCount=1", value, "Value ( 0 ) for parameter minCount is invalid. The value must be at least 1.".into()),
        ("ImageId=ami-1&MinCount=2&MaxCount=1", combination, "The parameter minCount may not be greater than maxCount".into()),
        (
            "ImageId=ami-1&MinCount=10001&MaxCount=10001",
            "InstanceLimitExceeded",
            "You have requested more instances (10001) than your current instance limit of 10000 allows for the specified instance type.".into(),
        ),
        ("ImageId=image&MinCount=1&MaxCount=1", "InvalidAMIID.Malformed", "Invalid id: \"image\" (expecting \"ami-...\")".into()),
        ("1&UserData=%21", "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.".into()),
        ("1&Placement.AvailabilityZone=mars", value, "Invalid availability zone: [mars]".into()),
        ("1&SubnetId=net", "InvalidSubnetID.NotFound", "The subnet ID 'net' does not exist".into()),
        ("1&SecurityGroupId.1=web", "InvalidGroupId.Malformed", "Invalid id: \"web\" (expecting \"sg-...\")".into()),
        ("1&KeyName=a/b", "InvalidKeyPair.NotFound", "The key pair 'a/b' does not exist".into()),
        ("1&PrivateIpAddress=home", value, "Value ( home ) for parameter privateIpAddress is invalid. Invalid IP address.".into()),
        ("1&PrivateIpAddress=192.168.0.9", value, "Address does not fall within the subnet's address range".into()),
        ("1&PrivateIpAddress=10.0.0.3", value, "Address does not fall within the subnet's address range".into()),
        ("1&PrivateIpAddress=10.0.9.9", "InvalidIPAddress.InUse", "Address 10.0.9.9 is in use.".into()),
        ("2&PrivateIpAddress=10.0.3.3", combination, "A private address may not be specified when launching more than one instance".into()),
        ("1&NetworkInterface.1.DeviceIndex=0&SubnetId=subnet-1", combination, format!("{interface} subnet ID may not be specified on the same request")),
        ("1&NetworkInterface.1.DeviceIndex=0&SecurityGroupId.1=sg-1", combination, format!("{interface} security groups may not be specified on the same request")),
        ("1&NetworkInterface.1.DeviceIndex=0&PrivateIpAddress=10.0.3.3", combination, format!("{interface} private IP address may not be specified on the same request")),
        (
            "1&NetworkInterface.1.DeviceIndex=0&NetworkInterface.2.DeviceIndex=1&NetworkInterface.1.AssociatePublicIpAddress=true",
            combination,
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.".into(),
        ),
        (
            "1&Ipv6AddressCount=65",
            value,
            "Value ( 65 ) for parameter ipv6AddressCount is invalid. The value must be at most 64.".into(),
        ),
        (
            "1&NetworkInterface.1.DeviceIndex=-1",
            value,
            "Value ( -1 ) for parameter deviceIndex is invalid. The value must be an integer that is not negative".into(),
        ),
        ("1&NetworkInterface.1.DeviceIndex=1", value, "A network interface with the device index 0 must be specified".into()),
        (
            "1&NetworkInterface.1.DeviceIndex=2&NetworkInterface.2.DeviceIndex=0&NetworkInterface.3.DeviceIndex=2",
            value,
            "Each network interface requires a unique device index: 2".into(),
        ),
        (
            "1&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SecondaryPrivateIpAddressCount=1",
            unsupported,
            "The parameter NetworkInterface.1.SecondaryPrivateIpAddressCount is not supported here".into(),
        ),
        (
            "1&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.3",
            unsupported,
            "The parameter NetworkInterface.1.PrivateIpAddresses is not supported here without a primary address".into(),
        ),
        (
            "1&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.PrivateIpAddress=10.0.3.3&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.4&NetworkInterface.1.PrivateIpAddresses.1.Primary=true",
            combination,
            "Only one primary private IP address can be specified".into(),
        ),
        ("1&IamInstanceProfile.Arn=web", value, "Value (web) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN".into()),
        ("1&IamInstanceProfile.Name=a/b", value, "Value (a/b) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name".into()),
        (
            "1&IamInstanceProfile.Name=a&IamInstanceProfile.Arn=arn:aws:iam::1:instance-profile/a",
            combination,
            "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'".into(),
        ),
        ("1&BlockDeviceMapping.1.Ebs.VolumeSize=8", "InvalidBlockDeviceMapping", "A device name must be specified for each block device mapping".into()),
        (
            "1&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.2.DeviceName=/dev/sdf",
            "InvalidBlockDeviceMapping",
            "The device '/dev/sdf' is used in more than one block-device mapping".into(),
        ),
        (
            "1&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.VirtualName=a/b",
            "InvalidBlockDeviceMapping",
            "'a/b' is not a valid virtual device name".into(),
        ),
        (
            "1&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.2.ResourceType=instance&TagSpecification.2.Tag.1.Key=a",
            value,
            "Duplicate tag key 'a' specified.".into(),
        ),
        (
            "1&TagSpecification.1.ResourceType=moon&TagSpecification.1.Tag.1.Key=a",
            value,
            "'moon' is not a valid taggable resource type for this operation.".into(),
        ),
        (
            "1&LaunchTemplate.LaunchTemplateName=mine",
            "InvalidLaunchTemplateName.NotFoundException",
            "The specified launch template, with template name mine, does not exist.".into(),
        ),
        (
            "1&LaunchTemplate.LaunchTemplateId=lt-1&LaunchTemplate.Version=999",
            "InvalidLaunchTemplateId.NotFound",
            "The specified launch template, with template ID lt-1, does not exist.".into(),
        ),
        ("ImageId=&MinCount=1&MaxCount=1", "InvalidAMIID.Malformed", "Invalid id: \"\" (expecting \"ami-...\")".into()),
        ("1&SecurityGroupId.1=", value, "Value () for parameter groupId is invalid. The value cannot be empty".into()),
        ("1&EnablePrimaryIpv6=true", combination, "The parameter EnablePrimaryIpv6 requires an IPv6 address of the interface".into()),
        ("1&InstanceType=t3", value, "Invalid value 't3' for InstanceType.".into()),
        ("1&InstanceType=t3.nan", value, "Invalid value 't3.nan' for InstanceType.".into()),
        ("1&InstanceType=T3.nano", value, "Invalid value 'T3.nano' for InstanceType.".into()),
        ("1&InstanceType=x.metal-xl", value, "Invalid value 'x.metal-xl' for InstanceType.".into()),
        (
            "1&InstanceMarketOptions.MarketType=on-demand",
            value,
            "A value of 'on-demand' is not valid for MarketType. Specify either 'spot' or 'capacity-block' and try again.".into(),
        ),
        (
            "1&InstanceMarketOptions.MarketType=spot&InstanceMarketOptions.SpotOptions.MaxPrice=0.1",
            unsupported,
            "The parameter InstanceMarketOptions.SpotOptions.MaxPrice is not supported here".into(),
        ),
        (
            "1&InstanceType=m5.large&CreditSpecification.CpuCredits=standard",
            combination,
            "The parameter CpuCredits is not supported for the instance type m5.large".into(),
        ),
    ] {
        let mut account = Account::new();
        account.launch("PrivateIpAddress=10.0.9.9");
        let count = parameters.get(..1).filter(|count| count.parse::<u32>().is_ok());
        let parameters = match count {
            Some(count) => format!("ImageId=ami-1&MinCount=1&MaxCount={count}{}", &parameters[1..]),
            None => parameters.into(),
        };
        assert_eq!(account.rejected(&format!("RunInstances&{parameters}")), (code.into(), message), "{parameters}");
    }
}

#[test]
fn an_instance_profile_keeps_its_path() {
    let mut account = Account::new();
    let arn = "arn:aws:iam::123456789012:instance-profile/of/team/web";
    let id = account.launch(&format!("IamInstanceProfile.Arn={arn}"));
    assert_eq!(account.metadata(&id, "/latest/meta-data/iam/security-credentials/"), "web");
    let info = account.metadata(&id, "/latest/meta-data/iam/info");
    assert!(info.contains(&format!("\"InstanceProfileArn\" : \"{arn}\"")), "{info}");
    assert_eq!(account.ok("DescribeInstances").element("iamInstanceProfile").text("arn"), arn);
    let filter = "DescribeInstances&Filter.1.Name=iam-instance-profile.arn&Filter.1.Value.1";
    assert_eq!(account.ok(&format!("{filter}={arn}")).texts("instanceId"), [id.as_str()]);

    // The launch template knows the profile's path and role.
    let template =
        format!(r#"{{ "instance_type": "t3.nano", "role": {{ "name": "reader", "instance_profile": "{arn}" }} }}"#);
    account.fleet.set_launch_template(Record::from_json(&template).unwrap());
    let id = account.launch("IamInstanceProfile.Name=web");
    assert_eq!(account.metadata(&id, "/latest/meta-data/iam/security-credentials/"), "reader");
    let filtered = account.ok(&format!("{filter}={arn}"));
    assert_eq!(filtered.texts("instanceId").len(), 2, "{}", filtered.xml);
}

#[test]
fn a_delegated_prefix_is_shown_and_belongs_to_one_instance() {
    let mut account = Account::new();
    let interface = "NetworkInterface.1.DeviceIndex=0&NetworkInterface.1";
    let prefixes = |account: &mut Account, id: &str, element: &str| {
        account.ok(&format!("DescribeInstances&InstanceId.1={id}")).texts(element)
    };
    let first = account.launch(&format!("{interface}.Ipv4PrefixCount=2&NetworkInterface.1.Ipv6PrefixCount=1"));
    assert_eq!(prefixes(&mut account, &first, "ipv4Prefix"), ["10.0.255.224/28", "10.0.255.208/28"]);
    assert!(prefixes(&mut account, &first, "ipv6Prefix")[0].ends_with("/80"));
    let listed = account.metadata(&first, "/latest/meta-data/network/interfaces/macs/");
    let path = format!("/latest/meta-data/network/interfaces/macs/{listed}ipv4-prefix");
    assert_eq!(account.metadata(&first, &path), "10.0.255.224/28\n10.0.255.208/28");

    let second = account.launch(&format!("{interface}.Ipv4PrefixCount=1"));
    assert_eq!(prefixes(&mut account, &second, "ipv4Prefix"), ["10.0.255.192/28"]);
    for taken in ["Ipv4Prefix.1.Ipv4Prefix=10.0.255.192/28", "PrivateIpAddress=10.0.255.200"] {
        let rejected = account.rejected(&format!("{LAUNCH}&{interface}.{taken}"));
        assert_eq!(rejected.0, "InvalidIPAddress.InUse", "{taken}");
    }
    account.ok(&format!("TerminateInstances&InstanceId.1={second}"));
    account.advance(1000);
    let third = account.launch(&format!("{interface}.Ipv4Prefix.1.Ipv4Prefix=10.0.255.192/28"));
    let filter =
        "DescribeInstances&Filter.1.Name=network-interface.ipv4-prefixes.ipv4-prefix&Filter.1.Value.1=10.0.255.192*";
    assert_eq!(account.ok(filter).texts("instanceId"), [third.as_str()]);
    for wrong in ["Ipv4Prefix.1.Ipv4Prefix=10.0.9.0/24", "Ipv4Prefix.1.Ipv4Prefix=10.0.9.1/28", "Ipv4PrefixCount=65"] {
        assert_eq!(account.rejected(&format!("{LAUNCH}&{interface}.{wrong}")).0, "InvalidParameterValue", "{wrong}");
    }
}

#[test]
fn a_launch_keeps_the_addresses_that_it_sets_before_queued_ones() {
    for (parameter, element) in [
        ("NetworkInterface.1.NetworkInterfaceId=eni-9", "networkInterfaceId"),
        ("NetworkInterface.1.PrivateIpAddress=10.0.3.9", "privateIpAddress"),
        ("NetworkInterface.1.Ipv4Prefix.1.Ipv4Prefix=10.0.3.16/28", "ipv4Prefix"),
        ("NetworkInterface.1.Ipv6Addresses.1.Ipv6Address=2001:db8::9", "ipv6Address"),
        ("NetworkInterface.1.Ipv6Prefix.1.Ipv6Prefix=2001:db8::/80", "ipv6Prefix"),
    ] {
        let mut account = Account::new();
        account.fleet.queue_overrides([InstanceOverrides { instance_id: name("i-7"), ..InstanceOverrides::default() }]);
        account.launch(&format!("NetworkInterface.1.DeviceIndex=0&{parameter}"));
        let value = parameter.rsplit('=').next().unwrap();
        assert_eq!(account.ok("DescribeInstances").text(element), value, "{parameter}");
    }
    let mut account = Account::new();
    account.fleet.queue_overrides([InstanceOverrides { instance_id: name("i-7"), ..InstanceOverrides::default() }]);
    assert_eq!(account.launch("NetworkInterface.1.DeviceIndex=0"), "i-7");
}

#[test]
fn an_efa_only_interface_has_no_addresses() {
    let mut account = Account::new();
    let interfaces = "NetworkInterface.1.DeviceIndex=0&NetworkInterface.2.DeviceIndex=1\
                      &NetworkInterface.2.InterfaceType=efa-only";
    account.launch(interfaces);
    let description = account.ok("DescribeInstances");
    assert_eq!(description.texts("interfaceType"), ["interface", "efa-only"]);
    assert_eq!(description.texts("privateIpAddressesSet")[1], "");
    for wrong in [&interfaces.replace("2.Int", "1.Int"), &format!("{interfaces}&NetworkInterface.2.Ipv6AddressCount=1")]
    {
        assert_eq!(account.rejected(&format!("{LAUNCH}&{wrong}")).0, "InvalidParameterCombination", "{wrong}");
    }
}

#[test]
fn an_instance_can_be_protected_from_stops() {
    let mut account = Account::new();
    let id = account.launch("DisableApiStop=true");
    let message = format!(
        "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
    );
    let rejected = account.rejected(&format!("StopInstances&InstanceId.1={id}&Force=true"));
    assert_eq!(rejected, ("OperationNotPermitted".into(), message));
    account.ok(&format!("TerminateInstances&InstanceId.1={id}"));
}

#[test]
fn user_data_over_16_kibibytes_is_rejected() {
    let user_data = |groups: usize, end: &str| format!("{LAUNCH}&UserData={}{end}", "AAAA".repeat(groups));
    Account::new().ok(&user_data(5461, "AA=="));
    let rejected = Account::new().rejected(&user_data(5461, "AAA="));
    assert_eq!(rejected, ("InvalidParameterValue".into(), "User data is limited to 16384 bytes".into()));
}

#[test]
fn the_instances_of_one_launch_are_one_reservation() {
    let mut account = Account::new();
    account.launch("");
    let launched = account.ok("RunInstances&ImageId=ami-1&MinCount=2&MaxCount=3");
    assert_eq!(launched.texts("amiLaunchIndex"), ["0", "1", "2"]);
    let description = account.ok("DescribeInstances");
    assert_eq!(description.texts("reservationId").len(), 2);
    assert_eq!(description.texts("reservationId")[1], launched.text("reservationId"));
    assert_eq!(description.texts("instanceId")[1..], launched.texts("instanceId"));
}

#[test]
fn a_repeated_launch_with_a_client_token_returns_the_first_launch() {
    let mut account = Account::new();
    let launch = format!("{LAUNCH}&ClientToken=once");
    let first = account.ok(&launch);
    account.advance(1000);
    let again = account.ok(&format!("{launch}&X-Amz-Date=later&DryRun=false"));
    for member in ["reservationId", "instanceId", "privateIpAddress"] {
        assert_eq!(again.text(member), first.text(member), "{member}");
    }
    assert_eq!(again.text("name"), "running");
    assert_eq!(account.fleet.len(), 1);
    assert_eq!(account.rejected(&format!("{launch}&KeyName=a")).0, "IdempotentParameterMismatch");
    account.ok(&format!("{LAUNCH}&ClientToken=other"));
    account.ok(&format!("{LAUNCH}&ClientToken="));
    account.ok(&format!("{LAUNCH}&ClientToken="));
    assert_eq!(account.fleet.len(), 4);
    // Observed: boto3#4406.
    account.ok(&format!("TerminateInstances&InstanceId.1={}", first.text("instanceId")));
    account.advance(1000);
    assert_eq!(account.rejected(&launch).0, "IdempotentInstanceTerminated");
    let long = "a".repeat(65);
    assert_eq!(account.rejected(&format!("{LAUNCH}&ClientToken={long}")).0, "InvalidParameterValue");
}

#[test]
fn a_client_token_is_valid_after_a_restore() {
    let mut account = Account::new();
    let launch = format!("{LAUNCH}&ClientToken=once");
    let first = account.ok(&launch);
    account.fleet = Fleet::restore(&account.fleet.snapshot(), *account.fleet.settings(), account.now).unwrap();
    let again = account.ok(&launch);
    for member in ["reservationId", "instanceId", "privateIpAddress"] {
        assert_eq!(again.text(member), first.text(member), "{member}");
    }
    assert_eq!(account.fleet.len(), 1);
    assert_eq!(account.rejected(&format!("{launch}&KeyName=a")).0, "IdempotentParameterMismatch");
    account.ok(&format!("{LAUNCH}&ClientToken=other"));
    assert_eq!(account.fleet.len(), 2);
}

#[test]
fn a_client_token_returns_the_remaining_instances_of_its_launch() {
    let mut account = Account::new();
    let launch = "RunInstances&ImageId=ami-1&MinCount=2&MaxCount=2&ClientToken=once";
    let ids = account.ok(launch).texts("instanceId");
    account.advance(1000);
    account.ok(&format!("TerminateInstances&InstanceId.1={}", ids[0]));
    account.advance(3_601_000);
    assert_eq!(account.ok(launch).texts("instanceId"), ids[1..]);
    assert_eq!(account.fleet.len(), 1);
}

#[test]
fn a_dry_run_does_not_use_up_its_client_token() {
    let mut account = Account::new();
    let launch = format!("{LAUNCH}&ClientToken=once");
    account.rejected_form(format!("Version=2016-11-15&Action={launch}&DryRun=true").as_bytes());
    account.ok(&launch);
    assert_eq!(account.fleet.len(), 1);
}

#[test]
fn the_keys_of_a_record_are_described() {
    let mut account = Account::new();
    let template = r#"{ "instance_type": "t3.nano", "ami_id": "ami-7", "availability_zone_id": false,
        "outpost_arn": "arn:aws:outposts:us-east-1:123456789012:outpost/op-1", "domain_names": ["example.io"],
        "account_id": "123456789012", "role": { "name": "web", "instance_profile": "team/web" },
        "network_interfaces": [{ "ipv4_prefixes": ["10.0.0.16/28"], "ipv6_prefixes": ["2001:db8:1::/80"] },
                               { "local_ipv4s": [] }] }"#;
    account.fleet.set_launch_template(Record::from_json(template).unwrap());
    account.ok("RunInstances&MinCount=1&MaxCount=1");
    let described = account.ok("DescribeInstances");
    for (element, values) in [
        ("outpostArn", &["arn:aws:outposts:us-east-1:123456789012:outpost/op-1"][..]),
        ("arn", &["arn:aws:iam::123456789012:instance-profile/team/web"]),
        ("ipv4Prefix", &["10.0.0.16/28"]),
        ("ipv6Prefix", &["2001:db8:1::/80"]),
        ("availabilityZoneId", &[]),
    ] {
        assert_eq!(described.texts(element), values, "{element}");
    }
    let names: Vec<String> = described.texts("privateDnsName").iter().map(ToString::to_string).collect();
    assert!(names.iter().all(|name| name.ends_with(".ec2.internal")), "{names:?}");
    assert_eq!(described.texts("networkInterfaceId").len(), 2);
}

#[test]
fn a_launch_starts_from_the_launch_template_and_the_image() {
    let mut account = Account::new();
    let template = r#"{ "instance_type": "t2.nano", "ami_id": "ami-7", "availability_zone": "eu-west-1b",
        "public_keys": [{ "name": "known", "openssh_key": "ssh-ed25519 AAAA known" }],
        "role": { "name": "reader", "instance_profile": "web" },
        "network_interfaces": [{ "security_groups": [{ "id": "sg-1", "name": "named" }],
                                 "subnet_ipv4_cidr_block": "10.7.0.0/24" }] }"#;
    account.fleet.set_launch_template(Record::from_json(template).unwrap());
    let image = Image::default().with_architecture(line("arm64")).with_root_device_name(line("/dev/sda1"));
    account.fleet.set_image(line("ami-7").unwrap(), image);
    let id = account
        .ok("RunInstances&MinCount=1&MaxCount=1&KeyName=known&SecurityGroupId.1=sg-1&IamInstanceProfile.Name=web")
        .text("instanceId");
    let description = account.ok("DescribeInstances");
    for (element, value) in [
        ("imageId", "ami-7"),
        ("instanceType", "t2.nano"),
        ("availabilityZone", "eu-west-1b"),
        ("architecture", "arm64"),
        ("rootDeviceName", "/dev/sda1"),
        ("groupName", ""),
        ("privateIpAddress", "10.7.0.4"),
    ] {
        assert_eq!(description.text(element), value, "{element}");
    }
    assert_eq!(description.element("networkInterfaceSet").text("groupName"), "named");
    assert_eq!(account.metadata(&id, "/latest/meta-data/public-keys/0/openssh-key"), "ssh-ed25519 AAAA known\n");
    assert_eq!(account.metadata(&id, "/latest/meta-data/iam/security-credentials/"), "reader");
    let zone = account.ok("RunInstances&MinCount=1&MaxCount=1&Placement.AvailabilityZone=us-east-1c");
    assert_eq!(zone.text("availabilityZoneId"), "use1-az3");
}

fn line(text: &str) -> Option<Line> {
    Line::try_from(text).ok()
}

fn name(text: &str) -> Option<Name> {
    Some(Name::try_from(text).unwrap())
}

#[test]
fn lists_and_texts_have_limits() {
    let list = |item: &dyn Fn(usize) -> String, count: usize| (1..=count).map(item).collect::<String>();
    type Row<'a> = (&'a dyn Fn(usize) -> String, usize, &'a str);
    let rows: [Row<'_>; 9] = [
        (&|index| format!("&BlockDeviceMapping.{index}.DeviceName=/dev/{index}"), 128, "AttachmentLimitExceeded"),
        (&|index| format!("&NetworkInterface.{index}.DeviceIndex={}", index - 1), 256, "AttachmentLimitExceeded"),
        (&|index| format!("&SecurityGroup.{index}=g{index}"), 16, "SecurityGroupsPerInstanceLimitExceeded"),
        (&|index| format!("&SecurityGroupId.{index}=sg-{index}"), 16, "SecurityGroupsPerInstanceLimitExceeded"),
        (
            &|index| {
                let group = format!("&NetworkInterface.1.SecurityGroupId.{index}=sg-{index}");
                if index == 1 { format!("&NetworkInterface.1.DeviceIndex=0{group}") } else { group }
            },
            16,
            "SecurityGroupsPerInterfaceLimitExceeded",
        ),
        (
            &|index| format!("&Ipv6Address.{index}.Ipv6Address=2001:db8::{index:x}"),
            64,
            "InvalidInterface.IpAddressLimitExceeded",
        ),
        (
            &|index| format!("&LicenseSpecification.{index}.LicenseConfigurationArn=arn{index}"),
            50,
            "InvalidParameterValue",
        ),
        (
            &|index| {
                let tag = format!("&TagSpecification.1.Tag.{index}");
                format!("&TagSpecification.1.ResourceType=volume{tag}.Key={index}{tag}.Value=").replacen(
                    "&TagSpecification.1.ResourceType=volume",
                    if index == 1 { "&TagSpecification.1.ResourceType=volume" } else { "" },
                    1,
                )
            },
            50,
            "TagLimitExceeded",
        ),
        (
            &|index| {
                let item = format!("&TagSpecification.{index}");
                format!("{item}.ResourceType=network-interface{item}.Tag.1.Key={index}")
            },
            50,
            "TagLimitExceeded",
        ),
    ];
    for (item, limit, code) in rows {
        Account::new().ok(&format!("{LAUNCH}{}", list(item, limit)));
        assert_eq!(Account::new().rejected(&format!("{LAUNCH}{}", list(item, limit + 1))).0, code, "{}", item(1));
    }
    // Two lists, or a list and a count, of the same interface.
    let groups = list(&|index| format!("&SecurityGroup.{index}=g&SecurityGroupId.{index}=sg-{index}"), 9);
    assert_eq!(Account::new().rejected(&format!("{LAUNCH}{groups}")).0, "SecurityGroupsPerInstanceLimitExceeded");
    let addresses = list(&|index| format!("&Ipv6Address.{index}.Ipv6Address=2001:db8::{index:x}"), 1);
    let count = format!("{LAUNCH}{addresses}&Ipv6AddressCount=64");
    assert_eq!(Account::new().rejected(&count).0, "InvalidInterface.IpAddressLimitExceeded");
    // Addresses and prefixes of a family count together.
    let interface = |prefixes: usize| {
        let interface = "&NetworkInterface.1";
        format!(
            "{LAUNCH}{interface}.DeviceIndex=0{interface}.Ipv6AddressCount=32{interface}.Ipv6PrefixCount={prefixes}"
        )
    };
    Account::new().ok(&interface(32));
    assert_eq!(Account::new().rejected(&interface(33)).0, "InvalidInterface.IpAddressLimitExceeded");
    let interfaces = list(&|index| format!("&NetworkInterface.{index}.DeviceIndex={index}"), 257);
    assert_eq!(
        Account::new().rejected(&format!("{LAUNCH}&InstanceType=m5.large{interfaces}")).1,
        "Interface count 257 exceeds the limit for m5.large"
    );
    let long = |parameter: &str, length: usize| format!("{LAUNCH}&{parameter}={}", "k".repeat(length));
    Account::new().ok(&long("KeyName", 128));
    for parameter in ["KeyName", "Placement.GroupName", "ImageId", "BlockDeviceMapping.1.DeviceName"] {
        let form = long(parameter, 2049)
            .replace("ImageId=ami-0ce107ae7af2e92b5&", if parameter == "ImageId" { "" } else { "ImageId=ami-1&" });
        let message = format!("The value for parameter {parameter} has more than 2048 characters");
        assert_eq!(Account::new().rejected(&form), ("InvalidParameterValue".into(), message));
    }
}

#[test]
fn a_call_names_at_most_1000_resources() {
    let mut account = Account::new();
    let ids =
        |list: &str, count: usize| (1..=count).map(|index| format!("&{list}.{index}=i-{index:x}")).collect::<String>();
    let too_many_ids = "1001 exceeds the maximum number of instance IDs that can be specificied (1000). Please specify fewer than 1000 \
         instance IDs.";
    let too_many_resources = "The list ResourceId has more than 1000 items";
    for (action, list, code, message) in [
        ("TerminateInstances", "InstanceId", "InvalidRequest", too_many_ids),
        ("StopInstances", "InstanceId", "InvalidRequest", too_many_ids),
        ("StartInstances", "InstanceId", "InvalidRequest", too_many_ids),
        ("RebootInstances", "InstanceId", "InvalidRequest", too_many_ids),
        ("DescribeInstanceCreditSpecifications", "InstanceId", "InvalidRequest", too_many_ids),
        ("CreateTags&Tag.1.Key=a&Tag.1.Value=", "ResourceId", "ResourceCountExceeded", too_many_resources),
        ("DeleteTags", "ResourceId", "ResourceCountExceeded", too_many_resources),
    ] {
        assert_eq!(
            account.rejected(&format!("{action}{}", ids(list, 1000))).0,
            "InvalidInstanceID.NotFound",
            "{action}"
        );
        let expected = (code.to_owned(), message.to_owned());
        assert_eq!(account.rejected(&format!("{action}{}", ids(list, 1001))), expected, "{action}");
    }
    let id = account.launch("");
    let tags = |count: usize| (1..=count).map(|index| format!("&Tag.{index}.Key={index}")).collect::<String>();
    account.ok(&format!("DeleteTags&ResourceId.1={id}{}", tags(1000)));
    let expected = ("InvalidRequest".to_owned(), "The list Tag has more than 1000 items".to_owned());
    assert_eq!(account.rejected(&format!("DeleteTags&ResourceId.1={id}{}", tags(1001))), expected);
}
