use imds_ec2::query::{self, VERSION};
use proptest::prelude::*;

use crate::support::Account;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_one_error(form in prop::collection::vec(any::<u8>(), 0..200)) {
        let response = Account::new().rejected_form(&form);
        prop_assert_eq!(response.texts("Code").len(), 1);
    }

    #[test]
    fn any_parameters_get_an_xml_response_and_an_error_changes_nothing(
        action in prop::sample::select(query::actions().collect::<Vec<_>>()),
        parameters in prop::collection::vec((name(), value()), 0..8),
    ) {
        let mut account = Account::new();
        account.launch("");
        let mut form = format!("Action={action}&Version={VERSION}");
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={value}"));
        }
        let before = account.fleet.snapshot();
        let response = account.send_form(form.as_bytes());
        prop_assert!(response.xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"));
        if response.status != 200 {
            prop_assert_eq!(account.fleet.snapshot(), before);
        }
    }
}

/// Paths of members of EC2's API in any order. Some of them are parameters.
fn name() -> impl Strategy<Value = String> {
    let member = prop::sample::select(vec![
        "1",
        "2",
        "10",
        "0",
        "DryRun",
        "InstanceId",
        "ResourceId",
        "Tag",
        "Key",
        "Value",
        "Filter",
        "Name",
        "MaxResults",
        "NextToken",
        "MinCount",
        "MaxCount",
        "ImageId",
        "SubnetId",
        "NetworkInterface",
        "DeviceIndex",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "Primary",
        "Ipv6Addresses",
        "Ipv6Address",
        "Ipv6AddressCount",
        "BlockDeviceMapping",
        "DeviceName",
        "VirtualName",
        "TagSpecification",
        "ResourceType",
        "MetadataOptions",
        "HttpTokens",
        "HttpPutResponseHopLimit",
        "UserData",
        "ClientToken",
        "KeyName",
        "IamInstanceProfile",
        "Arn",
        "Placement",
        "AvailabilityZone",
        "Attribute",
        "SecurityGroup",
        "",
    ]);
    prop::collection::vec(member, 1..5).prop_map(|members| members.join("."))
}

fn value() -> impl Strategy<Value = String> {
    let known = vec![
        "",
        "1",
        "0",
        "-1",
        "2",
        "64",
        "65",
        "5",
        "true",
        "false",
        "required",
        "optional",
        "enabled",
        "no-preference",
        "i-1",
        "ami-1",
        "subnet-1",
        "10.0.3.3",
        "2001:db8::1",
        "instance",
        "tag:a",
        "tag-key",
        "*",
        "%5C",
        "YQ%3D%3D",
        "us-east-1b",
        "arn:aws:iam::1:instance-profile/a",
        "/dev/xvda",
        "ephemeral0",
        "userData",
        "a%2Fb",
        "%F0%9F%90%99",
    ];
    prop_oneof![prop::sample::select(known).prop_map(str::to_owned), "[ -~&&[^&%+=]]{0,20}",]
}
