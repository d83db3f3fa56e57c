//! Errors: EC2's code with its HTTP status

use std::time::Instant;

use imds_clients::run::TIMEOUT;
use serde_json::{Value, json};

use crate::begin;

const ABSENT: &str = "i-0123456789abcdef0";
const IMAGE: &str = "ami-0ce107ae7af2e92b5";

#[test]
fn an_invalid_request_gets_ec2s_error_code_and_changes_nothing() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let [one, stopped, terminated] = ec2.launch(3, json!({})).try_into().unwrap();
    let protected = ec2.launch(1, json!({ "DisableApiTermination": true })).remove(0);
    ec2.call("StopInstances", json!({ "InstanceIds": [stopped] }));
    ec2.call("TerminateInstances", json!({ "InstanceIds": [terminated] }));
    let modify = |member: &str, value: Value| json!({ "InstanceId": one, member: value });
    let launch = |member: &str, value: Value| json!({ "ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, member: value });
    let options = |member: &str, value: Value| launch("MetadataOptions", json!({ member: value }));
    let before = ec2.found(json!({}));
    for (code, operation, parameters) in [
        ("InvalidInstanceID.NotFound", "DescribeInstances", json!({ "InstanceIds": [ABSENT] })),
        ("InvalidInstanceID.NotFound", "StartInstances", json!({ "InstanceIds": [ABSENT] })),
        ("InvalidInstanceID.NotFound", "StopInstances", json!({ "InstanceIds": [one, ABSENT] })),
        ("InvalidInstanceID.NotFound", "TerminateInstances", json!({ "InstanceIds": [one, ABSENT] })),
        ("InvalidInstanceID.NotFound", "RebootInstances", json!({ "InstanceIds": [ABSENT] })),
        ("InvalidInstanceID.NotFound", "CreateTags", json!({ "Resources": [one, ABSENT], "Tags": [{ "Key": "a" }] })),
        // Seen: cloud-custodian#1269.
        ("InvalidInstanceID.NotFound", "DeleteTags", json!({ "Resources": [ABSENT] })),
        ("InvalidInstanceID.NotFound", "ModifyInstanceMetadataOptions", json!({ "InstanceId": ABSENT })),
        ("InvalidInstanceID.Malformed", "DescribeInstances", json!({ "InstanceIds": ["i-xyz"] })),
        ("InvalidInstanceID.Malformed", "TerminateInstances", json!({ "InstanceIds": [one, "ami-1"] })),
        ("InvalidInstanceID.Malformed", "ModifyInstanceMetadataOptions", json!({ "InstanceId": "test_instance" })),
        // Seen: cloud-provider-aws#1387, aws-cli#4109.
        ("InvalidID", "CreateTags", json!({ "Resources": ["test_instance"], "Tags": [{ "Key": "a" }] })),
        ("InvalidID", "DeleteTags", json!({ "Resources": [one, format!("{one} {stopped}")] })),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpPutResponseHopLimit", json!(0))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpPutResponseHopLimit", json!(65))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpPutResponseHopLimit", json!("many"))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpTokens", json!("bogus"))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpEndpoint", json!("on"))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("HttpProtocolIpv6", json!("yes"))),
        ("InvalidParameterValue", "ModifyInstanceMetadataOptions", modify("InstanceMetadataTags", json!(""))),
        ("InvalidParameterValue", "ModifyInstanceMetadataDefaults", json!({ "HttpPutResponseHopLimit": 0 })),
        ("InvalidParameterValue", "ModifyInstanceMetadataDefaults", json!({ "HttpTokens": "never" })),
        ("InvalidParameterValue", "RunInstances", options("HttpPutResponseHopLimit", json!(65))),
        ("InvalidParameterValue", "RunInstances", options("HttpTokens", json!("bogus"))),
        ("InvalidParameterValue", "RunInstances", launch("PrivateIpAddress", json!("10.0.0"))),
        ("InvalidParameterValue", "RunInstances", launch("InstanceType", json!("t3.nan"))),
        (
            "InvalidLaunchTemplateId.NotFound",
            "RunInstances",
            launch("LaunchTemplate", json!({ "LaunchTemplateId": "lt-0123456789abcdef0" })),
        ),
        ("UnsupportedOperation", "RunInstances", launch("AdditionalInfo", json!("a"))),
        ("InvalidParameterValue", "DescribeInstances", json!({ "MaxResults": 4 })),
        ("InvalidParameterValue", "DescribeInstances", json!({ "NextToken": "forged" })),
        ("InvalidParameterValue", "CreateTags", json!({ "Resources": [one], "Tags": [{ "Key": "aws:a" }] })),
        ("InvalidAMIID.Malformed", "RunInstances", launch("ImageId", json!("image"))),
        ("InvalidSubnetID.NotFound", "RunInstances", launch("SubnetId", json!("net"))),
        ("InvalidGroupId.Malformed", "RunInstances", launch("SecurityGroupIds", json!(["web"]))),
        ("MissingParameter", "RunInstances", json!({ "MinCount": 1, "MaxCount": 1 })),
        ("MissingParameter", "RunInstances", json!({ "ImageId": IMAGE, "MinCount": 1 })),
        ("MissingParameter", "StopInstances", json!({})),
        ("MissingParameter", "CreateTags", json!({ "Resources": [one] })),
        ("MissingParameter", "ModifyInstanceMetadataOptions", json!({ "HttpTokens": "required" })),
        ("InvalidParameterCombination", "RunInstances", json!({ "ImageId": IMAGE, "MinCount": 2, "MaxCount": 1 })),
        ("InvalidParameterCombination", "DescribeInstances", json!({ "InstanceIds": [one], "MaxResults": 5 })),
        (
            "InvalidParameterCombination",
            "RunInstances",
            json!({ "ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "SubnetId": "subnet-1",
                    "NetworkInterfaces": [{ "DeviceIndex": 0 }] }),
        ),
        (
            "UnsupportedOperation",
            "RunInstances",
            launch("NetworkInterfaces", json!([{ "DeviceIndex": 0, "SecondaryPrivateIpAddressCount": 1 }])),
        ),
        ("IncorrectInstanceState", "RebootInstances", json!({ "InstanceIds": [one, stopped] })),
        // Seen: ansible-collections/amazon.aws#146.
        ("IncorrectInstanceState", "StopInstances", json!({ "InstanceIds": [terminated] })),
        ("IncorrectInstanceState", "StartInstances", json!({ "InstanceIds": [stopped, terminated] })),
        ("IncorrectInstanceState", "ModifyInstanceMetadataOptions", json!({ "InstanceId": terminated })),
        ("OperationNotPermitted", "TerminateInstances", json!({ "InstanceIds": [one, protected] })),
    ] {
        assert_eq!(ec2.error(operation, parameters.clone()), (code.into(), 400), "{operation} {parameters}");
    }
    assert_eq!(ec2.found(json!({})), before);
}

