use crate::support::{Account, LAUNCH};

#[test]
fn filters_match_the_values_of_descriptions() {
    let mut account = Account::new();
    let web = account.launch(
        "InstanceType=t3.micro&KeyName=k&Placement.AvailabilityZone=eu-west-1a&ClientToken=c1&MetadataOptions.HttpTokens=required\
         &MetadataOptions.HttpPutResponseHopLimit=2&TagSpecification.1.ResourceType=instance\
         &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=web&TagSpecification.1.Tag.2.Key=stage\
         &TagSpecification.1.Tag.2.Value=a*b&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId=subnet-0a\
         &NetworkInterface.1.AssociatePublicIpAddress=true&NetworkInterface.1.PrivateIpAddress=10.0.3.9\
         &NetworkInterface.1.SecurityGroupId.1=sg-0a",
    );
    account.advance(500);
    let data = account.launch(
        "InstanceType=m7g.large&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name\
         &TagSpecification.1.Tag.1.Value=data",
    );
    account.ok(&format!("StopInstances&InstanceId.1={data}"));
    account.advance(1000);
    let (both, none): (&[&str], &[&str]) = (&[&web, &data], &[]);
    let (web, data): (&[&str], &[&str]) = (&[&web], &[&data]);
    for (filters, found) in [
        (&[("tag:Name", "web")][..], web),
        (&[("tag:Name", "w?b")], web),
        (&[("tag:Name", "*a*")], data),
        (&[("tag:Name", "Web")], none),
        (&[("tag:Name", "web,data")], both),
        (&[("tag:stage", r"a\*b")], web),
        (&[("tag:stage", r"a\?b")], none),
        (&[("tag:none", "*")], none),
        (&[("tag-key", "stage")], web),
        (&[("tag-value", "data")], data),
        (&[("instance-id", web[0])], web),
        (&[("instance-id", "i-*")], both),
        (&[("instance-state-name", "running")], web),
        (&[("instance-state-name", "running,stopped")], both),
        (&[("instance-state-code", "80")], data),
        (&[("instance-type", "t3.*")], web),
        (&[("image-id", "ami-0ce107ae7af2e92b5")], both),
        (&[("key-name", "k")], web),
        (&[("private-ip-address", "10.0.3.9")], web),
        (&[("ip-address", "203.0.113.1")], web),
        (&[("private-dns-name", "ip-10-0-3-9.eu-west-1.compute.internal")], web),
        (&[("dns-name", "ec2-203-0-113-1.*")], web),
        (&[("subnet-id", "subnet-0a")], web),
        (&[("vpc-id", "vpc-*")], both),
        (&[("availability-zone", "eu-west-1a")], web),
        (&[("client-token", "c1")], web),
        (&[("architecture", "arm64")], data),
        (&[("metadata-options.http-tokens", "optional")], data),
        (&[("metadata-options.http-put-response-hop-limit", "2")], web),
        (&[("metadata-options.state", "applied")], both),
        (&[("metadata-options.http-endpoint", "enabled")], both),
        (&[("metadata-options.http-protocol-ipv4", "enabled")], both),
        (&[("metadata-options.http-protocol-ipv6", "enabled")], none),
        (&[("metadata-options.instance-metadata-tags", "disabled")], both),
        (&[("network-interface.addresses.private-ip-address", "10.0.3.*")], web),
        (&[("network-interface.group-id", "sg-0a")], web),
        (&[("instance.group-id", "sg-0a")], web),
        (&[("launch-time", "2026-01-01T00:00:01.*")], data),
        (&[("launch-time", "2026-01-01T00:00:00.000Z")], web),
        (&[("owner-id", "*")], both),
        (&[("launch-index", "0")], both),
        (&[("launch-index", "1")], none),
        (&[("reason", "User initiated*")], data),
        (&[("tenancy", "default")], both),
        (&[("block-device-mapping.device-name", "/dev/xvda")], both),
        // No instance here has a value for these.
        (&[("outpost-arn", "*")], none),
        // Values are alternatives, filters are conditions.
        (&[("tag:Name", "web,data"), ("instance-state-name", "stopped")], data),
        (&[("tag:Name", "web"), ("instance-state-name", "stopped")], none),
        (&[("tag:Name", "")], none),
    ] {
        let form = form(filters);
        assert_eq!(account.ok(&format!("DescribeInstances{form}")).texts("instanceId"), found, "{filters:?}");
    }
}

