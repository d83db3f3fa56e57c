//! Snapshots of a fleet: what a restored fleet keeps, and which snapshots are rejected.

mod common;

use std::net::{Ipv4Addr, SocketAddrV4};

use common::exchange;
use imds::record::{Line, Name, Record};
use imds::{Seed, Timestamp};
use imds_ec2::fleet::{ClientToken, Fleet, InstanceState, Launch, Settings};
use serde_json::{Value, json};

/// An edit of a snapshot: the place of the value, the new value, and the error that names it.
type Edit = (&'static str, &'static str, Value, &'static str, &'static str);

/// A state that was written before records had these limits.
#[test]
fn a_snapshot_over_the_limits_of_a_launch_is_restored() {
    let mut snapshot: Value = serde_json::from_str(&two_instances().snapshot()).unwrap();
    let tags: serde_json::Map<String, Value> =
        (0..60).map(|index| (format!("{index}{}", "k".repeat(200)), json!("v".repeat(300)))).collect();
    let groups: Vec<Value> = (0..20).map(|index| json!({"id": format!("sg-{index}"), "name": "g"})).collect();
    for record in ["/templates/0", "/launch_template"] {
        let record = snapshot.pointer_mut(record).unwrap();
        record["user_data"] = json!("a".repeat(20_000));
        record["network_interfaces"][0]["security_groups"] = json!(groups);
    }
    snapshot["launch_template"]["tags"] = json!(tags);
    snapshot["tags"][0] = json!(tags);
    let fleet = Fleet::restore(&snapshot.to_string(), Settings::default(), at(0)).unwrap();
    let (user_data, groups) = {
        let template = &fleet.instance("i-1").unwrap().instance().details().template;
        (template.user_data.as_ref().map(Vec::len), template.networks[0].security_groups.len())
    };
    assert_eq!((user_data, groups), (Some(20_000), 20));
    assert!(Fleet::restore(&fleet.snapshot(), Settings::default(), at(0)).is_ok());
}

#[test]
fn a_contradictory_snapshot_is_rejected_with_the_path_and_the_reason() {
    let snapshot: Value = serde_json::from_str(&two_instances().snapshot()).unwrap();
    let edits: Vec<Edit> = vec![
        (
            "a private IPv4 address of two instances",
            "/members/1/own/interfaces/0/local_ipv4s/0",
            json!("10.0.0.10"),
            "members[1]",
            "i-1 already has the address 10.0.0.10",
        ),
        (
            "a secondary private IPv4 address that is the primary one of another instance",
            "/members/1/own/interfaces/0/local_ipv4s",
            json!(["10.0.0.20", "10.0.0.10"]),
            "members[1]",
            "i-1 already has the address 10.0.0.10",
        ),
        (
            "an IPv6 address of two instances",
            "/members/1/own/interfaces/0/ipv6s/0",
            json!("2001:db8::10"),
            "members[1]",
            "i-1 already has the address 2001:db8::10",
        ),
        (
            "an address of one instance twice",
            "/members/0/own/interfaces/0/local_ipv4s",
            json!(["10.0.0.10", "10.0.0.10"]),
            "members[0]",
            "i-1 already has the address 10.0.0.10",
        ),
        (
            "a loopback address of two instances",
            "/members/1/loopback",
            json!("127.0.0.10"),
            "members[1]",
            "i-1 already has the loopback address 127.0.0.10",
        ),
        (
            "an id of two instances",
            "/members/1/own/instance_id",
            json!("i-1"),
            "members[1]",
            "another instance has the id i-1",
        ),
        ("an instance without an id", "/members/1/own/instance_id", Value::Null, "members[1]", "it has no id"),
        ("an order of two instances", "/members/1/order", json!(0), "members[1]", "i-1 already has the order 0"),
        (
            "an order that is not assigned yet",
            "/members/1/order",
            json!(2),
            "members[1]",
            "its order 2 is not less than `next`",
        ),
        (
            "a template without a network interface",
            "/templates/0/network_interfaces",
            json!([]),
            "templates[0].network_interfaces",
            "an instance has at least one interface",
        ),
        (
            "an index without a template",
            "/members/1/template",
            json!(9),
            "members[1]",
            "`template`, `notes`, `tags` or `shown_tags` is not an index of its list",
        ),
        (
            "an index without tags",
            "/members/1/shown_tags",
            json!(9),
            "members[1]",
            "`template`, `notes`, `tags` or `shown_tags` is not an index of its list",
        ),
        (
            "a settled state as the target of a transition",
            "/members/1/life/toward",
            json!("running"),
            "members[1].life.toward",
            "the target of a transition is `pending`, `stopping` or `shutting-down`, not `running`",
        ),
        (
            "`terminated` as the target of a transition",
            "/members/1/life/toward",
            json!("terminated"),
            "members[1].life.toward",
            "the target of a transition is `pending`, `stopping` or `shutting-down`, not `terminated`",
        ),
        (
            "`stopped` as the target of a transition",
            "/members/1/life/toward",
            json!("stopped"),
            "members[1].life.toward",
            "the target of a transition is `pending`, `stopping` or `shutting-down`, not `stopped`",
        ),
        (
            "a client token of an unknown instance",
            "/client_tokens/once/launched",
            json!([0, 7]),
            "client_tokens.once",
            "no instance has the order 7",
        ),
        (
            "a client token of an instance of another launch",
            "/client_tokens/once/launched",
            json!([1]),
            "client_tokens.once",
            "i-2 was launched without this client token",
        ),
        (
            "an invalid digest",
            "/client_tokens/once/digest",
            json!("xy"),
            "client_tokens",
            "a digest is 64 hexadecimal digits",
        ),
        ("an invalid seed", "/seed", json!("x"), "seed", ""),
    ];
    for (case, pointer, value, path, reason) in edits {
        let mut edited = snapshot.clone();
        *edited.pointer_mut(pointer).expect(pointer) = value;
        for settings in [Settings::default(), SETTINGS] {
            let error = Fleet::restore(&edited.to_string(), settings, at(10)).expect_err(case);
            assert_eq!(error.path, path, "{case}: {error}");
            assert!(error.reason.contains(reason), "{case}: {error}");
        }
    }
    assert!(Fleet::restore(&snapshot.to_string(), SETTINGS, at(10)).is_ok());
}

