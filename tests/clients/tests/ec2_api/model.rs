//! Every answer in these tests is held against botocore's service model of EC2. Here is that this can fail.

use serde_json::json;

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
fn what_the_model_gives_no_output_answers_that_it_is_done() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(1, json!({}));
    ec2.done("RebootInstances", json!({ "InstanceIds": ids }));
    assert_eq!(ec2.altered("<return>true</return>", "<done/>"), ["done is not in the model"]);
}