#[test]
fn every_other_filter_matches_its_value() {
    let mut account = Account::new();
    let rich = account.launch(
        "InstanceType=t3.micro&Placement.AvailabilityZone=eu-west-1a&Placement.GroupName=g&Placement.PartitionNumber=3\
         &EbsOptimized=true&Monitoring.Enabled=true&HibernationOptions.Configured=true&IamInstanceProfile.Name=p\
         &KernelId=aki-0a&RamdiskId=ari-0a&InstanceMarketOptions.MarketType=spot&Placement.HostId=h-0a\
         &NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.SubnetId=subnet-0a&NetworkInterface.1.Description=front\
         &NetworkInterface.1.AssociatePublicIpAddress=true&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.3.9&NetworkInterface.1.PrivateIpAddresses.1.Primary=true\
         &NetworkInterface.1.PrivateIpAddresses.2.PrivateIpAddress=10.0.3.10&NetworkInterface.1.Ipv6Addresses.1.Ipv6Address=2001:db8::9",
    );
    account.advance(500);
    let plain = account.launch("InstanceType=t2.nano");
    account.ok(&format!("StopInstances&InstanceId.1={plain}"));
    account.advance(1000);
    let both: &[&str] = &[&rich, &plain];
    let (rich, plain): (&[&str], &[&str]) = (&[&rich], &[&plain]);
    for (name, value, found) in [
        ("availability-zone-id", "*-az*", both),
        ("block-device-mapping.attach-time", "2026-01-01T00:00:00.000Z", rich),
        ("block-device-mapping.delete-on-termination", "true", both),
        ("block-device-mapping.status", "attached", both),
        ("block-device-mapping.volume-id", "vol-*", both),
        ("ebs-optimized", "true", rich),
        ("ena-support", "true", rich),
        ("hibernation-options.configured", "true", rich),
        ("host-id", "h-0a", rich),
        ("hypervisor", "xen", both),
        ("iam-instance-profile.arn", "arn:aws:iam::*:instance-profile/p", rich),
        ("iam-instance-profile.id", "AIPA*", rich),
        ("instance-lifecycle", "spot", rich),
        ("instance.group-name", "*", both),
        ("ipv6-address", "2001:db8::9", rich),
        ("kernel-id", "aki-0a", rich),
        ("monitoring-state", "enabled", rich),
        ("network-interface.addresses.association.ip-owner-id", "*", rich),
        ("network-interface.addresses.association.public-dns-name", "ec2-203-0-113-1.*", rich),
        ("network-interface.addresses.association.public-ip", "203.0.113.1", rich),
        ("network-interface.addresses.primary", "true", both),
        ("network-interface.addresses.primary", "false", rich),
        ("network-interface.addresses.private-dns-name", "ip-10-0-3-9.*", rich),
        ("network-interface.association.ip-owner-id", "*", rich),
        ("network-interface.association.public-dns-name", "ec2-203-0-113-1.*", rich),
        ("network-interface.association.public-ip", "203.0.113.1", rich),
        ("network-interface.attachment.attach-time", "2026-01-01T00:00:00.000Z", rich),
        ("network-interface.attachment.attachment-id", "eni-attach-*", both),
        ("network-interface.attachment.delete-on-termination", "true", both),
        ("network-interface.attachment.device-index", "0", both),
        ("network-interface.attachment.instance-id", "i-*", both),
        ("network-interface.attachment.instance-owner-id", "*", both),
        ("network-interface.attachment.network-card-index", "0", both),
        ("network-interface.attachment.status", "attached", both),
        ("network-interface.availability-zone", "eu-west-1a", rich),
        ("network-interface.description", "front", rich),
        ("network-interface.group-name", "*", both),
        ("network-interface.ipv6-address", "2001:db8::9", rich),
        ("network-interface.ipv6-addresses.ipv6-address", "2001:db8::9", rich),
        ("network-interface.ipv6-addresses.is-primary-ipv6", "false", rich),
        ("network-interface.ipv6-prefixes.ipv6-prefix", "*", &[]),
        ("network-interface.mac-address", "*:*", both),
        ("network-interface.network-interface-id", "eni-*", both),
        ("network-interface.owner-id", "*", both),
        ("network-interface.private-dns-name", "ip-10-0-3-9.*", rich),
        ("network-interface.private-ip-address", "10.0.3.9", rich),
        ("network-interface.public-dns-name", "ec2-203-0-113-1.*", rich),
        ("network-interface.requester-managed", "false", both),
        ("network-interface.status", "in-use", both),
        ("network-interface.source-dest-check", "true", both),
        ("network-interface.subnet-id", "subnet-0a", rich),
        ("network-interface.vpc-id", "vpc-*", both),
        ("placement-group-name", "g", rich),
        ("placement-partition-number", "3", rich),
        ("platform-details", "Linux/UNIX", both),
        ("private-dns-name-options.hostname-type", "ip-name", both),
        ("product-code", "*", &[]),
        ("product-code.type", "*", &[]),
        ("ramdisk-id", "ari-0a", rich),
        ("reservation-id", "r-*", both),
        ("root-device-name", "/dev/xvda", both),
        ("root-device-type", "ebs", both),
        ("source-dest-check", "true", both),
        ("state-reason-code", "Client.UserInitiatedShutdown", plain),
        ("state-reason-message", "Client.UserInitiatedShutdown: *", plain),
        ("usage-operation", "RunInstances", both),
        ("usage-operation-update-time", "2026-01-01T00:00:00.000Z", rich),
        ("virtualization-type", "hvm", plain),
    ] {
        let query = form(&[(name, value)]);
        assert_eq!(account.ok(&format!("DescribeInstances{query}")).texts("instanceId"), found, "{name}={value}");
        let query = form(&[(name, "no such value")]);
        assert!(account.ok(&format!("DescribeInstances{query}")).texts("instanceId").is_empty(), "{name}");
    }
    // No instance here has a value for these.
    for name in [
        "affinity",
        "boot-mode",
        "capacity-reservation-id",
        "capacity-reservation-specification.capacity-reservation-preference",
        "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
        "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
        "current-instance-boot-mode",
        "enclave-options.enabled",
        "maintenance-options.auto-recovery",
        "network-interface.addresses.association.allocation-id",
        "network-interface.addresses.association.association-id",
        "network-interface.addresses.association.carrier-ip",
        "network-interface.addresses.association.customer-owned-ip",
        "network-interface.association.allocation-id",
        "network-interface.association.association-id",
        "network-interface.association.carrier-ip",
        "network-interface.association.customer-owned-ip",
        "network-interface.deny-all-igw-traffic",
        "network-interface.ipv4-prefixes.ipv4-prefix",
        "network-interface.ipv6-native",
        "network-interface.operator.managed",
        "network-interface.operator.principal",
        "network-interface.outpost-arn",
        "network-interface.requester-id",
        "network-interface.tag-key",
        "network-interface.tag-value",
        "network-performance-options.bandwidth-weighting",
        "operator.managed",
        "operator.principal",
        "outpost-arn",
        "platform",
        "private-dns-name-options.enable-resource-name-dns-a-record",
        "private-dns-name-options.enable-resource-name-dns-aaaa-record",
        "requester-id",
        "spot-instance-request-id",
        "tpm-support",
    ] {
        let form = form(&[(name, "*")]);
        assert!(account.ok(&format!("DescribeInstances{form}")).texts("instanceId").is_empty(), "{name}");
    }
}

