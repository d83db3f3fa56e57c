//! Operations on a fleet: their effects, what instances share, and how instances are found.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use common::exchange;
use imds::http::HopLimit;
use imds::instance::OptionsState;
use imds::record::{
    DEFAULT_RECORD, HttpTokens, InstanceOverrides, InterfaceOverrides, Line, MetadataOptionsChange, Name, Record,
    Toggle, read_json,
};
use imds::{Instance, Seed, Timestamp};
use imds_ec2::fleet::{
    AccountDefaults, DEFAULT_NEXT_INSTANCES, EventKind, Fleet, FleetError, Image, InstanceState, Launch, LaunchSeq,
    Settings,
};

#[test]
fn an_instance_is_found_by_id_and_by_each_of_its_addresses_until_it_is_terminated() {
    let mut fleet = fleet();
    let now = at(0);
    let ids = fleet.launch(now, &launch("t3.micro").with_count(3)).unwrap();
    for id in &ids {
        let instance = fleet.instance(id).unwrap();
        let private = instance.instance().details().primary().local_ipv4s[0];
        let endpoint = instance.endpoint().unwrap();
        assert_eq!(
            endpoint.ip().octets()[1..],
            private.octets()[1..],
            "the loopback address follows from the private one"
        );
        for address in [private, *endpoint.ip()] {
            assert_eq!(fleet.find_by_address(now, address.into()).map(|found| found.id()), Some(id));
        }
    }
    let addresses: Vec<IpAddr> = addresses(&fleet, &ids[1]);
    fleet.terminate(now, &ids[1]).unwrap();
    assert!(addresses.iter().all(|address| fleet.find_by_address(now, *address).is_none()));
    assert_eq!(fleet.instance(&ids[1]).unwrap().state(now), InstanceState::Terminated);
    // Another instance gets the address and keeps it when the terminated one is purged.
    let mut record = record("t3.micro");
    record.network_interfaces = fleet.launch_template().network_interfaces.clone();
    record.network_interfaces[0].local_ipv4s = Some(vec![match addresses[0] {
        IpAddr::V4(address) => address,
        IpAddr::V6(_) => unreachable!("the first one is the private IPv4 address"),
    }]);
    let successor = fleet.launch(now, &Launch::new(record)).unwrap().remove(0);
    fleet.handle_timeout(at(3_600_000));
    assert!(fleet.instance(&ids[1]).is_none(), "it is purged after one hour");
    assert_eq!(fleet.find_by_address(at(3_600_000), addresses[0]).map(|found| found.id()), Some(&successor));
}

#[test]
fn equal_launches_share_everything_but_the_own_values() {
    let mut fleet = fleet();
    let tags = BTreeMap::from([("Name".to_owned(), "of many".to_owned())]);
    let launch = launch("t3.micro").with_tags(tags);
    fleet.launch(at(0), &launch).unwrap();
    // The maps take a bounded number of bytes for each instance.
    let launched = allocation_counter::measure(|| {
        for _ in 0..1000 {
            fleet.launch(at(0), &launch).unwrap();
            while fleet.poll_event().is_some() {}
        }
    });
    assert_eq!(fleet.len(), 1001);
    let bytes = launched.bytes_current / 1000;
    let own = OWN.iter().map(|(_, bytes)| bytes).sum::<i64>();
    println!("{bytes} bytes for each further instance, {own} of them its own");
    assert!(bytes <= own + 512, "{bytes} bytes for each further instance, {own} of them its own");
}

/// The values that instances do not share, and their sizes in bytes.
const OWN: &[(&str, i64)] = &[
    ("instance id", "i-0123456789abcdef0".len() as i64),
    ("reservation id", "r-0123456789abcdef0".len() as i64),
    ("network interface id", "eni-0123456789abcdef0".len() as i64),
    ("MAC address", "02:91:d3:09:63:0c".len() as i64),
    ("private address", 4),
    ("endpoint: address and port", 6),
    ("launch time, launch index", 8 + 4),
    ("token key, instance tag of tokens", 32 + 4),
    ("generation", 8),
    ("metadata options: applied, pending, two times", 5 + 5 + 8 + 8),
    ("transition: target, start, duration", 1 + 8 + 4),
];

#[test]
fn a_failed_operation_changes_nothing() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let stopped = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    fleet.stop(at(0), &stopped).unwrap();
    fleet.terminate(at(0), &stopped).unwrap();
    let before = fleet.snapshot();
    let taken = addresses(&fleet, &id)[0];
    let mut small = launch("t3.micro");
    small.record.network_interfaces[0].subnet_ipv4_cidr_block = Some(line("10.9.0.0/28"));
    let mut addressed = launch("t3.micro");
    let IpAddr::V4(address) = taken else { unreachable!("an IPv4 address") };
    addressed.record.network_interfaces[0].local_ipv4s = Some(vec![address]);
    let mut outside = launch("t3.micro");
    outside.record.network_interfaces[0].local_ipv4s = Some(vec![Ipv4Addr::new(192, 168, 0, 9)]);
    let mut tagged = launch("t3.micro");
    tagged.record.metadata_options.instance_metadata_tags = Some(Toggle::Enabled);
    tagged.tags.insert("not for metadata".into(), String::new());
    let mut many_tags = launch("t3.micro");
    many_tags.tags = (0..51).map(|n| (n.to_string(), String::new())).collect();
    let mut again = launch("t3.micro");
    again.record.instance_id = Some(id.clone());
    let mut wrong = launch("t3.micro");
    wrong.record.user_data_base64 = Some("?".into());
    let several = addressed.clone().with_count(2);
    let failures: Vec<Failure> = vec![
        ("a subnet of 11 addresses", fleet.launch(at(1), &small.with_count(12)).map(drop), |error| {
            matches!(error, FleetError::NoFreeAddress(_))
        }),
        ("an address twice", fleet.launch(at(1), &addressed).map(drop), |error| {
            matches!(error, FleetError::AddressInUse(_))
        }),
        ("an address outside", fleet.launch(at(1), &outside).map(drop), |error| {
            matches!(error, FleetError::AddressOutsideSubnet(..))
        }),
        ("one address for two", fleet.launch(at(1), &several).map(drop), |error| {
            matches!(error, FleetError::SingleInstanceOnly("private address"))
        }),
        ("an id twice", fleet.launch(at(1), &again).map(drop), |error| matches!(error, FleetError::IdInUse(_))),
        (
            "a tag key that is not allowed in the metadata",
            fleet.launch(at(1), &tagged).map(drop),
            |error| matches!(error, FleetError::InvalidTagKey(key) if key == "not for metadata"),
        ),
        ("51 tags", fleet.launch(at(1), &many_tags).map(drop), |error| *error == FleetError::TooManyTags),
        (
            "an invalid record",
            fleet.launch(at(1), &wrong).map(drop),
            |error| matches!(error, FleetError::Record(error) if error.path == "user_data_base64"),
        ),
        (
            "no instance",
            fleet.modify_options(at(1), "i-0", &required()).map(drop),
            |error| matches!(error, FleetError::NoSuchInstance(id) if id == "i-0"),
        ),
        (
            "options of a terminated instance",
            fleet.modify_options(at(1), &stopped, &required()).map(drop),
            is_incorrect_state,
        ),
        ("the start of a terminated instance", fleet.start(at(1), &stopped).map(drop), is_incorrect_state),
        ("tags of a terminated instance", fleet.set_tags(at(1), &stopped, &BTreeMap::new()), is_incorrect_state),
    ];
    for (case, result, is_expected) in failures {
        assert!(result.as_ref().is_err_and(is_expected), "{case}: {result:?}");
    }
    assert_eq!(fleet.snapshot(), before);
}