#[test]
fn an_address_of_a_terminated_instance_can_be_reused_in_a_snapshot() {
    let mut fleet = two_instances();
    fleet.terminate(at(0), "i-1").unwrap();
    fleet.handle_timeout(at(100));
    let successor = r#"{ "instance_type": "t3.micro", "instance_id": "i-3", "network_interfaces": [
        { "local_ipv4s": ["10.0.0.10"], "ipv6s": ["2001:db8::10"] }] }"#;
    fleet.launch(at(100), &Launch::new(Record::from_json(successor).unwrap())).unwrap();
    let restored = Fleet::restore(&fleet.snapshot(), SETTINGS, at(100)).unwrap();
    for address in ["10.0.0.10", "127.0.0.10", "2001:db8::10"] {
        let found = restored.find_by_address(at(100), address.parse().unwrap()).map(|instance| &**instance.id());
        assert_eq!(found, Some("i-3"), "{address}");
    }
    assert_eq!(restored.snapshot(), fleet.snapshot());
}

/// A shell without loopback addresses serves each instance at its own port of 127.0.0.1.
#[test]
fn instances_at_several_ports_of_127_0_0_1_are_restored() {
    let mut fleet = two_instances();
    fleet.set_settings(SETTINGS.with_loopback_port(None));
    for (id, port) in [("i-1", 5001), ("i-2", 5002)] {
        fleet.set_endpoint(id, Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))).unwrap();
    }
    // An earlier version wrote the address of such an endpoint.
    let mut earlier: Value = serde_json::from_str(&fleet.snapshot()).unwrap();
    for index in 0..2 {
        earlier["members"][index]["loopback"] = json!("127.0.0.1");
    }
    for text in [fleet.snapshot(), earlier.to_string()] {
        let restored = Fleet::restore(&text, SETTINGS, at(100)).unwrap();
        for (id, loopback) in [("i-1", [127, 0, 0, 10]), ("i-2", [127, 0, 0, 20])] {
            assert_eq!(restored.instance(id).unwrap().endpoint(), Some(SocketAddrV4::new(loopback.into(), 1338)));
        }
    }
}