#[test]
fn invalid_filters_are_rejected() {
    let over = "The maximum length for a filter value is 255 characters";
    for (filters, code, message) in [
        (
            "&Filter.1.Name=public-ip&Filter.1.Value.1=a".to_owned(),
            "InvalidParameterValue",
            "The filter 'public-ip' is invalid",
        ),
        ("&Filter.1.Name=tag:&Filter.1.Value.1=a".into(), "InvalidParameterValue", "The filter 'tag:' is invalid"),
        ("&Filter.1.Value.1=a".into(), "InvalidParameterValue", "The filter 'null' is invalid"),
        (form(&[("tag:a", &"x".repeat(256))]), "FilterLimitExceeded", over),
        (
            form(&[("tag:a", vec!["x"; 201].join(",").as_str())]),
            "FilterLimitExceeded",
            "The maximum number of filter values specified on a single call is 200",
        ),
        (
            form(&[("tag:a", "x"); 51]),
            "FilterLimitExceeded",
            "The maximum number of filters specified on a single call is 50",
        ),
    ] {
        assert_eq!(
            Account::new().rejected(&format!("DescribeInstances{filters}")),
            (code.into(), message.into()),
            "{filters}"
        );
    }
    Account::new().ok(&format!("DescribeInstances{}", form(&[("tag:a", "x"); 50])));
    Account::new().ok(&format!("DescribeInstances{}", form(&[("tag:a", vec!["x"; 200].join(",").as_str())])));
    assert_eq!(
        Account::new().rejected("DescribeTags&Filter.1.Name=instance-id&Filter.1.Value.1=a").0,
        "InvalidParameterValue"
    );
}

