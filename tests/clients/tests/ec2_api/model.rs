//! Every response in these tests is compared with botocore's service model of EC2. These tests show
//! that the comparison can fail.

use serde_json::{Value, json};

use crate::begin;

#[test]
fn a_response_that_differs_from_the_model_is_detected() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let instance = ".reservationSet.item.instancesSet.item";
    ec2.call("DescribeInstances", json!({}));
    for (old, new, fault) in [
        ("<imageId>", "<imageId>", None),
        ("<imageId>", "<colour>red</colour><imageId>", Some(format!("{instance}.colour is not in the model"))),
        ("<imageId>", "<ImageId/><imageId>", Some(format!("{instance}.ImageId is not in the model"))),
        ("<imageId>", "<imageId/><imageId>", Some(format!("{instance}.imageId occurs twice"))),
        ("<item>", "<member/><item>", Some(".reservationSet.member is not in the model".into())),
        ("<reservationSet>", "<reservationSet a='b'>", Some(".reservationSet has attributes".into())),
        (
            ">running<",
            ">flying<",
            Some(format!("{instance}.instanceState.name is not one of the model's values: 'flying'")),
        ),
        ("<code>16<", "<code>on<", Some(format!("{instance}.instanceState.code is not of type integer: 'on'"))),
        (
            "<ebsOptimized>f",
            "<ebsOptimized>F",
            Some(format!("{instance}.ebsOptimized is not of type boolean: 'False'")),
        ),
        ("<imageId>", "<imageId><a/>", Some(format!("{instance}.imageId has elements"))),
        ("<requestId>", "<requestId/><requestId>", Some("there is not exactly one requestId".into())),
        ("/2016-11-15/", "/2010-08-31/", Some(String::new())),
    ] {
        let found = ec2.faults_of_altered(old, new);
        match fault {
            Some(fault) if fault.is_empty() => assert!(found[0].starts_with("the root is "), "{found:?}"),
            fault => assert_eq!(found, Vec::from_iter(fault), "{old} {new}"),
        }
    }
    let late = ec2.faults_of_altered("<launchTime>2", "<launchTime>on 2");
    assert!(
        late.len() == 1 && late[0].starts_with(&format!("{instance}.launchTime is not of type timestamp")),
        "{late:?}"
    );
    assert_eq!(ec2.missing_members("ModifyInstanceMetadataOptions"), [".InstanceId is missing"]);
}

#[test]
fn responses_have_the_members_of_awss_examples() {
    let Some((_server, mut ec2)) = begin(&["--modify-delay", "3600000"]) else { return };
    let launch = json!({
        "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 1, "MaxCount": 1, "KeyName": "my-key-pair",
        "IamInstanceProfile": { "Name": "web" },
        "NetworkInterfaces": [{ "DeviceIndex": 0, "AssociatePublicIpAddress": true }],
        "TagSpecifications": [{ "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": "my-instance" }] }],
    });
    let launched = ec2.call("RunInstances", launch);
    let ids = json!({ "InstanceIds": [launched["Instances"][0]["InstanceId"]] });
    let example = ec2.example("run-instances");
    for member in ["State", "StateReason", "StateTransitionReason", "ProductCodes", "Monitoring"] {
        assert_eq!(launched["Instances"][0][member], example["Instances"][0][member], "{member}");
    }
    let modify = json!({ "InstanceId": ids["InstanceIds"][0], "HttpTokens": "required" });
    for (command, response) in [
        ("run-instances", launched),
        ("describe-instances", ec2.call("DescribeInstances", ids.clone())),
        ("modify-instance-metadata-options", ec2.call("ModifyInstanceMetadataOptions", modify)),
        ("describe-tags", ec2.call("DescribeTags", json!({}))),
        ("stop-instances", ec2.call("StopInstances", ids.clone())),
        ("start-instances", ec2.call("StartInstances", ids.clone())),
        ("terminate-instances", ec2.call("TerminateInstances", ids)),
    ] {
        let mut missing = Vec::new();
        compare(&ec2.example(command), &response, "", &mut missing);
        missing.retain(|path| !UNTOLD.iter().any(|untold| path.ends_with(untold)));
        assert_eq!(missing, [""; 0], "{command}");
    }
}

/// Finds the members of one value that another lacks. Of arrays, the first items are compared.
fn compare(example: &Value, response: &Value, path: &str, missing: &mut Vec<String>) {
    match (example, response) {
        (Value::Object(example), Value::Object(response)) => {
            for (name, value) in example {
                let path = format!("{path}/{name}");
                match response.get(name) {
                    Some(response) => compare(value, response, &path, missing),
                    None => missing.push(path),
                }
            }
        }
        (Value::Array(example), Value::Array(response)) => {
            let items = example.first().zip(response.first());
            items.into_iter().for_each(|(example, response)| compare(example, response, path, missing));
        }
        _ => {}
    }
}

/// Members that depend on the processors of an instance type, or that no parameter here sets.
const UNTOLD: [&str; 6] = [
    "/CpuOptions",
    "/CapacityReservationSpecification",
    "/EnclaveOptions",
    "/MaintenanceOptions",
    "/PrivateDnsNameOptions/EnableResourceNameDnsARecord",
    "/PrivateDnsNameOptions/EnableResourceNameDnsAAAARecord",
];

#[test]
fn an_operation_without_output_returns_true() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(1, json!({}));
    ec2.call("RebootInstances", json!({ "InstanceIds": ids }));
    assert_eq!(ec2.faults_of_altered("<return>true</return>", "<done/>"), ["done is not in the model"]);
}