#[test]
fn old_options_apply_while_a_change_is_pending() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let (options, state) = fleet.instance(&id).unwrap().instance().requested_options(at(0));
    assert_eq!(
        (options.http_tokens, state),
        (HttpTokens::Optional, OptionsState::Applied),
        "the options of a launch apply at once"
    );
    fleet.modify_options(at(500), &id, &required()).unwrap();
    let limit =
        MetadataOptionsChange { http_put_response_hop_limit: Some(HopLimit::MAX), ..MetadataOptionsChange::default() };
    let wanted = fleet.modify_options(at(900), &id, &limit).unwrap();
    assert_eq!(wanted.http_tokens, HttpTokens::Required, "omitted options keep their values, pending ones too");
    assert_eq!(fleet.poll_timeout(), Some(at(1500)));
    for (millis, status) in [(900, 200), (1899, 200), (1900, 401)] {
        let instance = fleet.instance(&id).unwrap();
        assert_eq!(get(instance.instance(), at(millis), "/latest/meta-data/", "").0, status, "at {millis} ms");
    }
    fleet.handle_timeout(at(5000));
    fleet.handle_timeout(at(5000));
    let events: Vec<_> = std::iter::from_fn(|| fleet.poll_event()).map(|event| (event.at, event.kind)).collect();
    let expected =
        [(0, EventKind::Launched), (500, EventKind::Modified), (900, EventKind::Modified), (1900, EventKind::Applied)];
    assert_eq!(events, expected.map(|(millis, kind)| (at(millis), kind)));
}

#[test]
fn a_start_invalidates_earlier_tokens() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let token = token(fleet.instance(&id).unwrap().instance(), at(0));
    let status = |fleet: &Fleet, now| {
        let instance = fleet.instance(&id).unwrap();
        instance.is_served(now).then(|| get(instance.instance(), now, "/latest/meta-data/", &token).0)
    };
    assert_eq!(status(&fleet, at(1)), Some(200));
    let change = fleet.stop(at(10), &id).unwrap();
    assert_eq!((change.previous, change.current), (InstanceState::Running, InstanceState::Stopping));
    assert_eq!(status(&fleet, at(10)), None, "a stopped instance does not answer");
    let change = fleet.stop(at(10), &id).unwrap();
    assert_eq!((change.previous, change.current), (InstanceState::Stopped, InstanceState::Stopped));
    let change = fleet.start(at(20_000), &id).unwrap();
    assert_eq!((change.previous, change.current), (InstanceState::Stopped, InstanceState::Pending));
    assert_eq!(status(&fleet, at(20_000)), Some(401));
    assert_eq!(fleet.instance(&id).unwrap().instance().details().launch_time, at(20_000));
}

#[test]
fn a_transitional_state_lasts_for_the_transition_time() {
    let mut fleet = fleet();
    fleet.set_settings(fleet.settings().with_transition_millis(100));
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let state = |fleet: &Fleet, millis| fleet.instance(&id).unwrap().state(at(millis));
    assert_eq!([0, 99, 100].map(|millis| state(&fleet, millis).name()), ["pending", "pending", "running"]);
    assert!(fleet.stop(at(50), &id).is_err_and(|error| is_incorrect_state(&error)));
    fleet.stop(at(200), &id).unwrap();
    assert_eq!([200, 299, 300].map(|millis| state(&fleet, millis).name()), ["stopping", "stopping", "stopped"]);
    fleet.terminate(at(250), &id).unwrap();
    assert_eq!([250, 349, 350].map(|millis| state(&fleet, millis).code()), [32, 32, 48]);
    fleet.handle_timeout(at(400));
    let events: Vec<_> = std::iter::from_fn(|| fleet.poll_event()).map(|event| (event.at, event.kind)).collect();
    assert_eq!(events, [(at(0), EventKind::Launched), (at(350), EventKind::Terminated)]);
}

/// An instance answers until it has stopped or terminated.
#[test]
fn an_instance_is_served_in_every_state_but_stopped_and_terminated() {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};

    let mut fleet = fleet();
    fleet.set_settings(fleet.settings().with_transition_millis(100));
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let [private, loopback] = addresses(&fleet, &id).try_into().unwrap();
    type Step = fn(&mut Fleet, &Name, Timestamp);
    let none: Step = |_, _, _| {};
    let start: Step = |fleet, id, now| assert!(fleet.start(now, id).is_ok());
    let stop: Step = |fleet, id, now| assert!(fleet.stop(now, id).is_ok());
    let terminate: Step = |fleet, id, now| assert!(fleet.terminate(now, id).is_ok());
    let mut tested = Vec::new();
    for (millis, step, state) in [
        (0, none, Pending),
        (99, none, Pending),
        (100, none, Running),
        (200, stop, Stopping),
        (299, none, Stopping),
        (300, none, Stopped),
        (400, start, Pending),
        (500, none, Running),
        (600, terminate, ShuttingDown),
        (699, none, ShuttingDown),
        (700, none, Terminated),
    ] {
        step(&mut fleet, &id, at(millis));
        // With and without a call of `handle_timeout`.
        let mut settled = fleet.clone();
        settled.handle_timeout(at(millis));
        for fleet in [&fleet, &settled] {
            let instance = fleet.instance(&id).unwrap();
            assert_eq!(instance.state(at(millis)), state, "at {millis} ms");
            // Without `_`: a new state must be added here.
            let is_served = match state {
                Pending | Running | Stopping | ShuttingDown => true,
                Stopped | Terminated => false,
            };
            assert_eq!(instance.is_served(at(millis)), is_served, "{}", state.name());
            for address in [private, loopback] {
                let found = fleet.find_by_address(at(millis), address).map(|found| found.id());
                assert_eq!(found, is_served.then_some(&id), "{} at {address}", state.name());
            }
        }
        tested.push(state);
    }
    for state in [Pending, Running, ShuttingDown, Terminated, Stopping, Stopped] {
        assert!(tested.contains(&state), "{} is not tested", state.name());
    }
}

/// AWS: for each option, the launch has precedence over the account, and the account over the
/// image.
#[test]
fn launch_options_come_from_launch_account_image_and_default() {
    let tokens = [None, Some(HttpTokens::Optional), Some(HttpTokens::Required)];
    for of_launch in tokens {
        for of_account in tokens {
            for v2_image in [false, true] {
                let mut fleet = fleet();
                fleet.set_image(line("ami-0"), Image::default().with_imds_support_v2(v2_image));
                let defaults = MetadataOptionsChange { http_tokens: of_account, ..MetadataOptionsChange::default() };
                fleet.set_account_defaults(AccountDefaults::default().with_options(&defaults));
                let mut launch = launch("t3.micro");
                launch.record.ami_id = Some(line("ami-0"));
                launch.record.metadata_options.http_tokens = of_launch;
                let id = fleet.launch(at(0), &launch).unwrap().remove(0);
                let options = fleet.instance(&id).unwrap().instance().options(at(0));
                let of_image = if v2_image { HttpTokens::Required } else { HttpTokens::Optional };
                assert_eq!(options.http_tokens, of_launch.or(of_account).unwrap_or(of_image));
                assert_eq!(options.http_put_response_hop_limit.get(), if v2_image { 2 } else { 1 });
            }
        }
    }
}

