//! Planned events of a fleet: the instances that they select, their consequences on the clock, and
//! snapshots between their steps.

mod common;

use common::exchange;
use imds::record::{InstanceEvent, Name, Record, read_json};
use imds::{Seed, Timestamp};
use imds_ec2::fleet::{Fleet, FleetError, InstanceSelector, InstanceState, Launch, Settings, VirtualClock};
use proptest::prelude::*;

#[test]
fn an_interruption_ends_an_instance_two_minutes_after_its_notice() {
    for (event, times, state) in [
        (
            r#"{"spot_interruption": {"in": "2m"}}"#,
            "0 event-planned, 0 rebalance-recommended, 0 spot-noticed, 120 spot-interrupted, 120 terminated",
            InstanceState::Terminated,
        ),
        (
            r#"{"spot_interruption": {"action": "stop"}, "at": "2026-01-01T00:01:00Z"}"#,
            "0 event-planned, 60 spot-noticed, 180 spot-interrupted, 180 stopped",
            InstanceState::Stopped,
        ),
        (
            r#"{"spot_interruption": {"action": "hibernate", "in": "5m"}}"#,
            "0 event-planned, 0 rebalance-recommended, 300 spot-noticed, 300 spot-interrupted, 300 stopped",
            InstanceState::Stopped,
        ),
        (
            r#"{"rebalance_recommendation": {}, "after": "1m"}"#,
            "0 event-planned, 60 rebalance-recommended",
            InstanceState::Running,
        ),
    ] {
        let mut fleet = fleet(1);
        fleet.plan_event(at(0), &all(), &read(event)).unwrap();
        fleet.handle_timeout(at(1000));
        assert_eq!((history(&mut fleet).as_str(), state_of(&fleet, "i-0", 1000)), (times, state), "{event}");
    }
}

