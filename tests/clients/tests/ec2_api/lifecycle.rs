//! `StartInstances`, `StopInstances`, `TerminateInstances`, `RebootInstances`, and the waiters

use serde_json::{Value, json};

use crate::begin;

#[test]
fn the_waiters_wait_until_an_instance_is_where_it_goes() {
    let Some((_server, mut ec2)) = begin(&["--transition-delay", "200"]) else { return };
    let instance = json!({ "InstanceIds": ec2.launch(1, json!({})) });
    ec2.wait("instance_running", instance.clone()).unwrap();
    for (waiter, operation) in [
        ("instance_stopped", "StopInstances"),
        ("instance_running", "StartInstances"),
        ("instance_terminated", "TerminateInstances"),
    ] {
        // A waiter asks each second, and by the second time the instance is there.
        assert_eq!(ec2.wait_while(waiter, instance.clone(), operation, instance.clone()), Ok(2), "{waiter}");
    }
    let given_up = ec2.wait("instance_stopped", instance).unwrap_err();
    assert!(given_up.contains("terminal failure state"), "{given_up}");
}

#[test]
fn the_waiter_for_an_instance_that_is_not_there_yet_finds_it_when_it_is() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    // Which one is launched next is known beforehand.
    let instance = json!({ "InstanceIds": ["i-034109c70aaa4b055"] });
    let launch = json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 1, "MaxCount": 1 });
    assert_eq!(ec2.wait_while("instance_exists", instance, "RunInstances", launch), Ok(2));
}

#[test]
fn what_is_there_already_is_no_error_and_several_change_together() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(2, json!({}));
    ec2.done("RebootInstances", json!({ "InstanceIds": ids }));
    for (operation, expected) in [
        ("StartInstances", ("running", "running")),
        ("StopInstances", ("running", "stopping")),
        ("StopInstances", ("stopped", "stopped")),
        ("TerminateInstances", ("stopped", "shutting-down")),
        ("TerminateInstances", ("terminated", "terminated")),
    ] {
        let answer = ec2.done(operation, json!({ "InstanceIds": ids }));
        let (previous, current) = (expected.0.to_owned(), expected.1.to_owned());
        assert_eq!(states(&answer), [(previous.clone(), current.clone()), (previous, current)], "{operation}");
    }
}

/// The names of the state before and the state that follows, for each instance of an answer.
fn states(answer: &Value) -> Vec<(String, String)> {
    let members = ["StoppingInstances", "StartingInstances", "TerminatingInstances"];
    let changes = members.iter().find_map(|member| answer[*member].as_array()).expect("changes of state");
    let name = |state: &Value| state["Name"].as_str().expect("a state's name").to_owned();
    changes.iter().map(|change| (name(&change["PreviousState"]), name(&change["CurrentState"]))).collect()
}