#[test]
fn pages_of_instances_are_stable_while_the_fleet_changes() {
    let mut account = Account::new();
    let ids = account.ok("RunInstances&ImageId=ami-1&MinCount=17&MaxCount=17").texts("instanceId");
    let first = account.ok("DescribeInstances&MaxResults=6");
    assert_eq!(first.texts("instanceId"), ids[..6]);
    assert_eq!(first.texts("reservationId").len(), 1);
    let token = first.text("nextToken");
    // Between the pages, an earlier instance and the one of the token are purged, and one is
    // launched.
    account.advance(1000);
    account.ok(&format!("TerminateInstances&InstanceId.1={}&InstanceId.2={}", ids[0], ids[6]));
    account.advance(3_602_000);
    account.launch("");
    let second = account.ok(&format!("DescribeInstances&MaxResults=5&NextToken={token}"));
    assert_eq!(second.texts("instanceId"), ids[7..12]);
    let last = account.ok(&format!("DescribeInstances&NextToken={}", second.text("nextToken")));
    assert_eq!(last.texts("instanceId").len(), 6, "without a size, the page has all remaining instances");
    assert!(last.texts("nextToken").is_empty());
    assert_eq!(account.ok("DescribeInstances&MaxResults=1000").texts("nextToken").len(), 0);
    let exact = account.ok("DescribeInstances&MaxResults=16");
    assert_eq!(
        (exact.texts("instanceId").len(), exact.texts("nextToken").len()),
        (16, 0),
        "no token follows a full last page"
    );
}

#[test]
fn invalid_page_sizes_and_tokens_are_rejected() {
    let mut account = Account::new();
    let ids = account.ok("RunInstances&ImageId=ami-1&MinCount=6&MaxCount=6").texts("instanceId");
    let token = account.ok("DescribeInstances&MaxResults=5").text("nextToken");
    let of_tags = {
        let tags: String = (1..=6).map(|at| format!("&Tag.{at}.Key={at}")).collect();
        account.ok(&format!("CreateTags&ResourceId.1={}{tags}", ids[0]));
        account.ok("DescribeTags&MaxResults=5").text("nextToken")
    };
    let combination = "InvalidParameterCombination";
    let invalid = |token: &str| format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid.");
    let mut forged = token.clone();
    forged.replace_range(24..25, if &token[24..25] == "A" { "B" } else { "A" });
    for (parameters, code, message) in [
        // Observed: aws-sdk-ruby#2575, moto#6282, boto3#2673.
        (
            "MaxResults=4".to_owned(),
            "InvalidParameterValue",
            "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.".to_owned(),
        ),
        (
            "MaxResults=1001".into(),
            "InvalidParameterValue",
            "Value ( 1001 ) for parameter maxResults is invalid. Expecting a value less than 1000.".into(),
        ),
        (
            format!("MaxResults=5&InstanceId.1={}", ids[0]),
            combination,
            "The parameter instancesSet cannot be used with the parameter maxResults".into(),
        ),
        (
            format!("NextToken={token}&InstanceId.1={}", ids[0]),
            combination,
            "The parameter instancesSet cannot be used with the parameter nextToken".into(),
        ),
        ("NextToken=".into(), "InvalidParameterValue", invalid("")),
        ("NextToken=x".into(), "InvalidParameterValue", invalid("x")),
        (format!("NextToken={forged}"), "InvalidParameterValue", invalid(&forged)),
        (format!("NextToken={of_tags}"), "InvalidParameterValue", invalid(&of_tags)),
    ] {
        assert_eq!(
            account.rejected(&format!("DescribeInstances&{parameters}")),
            (code.into(), message),
            "{parameters}"
        );
    }
}

