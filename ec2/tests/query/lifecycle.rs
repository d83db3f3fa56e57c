use std::collections::BTreeSet;

use crate::support::Account;

#[test]
fn an_instance_goes_through_its_states() {
    let mut account = Account::new();
    let id = account.launch("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true");
    for (action, previous, transitional, settled) in [
        ("StopInstances", "running", "stopping", "stopped"),
        ("StopInstances", "stopped", "stopped", "stopped"),
        ("StartInstances", "stopped", "pending", "running"),
        ("StartInstances", "running", "running", "running"),
        ("TerminateInstances", "running", "shutting-down", "terminated"),
        ("TerminateInstances", "terminated", "terminated", "terminated"),
    ] {
        let response = account.ok(&format!("{action}&InstanceId.1={id}"));
        assert_eq!(response.text("instanceId"), id);
        assert_eq!(response.element("previousState").text("name"), previous, "{action}");
        assert_eq!(response.element("currentState").text("name"), transitional, "{action}");
        account.advance(1000);
        assert_eq!(account.ok("DescribeInstances").element("instanceState").text("name"), settled, "{action}");
    }
}

#[test]
fn every_state_has_its_code() {
    let mut account = Account::new();
    let id = account.launch("");
    let mut codes = Vec::new();
    for action in ["StopInstances", "StartInstances", "TerminateInstances"] {
        let response = account.ok(&format!("{action}&InstanceId.1={id}"));
        codes.push([response.element("previousState").text("code"), response.element("currentState").text("code")]);
        account.advance(1000);
    }
    assert_eq!(codes, [["16", "64"], ["80", "0"], ["16", "32"]]);
    assert_eq!(account.ok("DescribeInstances").element("instanceState").text("code"), "48");
}

#[test]
fn a_stopped_instance_has_no_public_address_and_a_terminated_one_no_interfaces() {
    let mut account = Account::new();
    let id = account.launch("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true");
    account.ok(&format!("StopInstances&InstanceId.1={id}"));
    account.advance(1000);
    let description = account.ok("DescribeInstances");
    assert_eq!(description.text("reason"), "User initiated (2026-01-01 00:00:01 GMT)");
    assert_eq!(description.element("stateReason").text("code"), "Client.UserInitiatedShutdown");
    assert_eq!(
        (description.text("dnsName"), description.texts("ipAddress"), description.texts("publicIp")),
        ("".into(), vec![], vec![])
    );
    assert_eq!(description.text("privateIpAddress"), "10.0.0.4");
    account.ok(&format!("StartInstances&InstanceId.1={id}"));
    account.advance(1000);
    assert_eq!(account.ok("DescribeInstances").text("ipAddress"), "203.0.113.1");
    account.ok(&format!("TerminateInstances&InstanceId.1={id}"));
    account.advance(1000);
    let description = account.ok("DescribeInstances");
    for element in ["privateDnsName", "dnsName", "networkInterfaceSet", "blockDeviceMapping", "groupSet"] {
        assert!(description.texts(element).iter().all(String::is_empty), "{element}");
    }
    assert!(description.texts("privateIpAddress").is_empty() && description.texts("subnetId").is_empty());
    account.advance(3_600_000);
    assert!(account.ok("DescribeInstances").texts("instanceId").is_empty());
    assert_eq!(account.rejected(&format!("DescribeInstances&InstanceId.1={id}")).0, "InvalidInstanceID.NotFound");
}

#[test]
fn each_start_draws_a_generation_that_a_rolled_back_life_did_not_have() {
    let mut account = Account::new();
    let id = account.launch("");
    let generation = |account: &Account| account.fleet.instance(&id).map(|instance| instance.instance().generation());
    let restart = |account: &mut Account| {
        account.ok(&format!("StopInstances&InstanceId.1={id}"));
        account.advance(1000);
        account.ok(&format!("StartInstances&InstanceId.1={id}"));
        account.advance(1000);
    };
    assert_eq!(generation(&account), Some(0));
    let saved = account.fleet.clone();
    let lives: BTreeSet<_> = (0..4)
        .flat_map(|position| {
            account.fleet = saved.clone();
            account.fleet.continue_random_values_at(position);
            restart(&mut account);
            let first = generation(&account);
            restart(&mut account);
            [first, generation(&account)]
        })
        .collect();
    assert_eq!(lives.len(), 8);
    assert!(!lives.contains(&Some(0)));
}

#[test]
fn several_instances_change_state_together_or_not_at_all() {
    let mut account = Account::new();
    let [one, other, stopped] = [(); 3].map(|()| account.launch(""));
    account.ok(&format!("StopInstances&InstanceId.1={stopped}"));
    account.advance(1000);
    let many = |ids: &[&str]| -> String {
        ids.iter().enumerate().map(|(at, id)| format!("&InstanceId.{}={id}", at + 1)).collect()
    };
    let response = account.ok(&format!("StopInstances{}", many(&[&other, &one, &other])));
    assert_eq!(
        response.texts("instanceId"),
        [other.clone(), one.clone()],
        "without duplicates, in the order of the request"
    );
    account.ok(&format!("TerminateInstances&InstanceId.1={one}"));
    account.advance(1000);
    for (action, ids, code, message) in [
        (
            "StopInstances",
            vec!["i-1", &other],
            "InvalidInstanceID.NotFound",
            "The instance ID 'i-1' does not exist".to_owned(),
        ),
        // Observed: moto#4903.
        (
            "TerminateInstances",
            vec!["i-1", &other, "i-2"],
            "InvalidInstanceID.NotFound",
            "The instance IDs 'i-1, i-2' do not exist".into(),
        ),
        ("TerminateInstances", vec!["i-1", "ma1"], "InvalidInstanceID.Malformed", "Invalid id: \"ma1\"".into()),
        // Observed: boto3#567.
        (
            "StopInstances",
            vec!["i-c6464a3f "],
            "InvalidInstanceID.NotFound",
            "The instance ID 'i-c6464a3f ' does not exist".into(),
        ),
        (
            "StartInstances",
            vec![&other, &one],
            "IncorrectInstanceState",
            format!("The instance '{one}' is not in a state from which it can be started."),
        ),
        (
            "StopInstances",
            vec![&one],
            "IncorrectInstanceState",
            format!("This instance '{one}' is not in a state from which it can be stopped."),
        ),
        (
            "RebootInstances",
            vec![&stopped],
            "IncorrectInstanceState",
            format!("The instance '{stopped}' is not in a valid state for this operation: it is stopped."),
        ),
        ("StartInstances", vec![], "MissingParameter", "The request must contain the parameter InstanceId".into()),
    ] {
        let request = format!("{action}{}", many(&ids));
        assert_eq!(account.rejected(&request), (code.into(), message), "{request}");
    }
}

#[test]
fn an_instance_that_has_never_run_cannot_be_stopped() {
    let mut account = Account::new();
    let id = account.ok(crate::support::LAUNCH).text("instanceId");
    let message = format!("Instance '{id}' cannot be stopped as it has never reached the 'running' state.");
    assert_eq!(
        account.rejected(&format!("StopInstances&InstanceId.1={id}")),
        ("IncorrectInstanceState".into(), message)
    );
}

#[test]
fn a_protected_instance_is_not_terminated() {
    let mut account = Account::new();
    let id = account.launch("DisableApiTermination=true");
    let message = format!(
        "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
    );
    assert_eq!(
        account.rejected(&format!("TerminateInstances&InstanceId.1={id}")),
        ("OperationNotPermitted".into(), message)
    );
}