#[test]
fn an_account_that_enforces_tokens_rejects_optional() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    fleet.set_account_defaults(AccountDefaults::default().with_tokens_enforced(Some(Toggle::Enabled)));
    let optional =
        MetadataOptionsChange { http_tokens: Some(HttpTokens::Optional), ..MetadataOptionsChange::default() };
    assert_eq!(fleet.launch(at(0), &launch("t3.micro")), Err(FleetError::TokensEnforced));
    assert_eq!(fleet.modify_options(at(0), &id, &optional), Err(FleetError::TokensEnforced));
    let mut with_tokens = launch("t3.micro");
    with_tokens.record.metadata_options = required();
    assert!(fleet.launch(at(0), &with_tokens).is_ok());
    assert!(fleet.modify_options(at(0), &id, &required()).is_ok());
}

#[test]
fn tags_change_at_once_on_nitro_and_with_the_next_start_on_xen() {
    for (instance_type, live) in [("t3.micro", true), ("t2.nano", false)] {
        let mut fleet = fleet();
        let mut launch = launch(instance_type);
        launch.tags.insert("Name".into(), "first".into());
        launch.record.metadata_options.instance_metadata_tags = Some(Toggle::Enabled);
        let id = fleet.launch(at(0), &launch).unwrap().remove(0);
        let name_tag = |fleet: &Fleet| {
            get(fleet.instance(&id).unwrap().instance(), at(10_000), "/latest/meta-data/tags/instance/Name", "").1
        };
        let tags = BTreeMap::from([("Name".to_owned(), "second".to_owned())]);
        fleet.set_tags(at(1), &id, &tags).unwrap();
        assert_eq!(fleet.instance(&id).unwrap().tags(), &tags);
        assert_eq!(name_tag(&fleet), if live { "second" } else { "first" });
        fleet.stop(at(2), &id).unwrap();
        fleet.start(at(3), &id).unwrap();
        assert_eq!(name_tag(&fleet), "second");
        fleet.remove_tags(at(4), &id, |key, value| (key, value) == ("Name", "another")).unwrap();
        assert_eq!(fleet.instance(&id).unwrap().tags().len(), 1, "the tag has another value");
        fleet.remove_tags(at(4), &id, |key, value| (key, value) == ("Name", "second")).unwrap();
        assert_eq!(fleet.instance(&id).unwrap().tags().len(), 0);
    }
}