#[test]
fn instances_with_the_same_endpoint_address_are_restored() {
    let mut fleet = two_instances();
    for (id, port) in [("i-1", 5001), ("i-2", 5002)] {
        fleet.set_endpoint(id, Some(SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 77), port))).unwrap();
    }
    let restored = Fleet::restore(&fleet.snapshot(), SETTINGS, at(100)).unwrap();
    assert_eq!(restored.len(), 2);
}

/// An instance without a saved loopback address gets one that no other instance has saved.
#[test]
fn a_saved_loopback_address_is_kept_by_its_instance() {
    let mut snapshot: Value = serde_json::from_str(&two_instances().snapshot()).unwrap();
    snapshot["members"][0]["loopback"] = Value::Null;
    snapshot["members"][1]["loopback"] = json!("127.0.0.10");
    let restored = Fleet::restore(&snapshot.to_string(), SETTINGS, at(100)).unwrap();
    let address = |id| *restored.instance(id).unwrap().endpoint().unwrap().ip();
    assert_eq!(address("i-2"), Ipv4Addr::new(127, 0, 0, 10));
    assert_ne!(address("i-1"), address("i-2"));
    for id in ["i-1", "i-2"] {
        assert_eq!(restored.find_by_address(at(100), address(id).into()).map(|instance| &**instance.id()), Some(id));
    }
}

#[test]
fn a_token_from_before_a_restart_is_invalid_after_a_restore() {
    let mut fleet = two_instances();
    let before = token(&fleet, "i-1", at(1000));
    fleet.stop(at(2000), "i-1").unwrap();
    fleet.start(at(3000), "i-1").unwrap();
    let after = token(&fleet, "i-1", at(4000));
    let restored = Fleet::restore(&fleet.snapshot(), SETTINGS, at(5000)).unwrap();
    for fleet in [&fleet, &restored] {
        assert_eq!(status(fleet, "i-1", at(5000), &before), 401);
        assert_eq!(status(fleet, "i-1", at(5000), &after), 200);
    }
}

#[test]
fn a_client_token_is_restored_until_the_last_instance_of_its_launch_is_purged() {
    let mut fleet = Fleet::new(Seed::new([5; 32]));
    let client_token = Some(ClientToken::new(line("once"), [7; 32]));
    let launch = Launch::new(fleet.launch_template().clone()).with_count(2).with_client_token(client_token);
    let ids = fleet.launch(at(0), &launch).unwrap();
    let launched = |fleet: &Fleet| {
        fleet.find_by_client_token("once").map(|(digest, instances)| {
            assert_eq!(digest, &[7; 32]);
            instances.map(|instance| instance.id().clone()).collect::<Vec<Name>>()
        })
    };
    let restore = |fleet: &Fleet, now| Fleet::restore(&fleet.snapshot(), Settings::default(), now).unwrap();
    assert_eq!(launched(&restore(&fleet, at(0))), Some(ids.clone()));
    fleet.terminate(at(0), &ids[0]).unwrap();
    for fleet in [&mut restore(&fleet, at(3_600_000)), &mut fleet] {
        fleet.handle_timeout(at(3_600_000));
        assert_eq!(launched(fleet), Some(ids[1..].to_vec()));
        assert_eq!(launched(&restore(fleet, at(3_600_000))), Some(ids[1..].to_vec()));
        fleet.terminate(at(3_600_000), &ids[1]).unwrap();
        fleet.handle_timeout(at(7_200_000));
        assert_eq!(launched(fleet), None);
    }
}