#[test]
fn instances_named_by_id_are_described_in_launch_order_and_filtered() {
    let mut account = Account::new();
    let [one, other] = [(); 2].map(|()| account.launch(""));
    let ids = format!("InstanceId.1={other}&InstanceId.2={one}&InstanceId.3={other}");
    let response = account.ok(&format!("DescribeInstances&{ids}"));
    assert_eq!(response.texts("instanceId"), [one.clone(), other]);
    let filter = format!("Filter.1.Name=instance-id&Filter.1.Value.1={one}");
    assert_eq!(account.ok(&format!("DescribeInstances&{ids}&{filter}")).texts("instanceId"), [one]);
    assert_eq!(account.rejected(&format!("DescribeInstances&{ids}&InstanceId.4=i-9")).0, "InvalidInstanceID.NotFound");
    assert_eq!(account.rejected("DescribeInstances&InstanceId.1=i-xyz").1, "Invalid id: \"i-xyz\"");
}

#[test]
fn a_single_attribute_is_described() {
    let mut account = Account::new();
    let id = account.launch("UserData=YQ%3D%3D&DisableApiTermination=true&InstanceInitiatedShutdownBehavior=terminate");
    for (attribute, element, value) in [
        ("instanceType", "instanceType", "t3.micro"),
        ("userData", "userData", "YQ=="),
        ("disableApiTermination", "disableApiTermination", "true"),
        ("instanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", "terminate"),
        ("rootDeviceName", "rootDeviceName", "/dev/xvda"),
        ("ebsOptimized", "ebsOptimized", "false"),
    ] {
        let response = account.ok(&format!("DescribeInstanceAttribute&InstanceId={id}&Attribute={attribute}"));
        assert_eq!(response.text("instanceId"), id);
        assert_eq!(response.element(element).text("value"), value, "{attribute}");
    }
    let response = account.ok(&format!("DescribeInstanceAttribute&InstanceId={id}&Attribute=kernel"));
    assert_eq!(response.text("kernel"), "");
    for (attribute, inner, all) in [
        ("blockDeviceMapping", "deviceName", &["/dev/xvda"][..]),
        ("groupSet", "groupName", &["default"]),
        ("productCodes", "productCode", &[]),
        ("sourceDestCheck", "value", &["true"]),
        ("enaSupport", "value", &["true"]),
        ("disableApiStop", "value", &["false"]),
        ("enclaveOptions", "enabled", &["false"]),
    ] {
        let response = account.ok(&format!("DescribeInstanceAttribute&InstanceId={id}&Attribute={attribute}"));
        assert_eq!(response.texts(inner), all, "{attribute}");
    }
    let (code, message) = account.rejected(&format!("DescribeInstanceAttribute&InstanceId={id}&Attribute=colour"));
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.starts_with("A value of 'colour' is not valid for Attribute. Specify 'instanceType', 'kernel', "));
}

#[test]
fn an_empty_fleet_is_described_by_empty_sets() {
    let mut account = Account::new();
    assert_eq!(account.ok("DescribeInstances").text("reservationSet"), "");
    account.ok(LAUNCH);
    assert_eq!(account.ok("DescribeTags").text("tagSet"), "");
}

/// The parameters of filters, with values separated by commas. An empty text is no value.
fn form(filters: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (index, (name, values)) in filters.iter().enumerate() {
        form.push_str(&format!("&Filter.{}.Name={name}", index + 1));
        for (position, value) in values.split(',').filter(|value| !value.is_empty()).enumerate() {
            form.push_str(&format!("&Filter.{}.Value.{}={value}", index + 1, position + 1));
        }
    }
    form
}
