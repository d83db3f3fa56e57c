//! `StartInstances`, `StopInstances`, `TerminateInstances`, `RebootInstances`, and the waiters

use serde_json::{Value, json};

use crate::begin;

#[test]
fn the_waiters_wait_for_the_target_state() {
    let Some((_server, mut ec2)) = begin(&["--transition-delay", "200"]) else { return };
    let instance = json!({ "InstanceIds": ec2.launch(1, json!({})) });
    ec2.wait("instance_running", instance.clone()).unwrap();
    for (waiter, operation) in [
        ("instance_stopped", "StopInstances"),
        ("instance_running", "StartInstances"),
        ("instance_terminated", "TerminateInstances"),
    ] {
        // A waiter polls once per second. At its second poll the instance has the state.
        assert_eq!(ec2.wait_while(waiter, instance.clone(), operation, instance.clone()), Ok(2), "{waiter}");
    }
    let deadline = ec2.wait("instance_stopped", instance).unwrap_err();
    assert!(deadline.contains("terminal failure state"), "{deadline}");
}

#[test]
fn the_exists_waiter_waits_for_a_later_launch() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    // The id of the next launch is known beforehand.
    let instance = json!({ "InstanceIds": ["i-034109c70aaa4b055"] });
    let launch = json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 1, "MaxCount": 1 });
    assert_eq!(ec2.wait_while("instance_exists", instance, "RunInstances", launch), Ok(2));
}

#[test]
fn a_repeated_state_change_is_no_error_and_several_instances_change_together() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let ids = ec2.launch(2, json!({}));
    ec2.call("RebootInstances", json!({ "InstanceIds": ids }));
    for (operation, expected) in [
        ("StartInstances", ("running", "running")),
        ("StopInstances", ("running", "stopping")),
        ("StopInstances", ("stopped", "stopped")),
        ("TerminateInstances", ("stopped", "shutting-down")),
        ("TerminateInstances", ("terminated", "terminated")),
    ] {
        let response = ec2.call(operation, json!({ "InstanceIds": ids }));
        let (previous, current) = (expected.0.to_owned(), expected.1.to_owned());
        assert_eq!(states(&response), [(previous.clone(), current.clone()), (previous, current)], "{operation}");
    }
}

/// The names of the previous and current state of each instance in a response.
fn states(response: &Value) -> Vec<(String, String)> {
    let members = ["StoppingInstances", "StartingInstances", "TerminatingInstances"];
    let changes = members.iter().find_map(|member| response[*member].as_array()).expect("changes of state");
    let name = |state: &Value| state["Name"].as_str().expect("a state's name").to_owned();
    changes.iter().map(|change| (name(&change["PreviousState"]), name(&change["CurrentState"]))).collect()
}