#[test]
fn a_dry_run_of_any_operation_changes_nothing() {
    let Some((server, mut ec2)) = begin(&[]) else { return };
    let [one, stopped] = ec2.launch(2, json!({ "InstanceType": "t3.nano" })).try_into().unwrap();
    ec2.call("StopInstances", json!({ "InstanceIds": [stopped] }));
    let before = ec2.found(json!({}));
    let operations = operations(&server.page("/"));
    assert!(operations.len() >= 13, "{operations:?}");
    for operation in operations {
        let mut parameters = match operation.as_str() {
            "CreateTags" => json!({ "Resources": [one], "Tags": [{ "Key": "a", "Value": "b" }] }),
            "DeleteTags" => json!({ "Resources": [one] }),
            "DescribeInstanceAttribute" => json!({ "InstanceId": one, "Attribute": "userData" }),
            "ModifyInstanceMetadataDefaults" => json!({ "HttpTokens": "required" }),
            "ModifyInstanceMetadataOptions" => json!({ "InstanceId": one, "HttpTokens": "required" }),
            "RunInstances" => json!({ "ImageId": IMAGE, "MinCount": 1, "MaxCount": 1 }),
            "StartInstances" => json!({ "InstanceIds": [stopped] }),
            "RebootInstances" | "StopInstances" | "TerminateInstances" => json!({ "InstanceIds": [one] }),
            _ => json!({}),
        };
        parameters["DryRun"] = json!(true);
        let error = ec2.error_response(&operation, parameters);
        assert_eq!((&error["Code"], &error["status"]), (&json!("DryRunOperation"), &json!(412)), "{operation}");
        // Seen: aws-cli#3127.
        assert_eq!(error["Message"], "Request would have succeeded, but DryRun flag is set.");
    }
    assert_eq!(ec2.found(json!({})), before);
    assert_eq!(ec2.call("GetInstanceMetadataDefaults", json!({}))["AccountLevel"], json!({ "ManagedBy": "account" }));
    // An invalid request gets its own error, not that of the dry run.
    let rejected = ec2.error("TerminateInstances", json!({ "InstanceIds": [ABSENT], "DryRun": true }));
    assert_eq!(rejected, ("InvalidInstanceID.NotFound".into(), 400));
}

#[test]
fn calls_past_the_rate_are_rejected_for_a_second() {
    let Some((_server, mut ec2)) = begin(&["--api-rate", "1"]) else { return };
    let started = Instant::now();
    // The rate is one call per second, but a call may take longer than that here.
    let limited = loop {
        let burst: Vec<_> = (0..3).map(|_| ec2.outcome("DescribeTags", json!({}))).collect();
        if let Some(error) = burst.into_iter().find_map(Result::err) {
            break error;
        }
        assert!(started.elapsed() < TIMEOUT, "no call was rejected");
    };
    assert_eq!((&limited["Code"], &limited["status"]), (&json!("RequestLimitExceeded"), &json!(503)));
    while ec2.outcome("DescribeTags", json!({})).is_err() {
        assert!(started.elapsed() < TIMEOUT, "it stays rejected");
    }
}

/// The actions that the console's index lists.
fn operations(page: &str) -> Vec<String> {
    let (_, listed) = page.split_once("Its actions:\n").unwrap_or_else(|| panic!("{page}"));
    listed.lines().map(|line| line.trim().to_owned()).take_while(|name| !name.is_empty()).collect()
}
