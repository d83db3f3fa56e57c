//! Every answer in these tests is held against botocore's service model of EC2. Here is that this can fail.

use serde_json::{Value, json};

use crate::begin;

#[test]
fn what_the_model_does_not_have_is_found_in_an_answer() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let instance = ".reservationSet.item.instancesSet.item";
    ec2.done("DescribeInstances", json!({}));
    for (old, new, fault) in [
        ("<imageId>", "<imageId>", None),
        ("<imageId>", "<colour>red</colour><imageId>", Some(format!("{instance}.colour is not in the model"))),
        ("<imageId>", "<ImageId/><imageId>", Some(format!("{instance}.ImageId is not in the model"))),
        ("<imageId>", "<imageId/><imageId>", Some(format!("{instance}.imageId is there twice"))),
        ("<item>", "<member/><item>", Some(".reservationSet.member is not in the model".into())),
        ("<reservationSet>", "<reservationSet a='b'>", Some(".reservationSet has attributes".into())),
        (
            ">running<",
            ">flying<",
            Some(format!("{instance}.instanceState.name is none of the model's values: 'flying'")),
        ),
        ("<code>16<", "<code>on<", Some(format!("{instance}.instanceState.code is no integer: 'on'"))),
        ("<ebsOptimized>f", "<ebsOptimized>F", Some(format!("{instance}.ebsOptimized is no boolean: 'False'"))),
        ("<imageId>", "<imageId><a/>", Some(format!("{instance}.imageId has elements"))),
        ("<requestId>", "<requestId/><requestId>", Some("there is not one requestId".into())),
        ("/2016-11-15/", "/2010-08-31/", Some(String::new())),
    ] {
        let found = ec2.altered(old, new);
        match fault {
            Some(fault) if fault.is_empty() => assert!(found[0].starts_with("the root is "), "{found:?}"),
            fault => assert_eq!(found, Vec::from_iter(fault), "{old} {new}"),
        }
    }
    let late = ec2.altered("<launchTime>2", "<launchTime>on 2");
    assert!(late.len() == 1 && late[0].starts_with(&format!("{instance}.launchTime is no timestamp")), "{late:?}");
    assert_eq!(ec2.of_nothing("ModifyInstanceMetadataOptions"), [".InstanceId is missing"]);
}

#[test]
fn every_member_of_awss_examples_is_answered_but_those_that_nothing_here_tells_of() {
    let Some((_server, mut ec2)) = begin(&["--modify-delay", "3600000"]) else { return };
    let launch = json!({
        "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 1, "MaxCount": 1, "KeyName": "my-key-pair",
        "IamInstanceProfile": { "Name": "web" },
        "NetworkInterfaces": [{ "DeviceIndex": 0, "AssociatePublicIpAddress": true }],
        "TagSpecifications": [{ "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": "my-instance" }] }],
    });
    let launched = ec2.done("RunInstances", launch);
    let ids = json!({ "InstanceIds": [launched["Instances"][0]["InstanceId"]] });
    let example = ec2.example("run-instances");
    for member in ["State", "StateReason", "StateTransitionReason", "ProductCodes", "Monitoring"] {
        assert_eq!(launched["Instances"][0][member], example["Instances"][0][member], "{member}");
    }
    let modify = json!({ "InstanceId": ids["InstanceIds"][0], "HttpTokens": "required" });
    for (command, answer) in [
        ("run-instances", launched),
        ("describe-instances", ec2.done("DescribeInstances", ids.clone())),
        ("modify-instance-metadata-options", ec2.done("ModifyInstanceMetadataOptions", modify)),
        ("describe-tags", ec2.done("DescribeTags", json!({}))),
        ("stop-instances", ec2.done("StopInstances", ids.clone())),
        ("start-instances", ec2.done("StartInstances", ids.clone())),
        ("terminate-instances", ec2.done("TerminateInstances", ids)),
    ] {
        let mut missing = Vec::new();
        compare(&ec2.example(command), &answer, "", &mut missing);
        missing.retain(|path| !UNTOLD.iter().any(|untold| path.ends_with(untold)));
        assert_eq!(missing, [""; 0], "{command}");
    }
}

/// Finds the members that one has and another has not. Of lists, the first items are compared.
fn compare(example: &Value, answer: &Value, path: &str, missing: &mut Vec<String>) {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            for (name, value) in example {
                let path = format!("{path}/{name}");
                match answer.get(name) {
                    Some(answer) => compare(value, answer, &path, missing),
                    None => missing.push(path),
                }
            }
        }
        (Value::Array(example), Value::Array(answer)) => {
            let items = example.first().zip(answer.first());
            items.into_iter().for_each(|(example, answer)| compare(example, answer, path, missing));
        }
        _ => {}
    }
}

/// What follows from an instance type's processors, and what the API cannot be asked for here.
const UNTOLD: [&str; 6] = [
    "/CpuOptions",
    "/CapacityReservationSpecification",
    "/EnclaveOptions",
    "/MaintenanceOptions",
    "/PrivateDnsNameOptions/EnableResourceNameDnsARecord",
    "/PrivateDnsNameOptions/EnableResourceNameDnsAAAARecord",
];

#[test]
fn what_the_model_gives_no_output_answers_that_it_is_done() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(1, json!({}));
    ec2.done("RebootInstances", json!({ "InstanceIds": ids }));
    assert_eq!(ec2.altered("<return>true</return>", "<done/>"), ["done is not in the model"]);
}