/// The fixture is the state file of a server: a fleet read from JSON, and two launches by client
/// tokens through the Query API.
#[test]
fn a_state_file_of_an_earlier_version_is_restored_unchanged() {
    let state = include_str!("snapshots/server_state.json").trim_end();
    let now = Timestamp::parse_rfc3339("2026-11-30T14:00:00Z").unwrap();
    let restored = Fleet::restore(state, SETTINGS, now).unwrap();
    let instances = [
        ("i-0c11a7e9b2d04f3a6", "t3.small", "10.0.0.74", None, Some("cli_instance")),
        ("i-034109c70aaa4b055", "t2.nano", "10.0.0.68", Some("t1"), None),
        ("i-0088d9c6960d224a4", "t2.nano", "10.0.0.4", Some("t1"), None),
        ("i-034e2ce9b6fe724ee", "t2.nano", "10.0.0.5", Some("t2"), None),
        ("i-0854e79dd89c0e8e1", "t2.nano", "10.0.0.6", Some("t2"), None),
    ];
    assert_eq!(restored.len(), instances.len());
    for (id, instance_type, address, client_token, name_tag) in instances {
        let instance = restored.instance(id).expect(id);
        assert_eq!(instance.state(now), InstanceState::Running, "{id}");
        assert_eq!(instance.instance().details().instance_type(), instance_type, "{id}");
        assert_eq!(instance.client_token(), client_token, "{id}");
        assert_eq!(instance.tags().get("Name").map(String::as_str), name_tag, "{id}");
        let found = restored.find_by_address(now, address.parse().unwrap()).map(|found| &**found.id());
        assert_eq!(found, Some(id), "{address}");
    }
    for (client_token, ids) in
        [("t1", ["i-034109c70aaa4b055", "i-0088d9c6960d224a4"]), ("t2", ["i-034e2ce9b6fe724ee", "i-0854e79dd89c0e8e1"])]
    {
        let (_, launched) = restored.find_by_client_token(client_token).expect(client_token);
        assert_eq!(launched.map(|instance| &**instance.id()).collect::<Vec<_>>(), ids);
    }
    assert_eq!(restored.snapshot(), state);
}

#[test]
fn the_largest_counters_of_a_snapshot_do_not_overflow() {
    let mut snapshot: Value = serde_json::from_str(&two_instances().snapshot()).unwrap();
    snapshot["drawn"] = json!(u64::MAX);
    snapshot["public_addresses"] = json!(u32::MAX);
    snapshot["cursors"] = json!({ "10.0.0.0/16": u32::MAX });
    // The address at the cursor, where the search starts: the subnet has 65531 addresses from
    // 10.0.0.4 on.
    let taken = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 4)) + u32::MAX % 65531);
    snapshot["members"][1]["own"]["interfaces"][0]["local_ipv4s"] = json!([taken.to_string()]);
    let mut restored = Fleet::restore(&snapshot.to_string(), SETTINGS, at(100)).unwrap();
    let launch = Launch::new(restored.launch_template().clone()).with_count(2).with_public_address(true);
    let ids = restored.launch(at(100), &launch).unwrap();
    let public = |id: &Name| restored.instance(id).unwrap().instance().details().primary().public_ipv4s[0];
    assert_ne!(public(&ids[0]), public(&ids[1]));
}

/// Two instances. The first one was launched with a client token.
fn two_instances() -> Fleet {
    let mut fleet = Fleet::new(Seed::new([5; 32]));
    fleet.set_settings(SETTINGS);
    for (id, host, client_token) in [("i-1", 10, Some("once")), ("i-2", 20, None)] {
        let record = format!(
            r#"{{ "instance_type": "t3.micro", "instance_id": "{id}", "tags": {{ "Name": "{id}" }}, "network_interfaces": [
                {{ "local_ipv4s": ["10.0.0.{host}"], "ipv6s": ["2001:db8::{host}"] }}] }}"#
        );
        let client_token = client_token.map(|text| ClientToken::new(line(text), [7; 32]));
        let launch = Launch::new(Record::from_json(&record).unwrap()).with_client_token(client_token);
        fleet.launch(at(0), &launch).unwrap();
    }
    fleet
}

const SETTINGS: Settings = Settings::new().with_loopback_port(Some(1338));

fn token(fleet: &Fleet, id: &str, now: Timestamp) -> String {
    let head = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";
    let (status, body) = exchange(fleet.instance(id).unwrap().instance(), now, head);
    assert_eq!(status, 200);
    body
}

fn status(fleet: &Fleet, id: &str, now: Timestamp, token: &str) -> u16 {
    let head = format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    exchange(fleet.instance(id).unwrap().instance(), now, &head).0
}

fn line(text: &str) -> Line {
    Line::try_from(text).unwrap()
}

/// The given number of milliseconds after noon.
fn at(millis: u64) -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T12:00:00Z").unwrap().saturating_add_millis(millis)
}