#[test]
fn a_scheduled_event_does_what_its_code_says() {
    for (code, manifest, times) in [
        ("instance-reboot", "(unknown)", "60 event-completed, 60 rebooted"),
        ("system-reboot", "(unknown)", "60 event-completed, 60 rebooted"),
        ("system-maintenance", "(unknown)", "60 event-completed"),
        ("instance-stop", "(unknown)", "60 event-completed, 60 stopped"),
        ("instance-retirement", "(unknown)", "60 event-completed, 60 stopped"),
        ("instance-retirement", "bucket/image.manifest.xml", "60 event-completed, 60 terminated"),
    ] {
        let mut record = Record::from_json(r#"{"instance_type": "t3.micro", "instance_id": "i-0"}"#).unwrap();
        record.ami_manifest_path = Some(manifest.try_into().unwrap());
        let mut fleet = Fleet::new(Seed::new([3; 32]));
        fleet.launch(at(0), &Launch::new(record)).unwrap();
        while fleet.poll_event().is_some() {}
        let event = format!(r#"{{"scheduled_event": {{"code": "{code}", "in": "1m"}}}}"#);
        let planned = fleet.plan_event(at(0), &all(), &read(&event)).unwrap();
        assert!(get(&fleet, "i-0", 59, SCHEDULED).1.contains(&*planned[0].1.id), "{code}");
        fleet.handle_timeout(at(1000));
        assert_eq!(history(&mut fleet), format!("0 event-planned, 0 event-shown, {times}"), "{code} {manifest}");
    }
}

#[test]
fn a_stopped_instance_shows_a_past_interruption_no_more_after_its_start() {
    let mut fleet = fleet(1);
    fleet.plan_event(at(0), &all(), &read(r#"{"spot_interruption": {"in": "2m", "action": "stop"}}"#)).unwrap();
    let event = r#"{"scheduled_event": {"code": "system-reboot", "in": "1m"}}"#;
    fleet.plan_event(at(0), &all(), &read(event)).unwrap();
    assert_eq!(get(&fleet, "i-0", 119, ACTION).0, 200);
    fleet.start(at(200), "i-0").unwrap();
    assert_eq!([ACTION, REBALANCE].map(|path| get(&fleet, "i-0", 200, path).0), [404, 404]);
    assert!(get(&fleet, "i-0", 200, HISTORY).1.contains("[Completed] "));
}

#[test]
fn protection_does_not_stop_an_interruption() {
    for (action, state) in [("stop", InstanceState::Stopped), ("terminate", InstanceState::Terminated)] {
        let mut fleet = fleet(1);
        let mut attributes = fleet.instance("i-0").unwrap().attributes().clone();
        (attributes.stop_protected, attributes.termination_protected) = (true, true);
        let record = fleet.instance("i-0").unwrap().instance().details().template.record.clone();
        let mut launch = Launch::new(record);
        launch.attributes = attributes;
        let id = fleet.launch(at(0), &launch).unwrap().remove(0);
        let event = format!(r#"{{"spot_interruption": {{"action": "{action}"}}}}"#);
        fleet.plan_event(at(0), &InstanceSelector::id(id.clone()), &read(&event)).unwrap();
        assert!(fleet.stop(at(1), &id).is_err(), "it is protected");
        fleet.handle_timeout(at(120));
        assert_eq!(state_of(&fleet, &id, 120), state);
    }
}

#[test]
fn instances_are_selected_by_id_by_tag_and_by_number() {
    let rebalance = read(r#"{"rebalance_recommendation": {}}"#);
    let select = |json: &str| {
        let mut fleet = fleet(6);
        fleet.terminate(at(0), "i-5").unwrap();
        let selector: InstanceSelector = read_json(json).unwrap();
        let planned = fleet.plan_event(at(0), &selector, &rebalance);
        planned.map(|planned| planned.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(" "))
    };
    for (selector, ids) in [
        ("{}", "i-0 i-1 i-2 i-3 i-4"),
        (r#"{"ids": ["i-3", "i-1", "i-3"]}"#, "i-1 i-3"),
        (r#"{"tags": {"parity": "even"}}"#, "i-0 i-2 i-4"),
        (r#"{"tags": {"parity": "even", "number": "2"}}"#, "i-2"),
        (r#"{"ids": ["i-0", "i-1"], "tags": {"parity": "odd"}}"#, "i-1"),
    ] {
        assert_eq!(select(selector).as_deref(), Ok(ids), "{selector}");
    }
    for (selector, error) in [
        (r#"{"ids": ["i-9"]}"#, "there is no instance i-9"),
        (r#"{"ids": ["i-5"]}"#, "instance i-5 is terminated, which does not allow this operation"),
        (r#"{"tags": {"parity": "none"}}"#, "no instance matches the selector"),
        (r#"{"count": 6}"#, "5 instances match the selector, not 6: set `count` to at most 5"),
        (r#"{"count": 0}"#, "`count` is 0: select at least one instance"),
    ] {
        assert_eq!(select(selector).map_err(|error| error.to_string()), Err(error.to_owned()), "{selector}");
    }
    let drawn = select(r#"{"count": 2}"#).unwrap();
    assert_eq!(drawn.split(' ').count(), 2);
    assert_eq!(select(r#"{"count": 2}"#).unwrap(), drawn, "the same seed selects the same instances");
}

#[test]
fn a_canceled_event_does_not_happen() {
    let mut fleet = fleet(1);
    let event = r#"{"scheduled_event": {"code": "instance-stop", "in": "1h"}}"#;
    let scheduled = fleet.plan_event(at(0), &all(), &read(event)).unwrap().remove(0).1.id;
    let later = r#"{"spot_interruption": {}, "after": "1h"}"#;
    let spot = fleet.plan_event(at(0), &all(), &read(later)).unwrap().remove(0).1.id;
    for id in [&scheduled, &spot] {
        fleet.cancel_event(at(60), id).unwrap();
    }
    fleet.handle_timeout(at(10_000));
    assert_eq!(
        history(&mut fleet),
        "0 event-planned, 0 event-shown, 0 event-planned, 60 event-canceled, 60 event-canceled"
    );
    assert!(get(&fleet, "i-0", 10_000, HISTORY).1.contains("[Canceled] The instance"));
    assert_eq!(state_of(&fleet, "i-0", 10_000), InstanceState::Running);
    assert_eq!(fleet.cancel_event(at(10_000), &scheduled), Err(FleetError::EventHappened(scheduled.clone())));
    assert_eq!(fleet.cancel_event(at(10_000), &spot), Err(FleetError::NoSuchEvent(spot.to_string())));
}

#[test]
fn an_invalid_event_changes_nothing() {
    let mut fleet = fleet(2);
    let before = fleet.snapshot();
    let event = read(r#"{"spot_interruption": {"in": "1m"}}"#);
    assert!(matches!(fleet.plan_event(at(0), &all().with_count(1), &event), Err(FleetError::Record(_))));
    assert_eq!(fleet.snapshot(), before);
    assert_eq!(fleet.poll_event(), None);
}

#[test]
fn thousands_of_instances_end_at_one_time() {
    let mut fleet = Fleet::new(Seed::new([3; 32]));
    let record = fleet.launch_template().clone();
    fleet.launch(at(0), &Launch::new(record).with_count(10_000)).unwrap();
    fleet.plan_event(at(0), &all(), &read(r#"{"spot_interruption": {"in": "2m"}}"#)).unwrap();
    let error = fleet.plan_event(at(0), &all(), &read(r#"{"rebalance_recommendation": {}}"#));
    assert_eq!(error.unwrap_err(), FleetError::TooManyEvents);
    fleet.set_clock(VirtualClock::default().advanced(at(0), "2m".parse().unwrap()), at(0));
    assert!(fleet.instances(imds_ec2::fleet::LaunchSeq::FIRST).all(|i| i.state(at(120)) == InstanceState::Terminated));
    assert_eq!(fleet.planned_events().count(), 0);
}

#[test]
fn a_clock_keeps_its_time_in_a_snapshot_and_never_goes_back() {
    let mut fleet = fleet(1);
    assert_eq!(VirtualClock::of_snapshot(&fleet.snapshot()), Ok(VirtualClock::default()));
    let clock = VirtualClock::default().advanced(at(10), "1h".parse().unwrap()).paused(at(20));
    fleet.set_clock(clock, at(20));
    let snapshot = fleet.snapshot();
    assert_eq!(VirtualClock::of_snapshot(&snapshot), Ok(clock));
    let restored = Fleet::restore(&snapshot, Settings::default(), clock.now(at(500))).unwrap();
    assert_eq!((restored.clock(), restored.snapshot()), (clock, snapshot));
    assert_eq!(clock.now(at(500)), at(3620));
    let error = clock.set(at(500), at(3000)).unwrap_err();
    assert_eq!(error.to_string(), "the clock cannot go back: set it to 2026-01-01T01:00:20Z or later");
    assert_eq!(clock.resumed(at(500)).set(at(500), at(4000)).map(|clock| clock.now(at(501))), Ok(at(4001)));
}

/// A step of the property. Instances and events are indices.
#[derive(Debug, Clone)]
enum Step {
    Plan { event: usize, instance: usize },
    Cancel(usize),
    Start(usize),
    Wait(u64),
}

/// How the second fleet differs from the first.
#[derive(Debug, Clone, Copy)]
enum Interruption {
    None,
    /// It is saved and restored.
    Restore,
    /// It is saved before a wait, and restored after it.
    Down,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_fleet_goes_on_as_if_nothing_had_been(
        transition_millis in prop_oneof![Just(0), Just(30_000)],
        steps in prop::collection::vec((step(), interruption()), 1..30),
    ) {
        let settings = Settings::default().with_transition_millis(transition_millis);
        let mut straight = Fleet::restore(&fleet(3).snapshot(), settings, at(0)).unwrap();
        let mut restored = straight.clone();
        let mut ids: Vec<Name> = Vec::new();
        let mut seconds = 0;
        for (step, interruption) in steps {
            let mut saved = None;
            match &step {
                Step::Plan { event, instance } => {
                    let selector = InstanceSelector::id(format!("i-{instance}").as_str().try_into().unwrap());
                    let event = read(EVENTS[event % EVENTS.len()]);
                    let planned = straight.plan_event(at(seconds), &selector, &event);
                    prop_assert_eq!(planned.is_ok(), restored.plan_event(at(seconds), &selector, &event).is_ok());
                    ids.extend(planned.into_iter().flatten().map(|(_, event)| event.id));
                }
                Step::Cancel(index) => {
                    if let Some(id) = ids.get(index % ids.len().max(1)) {
                        let canceled = straight.cancel_event(at(seconds), id);
                        prop_assert_eq!(canceled, restored.cancel_event(at(seconds), id));
                    }
                }
                Step::Start(instance) => {
                    let id = format!("i-{instance}");
                    let started = straight.start(at(seconds), &id);
                    prop_assert_eq!(started, restored.start(at(seconds), &id));
                }
                Step::Wait(wait) => {
                    if matches!(interruption, Interruption::Down) {
                        saved = Some(restored.snapshot());
                    }
                    seconds += wait;
                    straight.handle_timeout(at(seconds));
                    restored.handle_timeout(at(seconds));
                }
            }
            if matches!(interruption, Interruption::Restore) {
                saved = Some(restored.snapshot());
            }
            prop_assert_eq!(history(&mut straight), history(&mut restored));
            if let Some(saved) = saved {
                restored = Fleet::restore(&saved, settings, at(seconds)).unwrap();
            }
            prop_assert_eq!(straight.snapshot(), restored.snapshot());
            prop_assert_eq!(straight.poll_timeout(), restored.poll_timeout());
            for path in [ACTION, REBALANCE, SCHEDULED, HISTORY] {
                prop_assert_eq!(get(&straight, "i-0", seconds, path), get(&restored, "i-0", seconds, path));
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<usize>(), 0..3usize).prop_map(|(event, instance)| Step::Plan { event, instance }),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => (0..3usize).prop_map(Step::Start),
        4 => prop_oneof![Just(0), Just(1), Just(60), Just(120), 0..400u64].prop_map(Step::Wait),
    ]
}

fn interruption() -> impl Strategy<Value = Interruption> {
    prop_oneof![3 => Just(Interruption::None), 1 => Just(Interruption::Restore), 1 => Just(Interruption::Down)]
}

const EVENTS: &[&str] = &[
    r#"{"spot_interruption": {"in": "2m", "action": "stop"}}"#,
    r#"{"spot_interruption": {"in": "5m", "action": "hibernate"}}"#,
    r#"{"spot_interruption": {}, "after": "6m"}"#,
    r#"{"rebalance_recommendation": {}, "at": "2026-01-01T00:02:00Z"}"#,
    r#"{"scheduled_event": {"code": "instance-stop", "in": "1m"}}"#,
    r#"{"scheduled_event": {"code": "system-reboot", "in": "5m"}, "after": "3m"}"#,
    r#"{"scheduled_event": {"code": "instance-retirement", "in": "2m"}}"#,
];

/// A fleet of instances with the ids `i-0`, `i-1` and so on.
fn fleet(count: usize) -> Fleet {
    let mut fleet = Fleet::new(Seed::new([3; 32]));
    for index in 0..count {
        let parity = if index.is_multiple_of(2) { "even" } else { "odd" };
        let mut record = fleet.launch_template().clone();
        record.instance_id = Some(format!("i-{index}").as_str().try_into().unwrap());
        record.tags = read_json(&format!(r#"{{"parity": "{parity}", "number": "{index}"}}"#)).unwrap();
        fleet.launch(at(0), &Launch::new(record)).unwrap();
    }
    while fleet.poll_event().is_some() {}
    fleet
}

/// The events, each as the seconds since the start and its name.
fn history(fleet: &mut Fleet) -> String {
    let events = std::iter::from_fn(|| fleet.poll_event());
    let events = events.map(|event| format!("{} {}", event.at.millis_since(at(0)) / 1000, event.kind.name()));
    events.collect::<Vec<_>>().join(", ")
}

fn get(fleet: &Fleet, id: &str, seconds: u64, path: &str) -> (u16, String) {
    let Some(instance) = fleet.instance(id) else { return (0, String::new()) };
    let head = format!("GET /latest/meta-data/{path} HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n");
    exchange(instance.instance(), at(seconds), &head)
}

fn state_of(fleet: &Fleet, id: &str, seconds: u64) -> InstanceState {
    fleet.instance(id).unwrap().state(at(seconds))
}

fn read(event: &str) -> InstanceEvent {
    read_json(event).unwrap()
}

fn all() -> InstanceSelector {
    InstanceSelector::default()
}

/// Seconds after 2026-01-01.
fn at(seconds: u64) -> Timestamp {
    Timestamp::saturating_from_millis(1_767_225_600_000).saturating_add_seconds(seconds)
}

const ACTION: &str = "spot/instance-action";
const REBALANCE: &str = "events/recommendations/rebalance";
const SCHEDULED: &str = "events/maintenance/scheduled";
const HISTORY: &str = "events/maintenance/history";