#[test]
fn queued_overrides_apply_to_the_next_instance() {
    let mut fleet = fleet();
    let own: InstanceOverrides =
        InstanceOverrides { instance_id: Some(name("i-034109c70aaa4b055")), ..InstanceOverrides::default() };
    fleet.queue_overrides([own]);
    let ids = fleet.launch(at(0), &launch("t2.nano").with_count(2)).unwrap();
    assert_eq!(&*ids[0], "i-034109c70aaa4b055");
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn the_example_fleet_launches_its_queued_instance_next() {
    let json = include_str!("../../examples/article-fleet.json");
    let mut fleet = Fleet::from_json(json, Settings::default(), Seed::new([1; 32]), at(0)).unwrap();
    let host = fleet.find_by_address(at(0), IpAddr::from([10, 0, 0, 74])).unwrap();
    assert_eq!(get(host.instance(), at(0), "/latest/meta-data/instance-type/", ""), (200, "t3.small".to_owned()));
    let launch = Launch::new(fleet.launch_template().clone()).with_public_address(true);
    let id = fleet.launch(at(0), &launch).unwrap().remove(0);
    assert_eq!(&*id, "i-034109c70aaa4b055");
    let launched = fleet.find_by_address(at(0), IpAddr::from([10, 0, 0, 68])).unwrap();
    assert_eq!(
        get(launched.instance(), at(0), "/latest/meta-data/", "").1.len(),
        313,
        "the length of the article's listing"
    );
}

/// A fleet from one record, as a server without a fleet file has it.
#[test]
fn later_launches_are_in_the_account_and_network_of_the_first_record() {
    let record = Record::from_json(DEFAULT_RECORD).unwrap();
    let mut fleet = Fleet::from_record(record, Settings::new(), Seed::new([1; 32]), at(0)).unwrap();
    fleet.queue_overrides(read_json::<Vec<InstanceOverrides>>(DEFAULT_NEXT_INSTANCES).unwrap());
    let launch = Launch::new(fleet.launch_template().clone()).with_count(2);
    let ids = fleet.launch(at(0), &launch).unwrap();
    assert_eq!(&*ids[0], "i-034109c70aaa4b055");
    assert_eq!(addresses(&fleet, &ids[0]), [IpAddr::from([10, 0, 0, 68])]);
    let values = |path: &str| {
        let all = fleet.instances(LaunchSeq::FIRST);
        all.map(|instance| get(instance.instance(), at(0), path, "").1).collect::<BTreeSet<_>>()
    };
    for path in ["placement/availability-zone", "security-groups"] {
        assert_eq!(values(&format!("/latest/meta-data/{path}")).len(), 1, "{path}");
    }
    assert_eq!(values("/latest/meta-data/instance-id").len(), 3);
    assert!(values("/latest/dynamic/instance-identity/document").iter().all(|text| text.contains("123456789012")));
}

#[test]
fn an_instance_is_served_over_ipv6_only_if_its_options_enable_it() {
    for (option, served) in [(Toggle::Disabled, false), (Toggle::Enabled, true)] {
        let mut fleet = fleet();
        let mut launch = launch("t3.micro");
        launch.record.metadata_options.http_protocol_ipv6 = Some(option);
        let id = fleet.launch(at(0), &launch).unwrap().remove(0);
        let is_served = |fleet: &Fleet, ipv6| fleet.instance(&id).unwrap().is_served_over(at(1), ipv6);
        assert_eq!((is_served(&fleet, false), is_served(&fleet, true)), (true, served));
        fleet.stop(at(0), &id).unwrap();
        assert_eq!((is_served(&fleet, false), is_served(&fleet, true)), (false, false));
    }
}

#[test]
fn an_invalid_fleet_file_is_rejected_with_the_path() {
    for (json, path) in [
        (r#"{"instances": [{"instance_type": "t3.micro", "availability_zone": 1}]}"#, "instances[0].availability_zone"),
        (r#"{"instances": [{"instance_type": "t3.micro", "user_data_base64": "?"}]}"#, "instances[0].user_data_base64"),
        (r#"{"instance": []}"#, "instance"),
        (r#"{"account_defaults": {"http_tokens": "maybe"}}"#, "account_defaults.http_tokens"),
        (
            r#"{"instances": [{"instance_type": "t3.nano", "instance_id": "i-1"}, {"instance_type": "t3.nano", "instance_id": "i-1"}]}"#,
            "instances[1]",
        ),
        (r#"{"instances": [{"instance_type": "t3.nano"}, {"instance_type": "t3"}]}"#, "instances[1].instance_type"),
        (r#"{"launch_template": {"instance_type": "T3.nano"}}"#, "launch_template.instance_type"),
        (
            r#"{"launch_template": {"instance_type": "t3.nano", "extra": {"meta-data/ami-id": ""}}}"#,
            "launch_template.extra.meta-data/ami-id",
        ),
        (
            r#"{"next_instances": [{}, {"interfaces": [{"public_ipv4s": ["192.0.2.1", "192.0.2.2"]}]}]}"#,
            "next_instances[1].interfaces[0].public_ipv4s",
        ),
        (
            r#"{"next_instances": [{"interfaces": [{"mac": "02:00:00:00:00:01"}, {"mac": "02:00:00:00:00:01"}]}]}"#,
            "next_instances[0].interfaces[1].mac",
        ),
    ] {
        let error = Fleet::from_json(json, Settings::default(), Seed::new([1; 32]), at(0)).expect_err(json);
        assert_eq!(error.path, path, "{error}");
    }
}

/// All ways to a record have the limits of a launch.
#[test]
fn each_record_of_a_fleet_has_the_limits_of_the_api() {
    let tags: Vec<String> = (0..51).map(|index| format!(r#""{index}": """#)).collect();
    let tags = format!(r#""tags": {{{}}}"#, tags.join(", "));
    let data = format!(r#""user_data": "{}""#, "a".repeat(16 * 1024 + 1));
    let ipv6s: Vec<String> = (0..65).map(|index| format!(r#""2001:db8::{index:x}""#)).collect();
    let ipv6s = format!(r#"{{"ipv6s": [{}]}}"#, ipv6s.join(", "));
    for (json, path) in [
        (format!(r#"{{"instances": [{{"instance_type": "t3.nano", {data}}}]}}"#), "instances[0].user_data"),
        (format!(r#"{{"instances": [{{"instance_type": "t3.nano", {tags}}}]}}"#), "instances[0].tags"),
        (format!(r#"{{"launch_template": {{"instance_type": "t3.nano", {data}}}}}"#), "launch_template.user_data"),
        (format!(r#"{{"next_instances": [{{{tags}}}]}}"#), "next_instances[0].tags"),
        (format!(r#"{{"next_instances": [{{"interfaces": [{ipv6s}]}}]}}"#), "next_instances[0].interfaces[0].ipv6s"),
    ] {
        let error = Fleet::from_json(&json, Settings::default(), Seed::new([1; 32]), at(0)).expect_err(path);
        assert_eq!(error.path, path, "{error}");
    }
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let record = Record::from_json(&format!(r#"{{"instance_type": "t3.nano", {data}}}"#)).unwrap();
    let before = fleet.snapshot();
    for result in [fleet.replace(at(1), &id, &record), fleet.launch(at(1), &Launch::new(record.clone())).map(|_| ())] {
        let Err(FleetError::Record(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.to_string(), "user_data: 16385 bytes: at most 16384 are allowed");
    }
    assert_eq!(fleet.snapshot(), before);
}

#[test]
fn a_replaced_instance_keeps_its_id_its_addresses_and_its_tokens() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let token = token(fleet.instance(&id).unwrap().instance(), at(0));
    let before = addresses(&fleet, &id);
    let mut other = launch("t3.large").record;
    other.role = Some(imds::record::Role::new(name("new-role")));
    fleet.replace(at(1), &id, &other).unwrap();
    let instance = fleet.instance(&id).unwrap();
    assert_eq!(addresses(&fleet, &id), before);
    let metadata = |path| get(instance.instance(), at(1), path, &token).1;
    assert_eq!(metadata("/latest/meta-data/instance-type"), "t3.large");
    assert_eq!(metadata("/latest/meta-data/iam/security-credentials/"), "new-role");
}

#[test]
fn a_replaced_instance_keeps_each_own_value_that_the_record_leaves_out() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &Launch::new(Record::from_json(OWN_VALUES).unwrap())).unwrap().remove(0);
    let before = own_values(&own(&fleet, &id));
    for (name, value) in &before {
        assert!(!["", "null", "[]"].contains(&value.as_str()), "OWN_VALUES has no {name}");
    }
    let bare = r#"{"instance_type": "t3.large", "network_interfaces": [{}, {}]}"#;
    fleet.replace(at(5000), &id, &Record::from_json(bare).unwrap()).unwrap();
    assert_eq!(own_values(&own(&fleet, &id)), before);
    assert_eq!(fleet.instance(&id).unwrap().tags().get("Name").map(String::as_str), Some("kept"));
    // Each value alone, over an instance that has all of them.
    for (record, changed, value) in [
        (r#""reservation_id": "r-1", "network_interfaces": [{}, {}]"#, "reservation_id", "r-1"),
        (r#""ami_launch_index": 4, "network_interfaces": [{}, {}]"#, "ami_launch_index", "Some(4)"),
        // The snapshot leaves out 0.
        (r#""ami_launch_index": 0, "network_interfaces": [{}, {}]"#, "ami_launch_index", "None"),
        (
            r#""launch_time": "2025-06-01T00:00:00Z", "network_interfaces": [{}, {}]"#,
            "launch_time",
            "2025-06-01T00:00:00Z",
        ),
        (r#""network_interfaces": [{"mac": "02:00:00:00:00:09"}, {}]"#, "interfaces[0].mac", "02:00:00:00:00:09"),
        (r#""network_interfaces": [{"interface_id": "eni-9"}, {}]"#, "interfaces[0].interface_id", "eni-9"),
        (
            r#""network_interfaces": [{"local_ipv4s": ["10.0.0.30", "10.0.0.31"]}, {}]"#,
            "interfaces[0].local_ipv4s",
            "[10.0.0.30, 10.0.0.31]",
        ),
        (
            r#""network_interfaces": [{"public_ipv4s": ["198.51.100.9"]}, {}]"#,
            "interfaces[0].public_ipv4s",
            "[198.51.100.9]",
        ),
        (
            r#""network_interfaces": [{"local_ipv4s": ["10.0.0.10", "10.0.0.11"], "ipv6s": ["2001:db8::9"]}, {}]"#,
            "interfaces[0].ipv6s",
            "[2001:db8::9]",
        ),
        (
            r#""network_interfaces": [{"ipv6_prefixes": ["2001:db8:9::/80"]}, {}]"#,
            "interfaces[0].ipv6_prefixes",
            "[2001:db8:9::/80]",
        ),
        (
            r#""network_interfaces": [{"ipv4_prefixes": ["10.0.0.64/28"]}, {}]"#,
            "interfaces[0].ipv4_prefixes",
            "[10.0.0.64/28]",
        ),
        // An empty list removes the values.
        (r#""network_interfaces": [{"public_ipv4s": []}, {}]"#, "interfaces[0].public_ipv4s", "[]"),
        (r#""network_interfaces": [{"ipv4_prefixes": []}, {}]"#, "interfaces[0].ipv4_prefixes", "[]"),
        (r#""network_interfaces": [{"ipv6s": []}, {}]"#, "interfaces[0].ipv6s", "[]"),
        (r#""network_interfaces": [{"ipv6_prefixes": []}, {}]"#, "interfaces[0].ipv6_prefixes", "[]"),
    ] {
        let mut fleet = fleet.clone();
        let record = format!(r#"{{"instance_type": "t3.large", {record}}}"#);
        fleet.replace(at(5000), &id, &Record::from_json(&record).unwrap()).unwrap();
        let expected = before.iter().map(|(name, old)| (name.clone(), if name == changed { value } else { old }));
        let after = own_values(&own(&fleet, &id));
        assert_eq!(
            after.iter().map(|(name, value)| (name.clone(), value.as_str())).collect::<Vec<_>>(),
            expected.collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_replacement_cannot_have_more_public_addresses_than_private_ones() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &Launch::new(Record::from_json(OWN_VALUES).unwrap())).unwrap().remove(0);
    let replace = |interfaces: &str| {
        let mut fleet = fleet.clone();
        let record = format!(r#"{{"instance_type": "t3.large", "network_interfaces": {interfaces}}}"#);
        fleet.replace(at(1), &id, &Record::from_json(&record).unwrap()).map(|()| own(&fleet, &id).interfaces)
    };
    let fewer = replace(r#"[{"local_ipv4s": ["10.0.0.30"]}, {}]"#).unwrap();
    assert_eq!(fewer[0].public_ipv4s, Some(vec![Ipv4Addr::new(198, 51, 100, 1)]));
    let ipv6_only = replace(r#"[{"ipv6s": ["2001:db8::9"]}, {}]"#).unwrap();
    assert!(ipv6_only[0].local_ipv4s.is_none() && ipv6_only[0].public_ipv4s.is_none());
    let mut bare = fleet.clone();
    let record = r#"{"instance_type": "t3.large", "network_interfaces": [{"ipv6s": ["2001:db8::9"]}, {}]}"#;
    bare.replace(at(1), &id, &Record::from_json(record).unwrap()).unwrap();
    let record = r#"{"instance_type": "t3.large", "network_interfaces": [{"public_ipv4s": ["198.51.100.9"]}, {}]}"#;
    let error = bare.replace(at(1), &id, &Record::from_json(record).unwrap()).unwrap_err();
    assert!(
        matches!(&error, FleetError::Record(error) if error.path == "network_interfaces[0].public_ipv4s"),
        "{error}"
    );
    // The MAC address of the second interface, which keeps it.
    let error = replace(r#"[{"mac": "02:00:00:00:00:02"}, {}]"#).err().unwrap();
    assert!(matches!(&error, FleetError::Record(error) if error.path == "network_interfaces[1].mac"), "{error}");
}

#[test]
fn a_launch_first_makes_the_changes_that_are_due() {
    let mut fleet = fleet();
    fleet.set_settings(fleet.settings().with_transition_millis(100));
    let mut first = launch("t3.micro");
    first.record.instance_id = Some(name("i-1"));
    first.record.network_interfaces[0].local_ipv4s = Some(vec![Ipv4Addr::new(10, 0, 0, 9)]);
    fleet.launch(at(0), &first).unwrap();
    let endpoint = fleet.instance("i-1").unwrap().endpoint();
    fleet.terminate(at(100), "i-1").unwrap();
    let mut same_address = first.clone();
    same_address.record.instance_id = Some(name("i-2"));
    let address = IpAddr::from([10, 0, 0, 9]);
    assert_eq!(fleet.launch(at(199), &same_address), Err(FleetError::AddressInUse(address)), "it is shutting down");
    fleet.launch(at(200), &same_address).unwrap();
    assert_eq!(fleet.instance("i-2").unwrap().endpoint(), endpoint);
    assert_eq!(fleet.find_by_address(at(200), address).map(|found| &**found.id()), Some("i-2"));
    // One hour after the termination, the id is free too.
    first.record.network_interfaces[0].local_ipv4s = None;
    assert_eq!(fleet.launch(at(3_600_199), &first), Err(FleetError::IdInUse(name("i-1"))), "it is not purged yet");
    fleet.launch(at(3_600_200), &first).unwrap();
    let kinds: Vec<_> = std::iter::from_fn(|| fleet.poll_event()).map(|event| (event.at, event.kind)).collect();
    let expected = [
        (0, EventKind::Launched),
        (200, EventKind::Terminated),
        (200, EventKind::Launched),
        (3_600_200, EventKind::Purged),
        (3_600_200, EventKind::Launched),
    ];
    assert_eq!(kinds, expected.map(|(millis, kind)| (at(millis), kind)));
}

#[test]
fn a_replaced_instance_keeps_its_loopback_address() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let endpoint = fleet.instance(&id).unwrap().endpoint().unwrap();
    let private = addresses(&fleet, &id)[0];
    let mut moved = record("t3.micro");
    moved.network_interfaces[0].local_ipv4s = Some(vec![Ipv4Addr::new(10, 0, 9, 9)]);
    fleet.replace(at(0), &id, &moved).unwrap();
    assert_eq!(fleet.instance(&id).unwrap().endpoint(), Some(endpoint));
    let found = |fleet: &Fleet, address: IpAddr| fleet.find_by_address(at(0), address).map(|found| found.id().clone());
    assert_eq!(found(&fleet, (*endpoint.ip()).into()), Some(id.clone()));
    // Another instance gets the private address and another loopback address.
    let mut successor = launch("t3.micro");
    let IpAddr::V4(v4) = private else { unreachable!("an IPv4 address") };
    successor.record.network_interfaces[0].local_ipv4s = Some(vec![v4]);
    let successor = fleet.launch(at(0), &successor).unwrap().remove(0);
    assert_ne!(fleet.instance(&successor).unwrap().endpoint().map(|endpoint| *endpoint.ip()), Some(*endpoint.ip()));
    assert_eq!(found(&fleet, private), Some(successor.clone()));
    assert_eq!(found(&fleet, (*endpoint.ip()).into()), Some(id.clone()));
    // The loopback address is free after the termination.
    fleet.terminate(at(0), &id).unwrap();
    assert_eq!(found(&fleet, (*endpoint.ip()).into()), None);
}

#[test]
fn setting_an_endpoint_frees_only_the_previous_one() {
    let mut fleet = fleet();
    // Outside of 10.0.0.0/8, the loopback address does not follow from the private one.
    let at_address = |last| {
        let mut launch = launch("t3.micro");
        launch.record.network_interfaces[0].subnet_ipv4_cidr_block = None;
        launch.record.network_interfaces[0].local_ipv4s = Some(vec![Ipv4Addr::new(172, 16, 0, last)]);
        launch
    };
    let one = fleet.launch(at(0), &at_address(8)).unwrap().remove(0);
    let other = fleet.launch(at(0), &at_address(9)).unwrap().remove(0);
    let of = |fleet: &Fleet, id: &str| *fleet.instance(id).unwrap().endpoint().unwrap().ip();
    let (of_one, of_other) = (of(&fleet, &one), of(&fleet, &other));
    let found =
        |fleet: &Fleet, address: Ipv4Addr| fleet.find_by_address(at(0), address.into()).map(|found| found.id().clone());
    assert_eq!((found(&fleet, of_one), found(&fleet, of_other)), (Some(one.clone()), Some(other.clone())));
    fleet.set_endpoint(&one, Some(SocketAddrV4::new(of_other, 5000))).unwrap();
    assert_eq!((found(&fleet, of_one), found(&fleet, of_other)), (None, Some(other.clone())));
    fleet.terminate(at(0), &one).unwrap();
    assert_eq!(found(&fleet, of_other), Some(other));
}

#[test]
fn a_new_loopback_port_applies_to_instances_that_shut_down() {
    let mut fleet = fleet();
    fleet.set_settings(fleet.settings().with_transition_millis(100));
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    fleet.terminate(at(100), &id).unwrap();
    let port = |fleet: &Fleet| fleet.instance(&id).unwrap().endpoint().map(|endpoint| endpoint.port());
    for loopback_port in [Some(1339), None, Some(1340)] {
        fleet.set_settings(fleet.settings().with_loopback_port(loopback_port));
        assert_eq!(port(&fleet), loopback_port);
    }
    fleet.handle_timeout(at(200));
    assert_eq!(port(&fleet), None);
    fleet.set_settings(fleet.settings().with_loopback_port(Some(1341)));
    assert_eq!(port(&fleet), None, "it is terminated");
}

/// Each id of a subnet or a VPC has one list of CIDR blocks, also if it is generated for several
/// launches, and after a restart.
#[test]
fn launches_with_different_cidr_blocks_have_different_networks() {
    let mut fleet = fleet();
    let networks = |fleet: &mut Fleet, address: &str| {
        let json =
            format!(r#"{{"instance_type": "t3.micro", "network_interfaces": [{{"local_ipv4s": ["{address}"]}}]}}"#);
        let id = fleet.launch(at(0), &Launch::new(Record::from_json(&json).unwrap())).unwrap().remove(0);
        let template = &fleet.instance(&id).unwrap().instance().details().template;
        let interface = &template.record.network_interfaces[0];
        let block = interface.subnet_ipv4_cidr_block.clone().unwrap().to_string();
        let network = &template.networks[0];
        let group = &network.security_groups[0];
        [network.vpc_id.to_string(), network.subnet_id.to_string(), group.id.to_string(), block]
    };
    let first = networks(&mut fleet, "10.0.0.5");
    let same = networks(&mut fleet, "10.0.0.6");
    assert_eq!(first, same);
    let [vpc, subnet, group, _] = networks(&mut fleet, "10.0.1.5");
    assert!(vpc == first[0] && group == first[2] && subnet != first[1], "another subnet of the VPC");
    let other = networks(&mut fleet, "172.16.0.5");
    assert!(other.iter().zip(&first).all(|(other, first)| other != first), "another VPC");
    let mut restored = Fleet::restore(&fleet.snapshot(), *fleet.settings(), at(0)).unwrap();
    assert_eq!(networks(&mut restored, "172.16.0.6"), other);
    assert_eq!(networks(&mut restored, "10.0.0.7"), first);
}

#[test]
fn launches_of_a_fleet_from_a_record_are_in_its_vpc() {
    let json = r#"{"instance_type": "t3.micro", "availability_zone": "xx-new-1a", "partition": "aws-new", "network_interfaces": [
        {"local_ipv4s": ["172.31.5.9"], "vpc_id": "vpc-1"}]}"#;
    let record = Record::from_json(json).unwrap();
    let mut fleet = Fleet::from_record(record, Settings::default(), Seed::new([1; 32]), at(0)).unwrap();
    let launch = Launch::new(fleet.launch_template().clone());
    let id = fleet.launch(at(0), &launch).unwrap().remove(0);
    let details = fleet.instance(&id).unwrap().instance().details();
    let interface = &details.template.record.network_interfaces[0];
    assert_eq!(interface.vpc_id.as_deref(), Some("vpc-1"));
    assert_eq!(interface.vpc_ipv4_cidr_blocks.as_ref().unwrap()[0].to_string(), "172.31.0.0/16");
    assert_eq!(details.primary().local_ipv4s[0].octets()[..2], [172, 31]);
    assert_eq!(&*details.template.partition, "aws-new");
}

#[test]
fn each_queued_value_is_in_the_launched_instance() {
    let json = r#"{
        "launch_template": {"instance_type": "t3.micro", "tags": {"a": "launch"}, "network_interfaces": [
            {"subnet_ipv4_cidr_block": "10.0.0.0/24"}]},
        "next_instances": [{"instance_id": "i-1", "reservation_id": "r-1", "ami_launch_index": 7,
            "launch_time": "2025-01-01T00:00:00Z", "tags": {"b": "queued"}, "interfaces": [
                {"local_ipv4s": [], "ipv4_prefixes": ["10.0.0.16/28"], "mac": "02:00:00:00:00:01", "interface_id": "eni-1"}]}]
    }"#;
    let mut fleet = Fleet::from_json(json, Settings::default(), Seed::new([1; 32]), at(0)).unwrap();
    let launch = Launch::new(fleet.launch_template().clone());
    let id = fleet.launch(at(0), &launch).unwrap().remove(0);
    let instance = fleet.instance(&id).unwrap();
    let details = instance.instance().details();
    assert_eq!((&*id, &*details.reservation_id, details.ami_launch_index), ("i-1", "r-1", 7));
    assert_eq!(details.launch_time.to_string(), "2025-01-01T00:00:00Z");
    assert_eq!(instance.tags().keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b"]);
    let primary = details.primary();
    assert_eq!((primary.mac.as_str(), &*primary.interface_id), ("02:00:00:00:00:01", "eni-1"));
    assert!(primary.local_ipv4s.is_empty() && primary.ipv4_prefixes().len() == 1);
}

#[test]
fn an_instance_has_what_its_image_has() {
    let json = r#"{"images": {"ami-1": {"architecture": "arm64", "root_device_name": "/dev/sda1"}},
        "instances": [{"instance_type": "t3.micro", "ami_id": "ami-1"}]}"#;
    let fleet = Fleet::from_json(json, Settings::default(), Seed::new([1; 32]), at(0)).unwrap();
    let template = &fleet.instances(LaunchSeq::FIRST).next().unwrap().instance().details().template;
    assert_eq!(&*template.architecture, "arm64");
    assert_eq!(template.block_device_mapping.get("root").map(|device| &**device), Some("/dev/sda1"));
}

/// Tags with such a key are allowed until something puts tags into the metadata.
#[test]
fn a_tag_key_that_the_metadata_cannot_show_is_refused_only_there() {
    let record = r#"{"instance_type": "t3.micro", "tags": {"kubernetes.io/cluster/demo": "owned"}}"#;
    let launch = Launch::new(Record::from_json(record).unwrap());
    let is_tag_key = |error: FleetError| assert!(matches!(error, FleetError::InvalidTagKey(_)), "{error}");
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch).unwrap().remove(0);
    let enabled = MetadataOptionsChange { instance_metadata_tags: Some(Toggle::Enabled), ..Default::default() };
    is_tag_key(fleet.modify_options(at(0), &id, &enabled).unwrap_err());
    let mut shown = launch.clone();
    shown.record.metadata_options = enabled;
    is_tag_key(fleet.launch(at(0), &shown).unwrap_err());
    fleet.set_account_defaults(AccountDefaults::default().with_options(&enabled));
    is_tag_key(fleet.launch(at(0), &launch).unwrap_err());
    // The tags are still in the metadata while the change is pending.
    let mut fleet = self::fleet();
    let mut shown = self::launch("t3.micro");
    shown.record.metadata_options = enabled;
    let id = fleet.launch(at(0), &shown).unwrap().remove(0);
    let disabled = MetadataOptionsChange { instance_metadata_tags: Some(Toggle::Disabled), ..Default::default() };
    fleet.modify_options(at(0), &id, &disabled).unwrap();
    shown.record.tags = launch.record.tags.clone();
    is_tag_key(fleet.replace(at(1), &id, &shown.record).unwrap_err());
    fleet.replace(at(5000), &id, &shown.record).unwrap();
    let none = r#"{"instance_type": "t3.micro", "tags": {}}"#;
    fleet.replace(at(5000), &id, &Record::from_json(none).unwrap()).unwrap();
    assert!(fleet.instance(&id).unwrap().tags().is_empty());
}

/// An instance that has a value for each field of [`InstanceOverrides`] and [`InterfaceOverrides`].
const OWN_VALUES: &str = r#"{
    "instance_type": "t3.micro", "instance_id": "i-1", "reservation_id": "r-9", "ami_launch_index": 3,
    "launch_time": "2025-01-01T00:00:00Z", "tags": {"Name": "kept"},
    "network_interfaces": [
        {
            "mac": "02:00:00:00:00:01", "interface_id": "eni-1", "local_ipv4s": ["10.0.0.10", "10.0.0.11"],
            "public_ipv4s": ["198.51.100.1", "198.51.100.2"], "ipv4_prefixes": ["10.0.0.32/28"],
            "ipv6s": ["2001:db8::1"], "ipv6_prefixes": ["2001:db8:1::/80"]
        },
        {
            "mac": "02:00:00:00:00:02", "interface_id": "eni-2", "local_ipv4s": ["10.0.1.10"],
            "public_ipv4s": ["198.51.100.3"], "ipv4_prefixes": ["10.0.1.32/28"], "ipv6s": ["2001:db8::2"],
            "ipv6_prefixes": ["2001:db8:2::/80"]
        }
    ]
}"#;

/// The own values of an instance in a snapshot.
fn own(fleet: &Fleet, id: &str) -> InstanceOverrides {
    let snapshot: serde_json::Value = serde_json::from_str(&fleet.snapshot()).unwrap();
    let mut instances = snapshot["members"].as_array().unwrap().iter();
    let instance = instances.find(|instance| instance["own"]["instance_id"] == id).unwrap();
    read_json(&instance["own"].to_string()).unwrap()
}

/// The name and the text of each value. Without `..`: a new field must be added here.
fn own_values(own: &InstanceOverrides) -> Vec<(String, String)> {
    let InstanceOverrides { instance_id, reservation_id, ami_launch_index, launch_time, interfaces, tags } = own;
    assert!(tags.is_empty(), "a snapshot has tags in another list");
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut values = vec![
        ("instance_id".to_owned(), text(instance_id.as_deref())),
        ("reservation_id".to_owned(), text(reservation_id.as_deref())),
        ("ami_launch_index".to_owned(), format!("{ami_launch_index:?}")),
        ("launch_time".to_owned(), launch_time.map(|time| time.to_string()).unwrap_or_default()),
    ];
    for (index, interface) in interfaces.iter().enumerate() {
        let InterfaceOverrides { mac, interface_id, local_ipv4s, public_ipv4s, ipv4_prefixes, ipv6s, ipv6_prefixes } =
            interface;
        fn list<T: ToString>(list: &Option<Vec<T>>) -> String {
            format!("[{}]", list.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        let own = [
            ("mac", mac.as_ref().map(|mac| mac.as_str().to_owned()).unwrap_or_default()),
            ("interface_id", text(interface_id.as_deref())),
            ("local_ipv4s", list(local_ipv4s)),
            ("public_ipv4s", list(public_ipv4s)),
            ("ipv4_prefixes", list(ipv4_prefixes)),
            ("ipv6s", list(ipv6s)),
            ("ipv6_prefixes", list(ipv6_prefixes)),
        ];
        values.extend(own.map(|(name, value)| (format!("interfaces[{index}].{name}"), value)));
    }
    values
}

#[test]
fn a_restored_fleet_behaves_like_the_original() {
    let mut fleet = fleet();
    let ids = fleet.launch(at(0), &launch("t3.micro").with_count(3)).unwrap();
    fleet.modify_options(at(0), &ids[0], &required()).unwrap();
    fleet.stop(at(0), &ids[1]).unwrap();
    fleet.terminate(at(0), &ids[2]).unwrap();
    fleet.set_tags(at(0), &ids[0], &BTreeMap::from([("a key".into(), "a value".into())])).unwrap();
    let token = token(fleet.instance(&ids[0]).unwrap().instance(), at(0));
    let text = fleet.snapshot();
    let mut restored = Fleet::restore(&text, *fleet.settings(), at(100)).unwrap();
    assert_eq!(restored.snapshot(), text);
    for id in &ids {
        assert_eq!(addresses(&restored, id), addresses(&fleet, id));
        assert_eq!(restored.instance(id).unwrap().state(at(1)), fleet.instance(id).unwrap().state(at(1)));
    }
    let answer = |fleet: &Fleet, token: &str| {
        get(fleet.instance(&ids[0]).unwrap().instance(), at(2000), "/latest/meta-data/mac", token)
    };
    assert_eq!(answer(&restored, &token), answer(&fleet, &token));
    assert_eq!(answer(&restored, "").0, 401, "pending options take effect");
    let mut next = fleet.clone();
    assert_eq!(
        next.launch(at(9), &launch("t3.micro")),
        restored.launch(at(9), &launch("t3.micro")),
        "both draw the same random values"
    );
}

#[test]
fn a_snapshot_with_explicit_defaults_is_restored() {
    let restored = Fleet::restore(include_str!("snapshots/full.json"), Settings::default(), at(0)).unwrap();
    let instances: Vec<_> = restored.instances(LaunchSeq::FIRST).collect();
    assert_eq!(instances.len(), 3);
    assert_eq!(instances[0].instance().details().interfaces.len(), 2);
    assert_eq!(instances[1].attributes().volumes.len(), 1);
    assert!(instances[1].attributes().ebs_optimized);
    assert_eq!(instances[1].tags().get("a key").map(String::as_str), Some("a value"));
    assert_eq!(instances[1].client_token(), Some("token-1"));
    assert!(restored.image("ami-1").is_some_and(|image| image.imds_support_v2));
    let text = restored.snapshot();
    assert!(text.len() < include_str!("snapshots/full.json").len());
    assert_eq!(Fleet::restore(&text, Settings::default(), at(0)).unwrap().snapshot(), text);
}

#[test]
fn a_snapshot_keeps_interface_descriptions() {
    let mut fleet = fleet();
    let mut launch = launch("t3.micro");
    launch.attributes.interface_descriptions.insert(0, Line::try_from("the primary interface").unwrap());
    let id = fleet.launch(at(0), &launch).unwrap().remove(0);
    let restored = Fleet::restore(&fleet.snapshot(), *fleet.settings(), at(0)).unwrap();
    assert_eq!(restored.instance(&id).unwrap().attributes(), &launch.attributes);
}

#[test]
fn an_invalid_snapshot_is_rejected_with_the_path() {
    let mut fleet = fleet();
    fleet.launch(at(0), &launch("t3.micro")).unwrap();
    let text = fleet.snapshot();
    let cut = &text[..text.len() / 2];
    let mut twice: serde_json::Value = text.parse().unwrap();
    let members = twice["members"].as_array_mut().unwrap();
    members.push(members[0].clone());
    let twice = twice.to_string();
    for (case, text, path) in [
        ("cut", cut.to_owned(), ""),
        ("foreign", r#"{"instance_type": "t3.micro"}"#.to_owned(), "format"),
        ("newer", text.replace("\"version\":1,", "\"version\":2,"), "version"),
        ("an instance twice", twice, "members[1]"),
        ("an unknown key", text.replace("\"drawn\":", "\"unknown\":"), "unknown"),
    ] {
        let error = Fleet::restore(&text, Settings::default(), at(0)).expect_err(case);
        assert!(error.path.contains(path), "{case}: {error}");
    }
}

#[test]
fn a_clone_does_not_change_with_the_original() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let before = fleet.clone();
    let text = before.snapshot();
    fleet.modify_options(at(0), &id, &required()).unwrap();
    fleet.terminate(at(0), &id).unwrap();
    fleet.launch(at(0), &launch("t2.nano")).unwrap();
    assert_eq!(before.snapshot(), text);
}

#[test]
fn is_unchanged_from_detects_every_kind_of_change() {
    let mut fleet = fleet();
    let id = fleet.launch(at(0), &launch("t3.micro")).unwrap().remove(0);
    let tag = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    type Step = fn(&mut Fleet, &Name, &BTreeMap<String, String>);
    let nothing: &[(&str, Step)] = &[
        ("a deadline that is not due", |fleet, _, _| fleet.handle_timeout(at(1))),
        ("a failed operation", |fleet, _, _| assert!(fleet.stop(at(1), "i-0").is_err())),
    ];
    let something: &[(&str, Step)] = &[
        ("a launch", |fleet, _, _| assert!(fleet.launch(at(1), &launch("t3.micro")).is_ok())),
        ("options", |fleet, id, _| assert!(fleet.modify_options(at(1), id, &required()).is_ok())),
        ("tags", |fleet, id, tag| assert!(fleet.set_tags(at(1), id, tag).is_ok())),
        ("a stop", |fleet, id, _| assert!(fleet.stop(at(1), id).is_ok())),
        ("the account", |fleet, _, _| {
            let enforced = AccountDefaults::default().with_tokens_enforced(Some(Toggle::Enabled));
            fleet.set_account_defaults(enforced);
        }),
        ("an image", |fleet, _, _| fleet.set_image(line("ami-0"), Image::default())),
        ("queued overrides", |fleet, _, _| fleet.queue_overrides([InstanceOverrides::default()])),
        ("the launch template", |fleet, _, _| fleet.set_launch_template(record("t2.nano"))),
    ];
    for (steps, unchanged) in [(nothing, true), (something, false)] {
        for (case, step) in steps {
            let mut clone = fleet.clone();
            step(&mut clone, &id, &tag);
            assert_eq!(clone.is_unchanged_from(&fleet), unchanged, "{case}");
        }
    }
}

#[test]
fn instances_are_listed_in_launch_order() {
    let mut fleet = fleet();
    let ids: Vec<Name> = (0..20).flat_map(|_| fleet.launch(at(0), &launch("t3.micro")).unwrap()).collect();
    let all = |from| fleet.instances(from).map(|instance| instance.id().clone()).collect::<Vec<_>>();
    assert_eq!(all(LaunchSeq::FIRST), ids);
    let tenth = fleet.instance(&ids[9]).unwrap().launch_seq();
    assert_eq!(all(tenth.next()), ids[10..]);
}

/// A case, its result, and the check of its error.
type Failure = (&'static str, Result<(), FleetError>, fn(&FleetError) -> bool);

fn fleet() -> Fleet {
    let mut fleet = Fleet::new(Seed::new([5; 32]));
    fleet.set_settings(Settings::new().with_loopback_port(Some(1338)));
    fleet
}

fn launch(instance_type: &str) -> Launch {
    Launch::new(record(instance_type))
}

fn record(instance_type: &str) -> Record {
    let mut record = Fleet::new(Seed::new([0; 32])).launch_template().clone();
    record.instance_type = line(instance_type);
    record
}

fn required() -> MetadataOptionsChange {
    MetadataOptionsChange { http_tokens: Some(HttpTokens::Required), ..MetadataOptionsChange::default() }
}

fn is_incorrect_state(error: &FleetError) -> bool {
    matches!(error, FleetError::IncorrectState(..))
}

/// The private addresses and the loopback address.
fn addresses(fleet: &Fleet, id: &str) -> Vec<IpAddr> {
    let instance = fleet.instance(id).unwrap();
    let private = instance.instance().details().primary().local_ipv4s.iter().copied().map(IpAddr::V4);
    private.chain(instance.endpoint().map(|endpoint| IpAddr::V4(*endpoint.ip()))).collect()
}

fn token(instance: &Instance, now: Timestamp) -> String {
    let head = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";
    exchange(instance, now, head).1
}

fn get(instance: &Instance, now: Timestamp, path: &str, token: &str) -> (u16, String) {
    let token = if token.is_empty() { String::new() } else { format!("X-aws-ec2-metadata-token: {token}\r\n") };
    exchange(instance, now, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n{token}\r\n"))
}

fn line(text: &str) -> Line {
    Line::try_from(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::try_from(text).unwrap()
}

/// The given number of milliseconds after noon.
fn at(millis: u64) -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T12:00:00Z").unwrap().saturating_add_millis(millis)
}

#[test]
fn every_error_has_a_code_and_a_one_line_text() {
    let id = || Name::try_from("i-0a").unwrap();
    let block = || Line::try_from("10.0.0.0/24").unwrap();
    let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    for (error, code, text) in [
        (FleetError::NoSuchInstance("i-0a".into()), "no-such-instance", "there is no instance i-0a"),
        (
            FleetError::IncorrectState(id(), InstanceState::Stopped),
            "wrong-state",
            "instance i-0a is stopped, which does not allow this operation",
        ),
        (FleetError::TokensEnforced, "tokens-enforced", "the account enforces tokens: set HttpTokens to `required`"),
        (FleetError::IdInUse(id()), "id-in-use", "there is an instance i-0a already"),
        (FleetError::AddressInUse(address), "address-in-use", "another instance has the address 10.0.0.1"),
        (
            FleetError::AddressOutsideSubnet(address, block()),
            "address-outside",
            "no instance in the subnet 10.0.0.0/24 can have the address 10.0.0.1",
        ),
        (FleetError::NoFreeAddress(block()), "no-free-address", "the subnet 10.0.0.0/24 has no free address"),
        (
            FleetError::InvalidTagKey("a\nb".into()),
            "tag-key",
            r"'a\nb' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')",
        ),
        (FleetError::TooManyTags, "too-many-tags", "an instance has at most 50 tags"),
        (
            FleetError::TerminationProtected(id()),
            "termination-protected",
            "instance i-0a is protected from termination",
        ),
        (FleetError::TooManyLaunches, "too-many-launches", "a fleet launches at most 4294967295 instances in its life"),
        (
            FleetError::SingleInstanceOnly("private address"),
            "not-for-several",
            "a launch of several instances cannot set one private address",
        ),
    ] {
        assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    }
    let record = Record::from_json("{}").err().unwrap();
    let error = FleetError::from(record.clone());
    assert_eq!((error.code(), error.to_string()), ("record", record.to_string()));
}
