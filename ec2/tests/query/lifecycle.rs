use crate::support::Account;

#[test]
fn an_instance_goes_through_its_states() {
    let mut account = Account::new();
    let id = account.launch("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true");
    for (action, previous, passing, settled) in [
        ("StopInstances", "running", "stopping", "stopped"),
        ("StopInstances", "stopped", "stopped", "stopped"),
        ("StartInstances", "stopped", "pending", "running"),
        ("StartInstances", "running", "running", "running"),
        ("TerminateInstances", "running", "shutting-down", "terminated"),
        ("TerminateInstances", "terminated", "terminated", "terminated"),
    ] {
        let answer = account.done(&format!("{action}&InstanceId.1={id}"));
        assert_eq!(answer.one("instanceId"), id);
        assert_eq!(answer.within("previousState").one("name"), previous, "{action}");
        assert_eq!(answer.within("currentState").one("name"), passing, "{action}");
        account.pass(1000);
        assert_eq!(account.done("DescribeInstances").within("instanceState").one("name"), settled, "{action}");
    }
}

#[test]
fn every_state_has_its_code() {
    let mut account = Account::new();
    let id = account.launch("");
    let mut codes = Vec::new();
    for action in ["StopInstances", "StartInstances", "TerminateInstances"] {
        let answer = account.done(&format!("{action}&InstanceId.1={id}"));
        codes.push([answer.within("previousState").one("code"), answer.within("currentState").one("code")]);
        account.pass(1000);
    }
    assert_eq!(codes, [["16", "64"], ["80", "0"], ["16", "32"]]);
    assert_eq!(account.done("DescribeInstances").within("instanceState").one("code"), "48");
}

#[test]
fn what_is_stopped_says_why_and_has_no_public_address_and_what_is_terminated_has_nothing_that_others_could_have() {
    let mut account = Account::new();
    let id = account.launch("NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true");
    account.done(&format!("StopInstances&InstanceId.1={id}"));
    account.pass(1000);
    let shown = account.done("DescribeInstances");
    assert_eq!(shown.one("reason"), "User initiated (2026-01-01 00:00:01 GMT)");
    assert_eq!(shown.within("stateReason").one("code"), "Client.UserInitiatedShutdown");
    assert_eq!((shown.one("dnsName"), shown.all("ipAddress"), shown.all("publicIp")), ("".into(), vec![], vec![]));
    assert_eq!(shown.one("privateIpAddress"), "10.0.0.4");
    account.done(&format!("StartInstances&InstanceId.1={id}"));
    account.pass(1000);
    assert_eq!(account.done("DescribeInstances").one("ipAddress"), "203.0.113.1");
    account.done(&format!("TerminateInstances&InstanceId.1={id}"));
    account.pass(1000);
    let shown = account.done("DescribeInstances");
    for member in ["privateDnsName", "dnsName", "networkInterfaceSet", "blockDeviceMapping", "groupSet"] {
        assert!(shown.all(member).iter().all(String::is_empty), "{member}");
    }
    assert!(shown.all("privateIpAddress").is_empty() && shown.all("subnetId").is_empty());
    account.pass(3_600_000);
    assert!(account.done("DescribeInstances").all("instanceId").is_empty());
    assert_eq!(account.refused(&format!("DescribeInstances&InstanceId.1={id}")).0, "InvalidInstanceID.NotFound");
}

#[test]
fn a_start_voids_the_tokens_of_before() {
    let mut account = Account::new();
    let id = account.launch("");
    let generation = |account: &Account| account.fleet.instance(&id).map(|instance| instance.instance().generation());
    let before = generation(&account);
    account.done(&format!("StopInstances&InstanceId.1={id}"));
    account.pass(1000);
    account.done(&format!("StartInstances&InstanceId.1={id}"));
    assert!(generation(&account) > before);
}

#[test]
fn several_change_together_or_not_at_all() {
    let mut account = Account::new();
    let [one, other, stopped] = [(); 3].map(|()| account.launch(""));
    account.done(&format!("StopInstances&InstanceId.1={stopped}"));
    account.pass(1000);
    let many = |ids: &[&str]| -> String {
        ids.iter().enumerate().map(|(at, id)| format!("&InstanceId.{}={id}", at + 1)).collect()
    };
    let answer = account.done(&format!("StopInstances{}", many(&[&other, &one, &other])));
    assert_eq!(answer.all("instanceId"), [other.clone(), one.clone()], "each once, in the order of the request");
    account.done(&format!("TerminateInstances&InstanceId.1={one}"));
    account.pass(1000);
    for (action, ids, code, message) in [
        (
            "StopInstances",
            vec!["i-1", &other],
            "InvalidInstanceID.NotFound",
            "The instance ID 'i-1' does not exist".to_owned(),
        ),
        // Seen: moto#4903.
        (
            "TerminateInstances",
            vec!["i-1", &other, "i-2"],
            "InvalidInstanceID.NotFound",
            "The instance IDs 'i-1, i-2' do not exist".into(),
        ),
        ("TerminateInstances", vec!["i-1", "ma1"], "InvalidInstanceID.Malformed", "Invalid id: \"ma1\"".into()),
        // Seen: boto3#567.
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
        assert_eq!(account.refused(&request), (code.into(), message), "{request}");
    }
}

#[test]
fn what_has_never_run_cannot_be_stopped() {
    let mut account = Account::new();
    let id = account.done(crate::support::LAUNCH).one("instanceId");
    let message = format!("Instance '{id}' cannot be stopped as it has never reached the 'running' state.");
    assert_eq!(
        account.refused(&format!("StopInstances&InstanceId.1={id}")),
        ("IncorrectInstanceState".into(), message)
    );
}

#[test]
fn what_is_protected_is_not_terminated() {
    let mut account = Account::new();
    let id = account.launch("DisableApiTermination=true");
    let message = format!(
        "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
    );
    assert_eq!(
        account.refused(&format!("TerminateInstances&InstanceId.1={id}")),
        ("OperationNotPermitted".into(), message)
    );
}
