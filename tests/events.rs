//! Planned events: their times, the metadata before and after each, and rejected requests.

use imds::http::Request;
use imds::record::{Delay, EventError, InstanceEvent, Name, json::write_compact, read_json};
use imds::time::Timestamp;
use imds::{Context, Instance, Nonce, Record, Seed, limits};
use proptest::prelude::*;

/// Seconds since the trigger, with whether there is a recommendation, an action and a termination
/// time.
type Shown = (u64, [bool; 3]);

#[test]
fn an_interruption_shows_each_document_from_its_time_on() {
    let cases: [(&str, &[Shown]); 6] = [
        (r#"{"spot_interruption": {}}"#, &[(0, [false, true, true]), (200, [false, true, true])]),
        (r#"{"spot_interruption": {"action": "stop"}}"#, &[(0, [false, true, false])]),
        (r#"{"spot_interruption": {"action": "hibernate"}}"#, &[(0, [false, true, false])]),
        (r#"{"spot_interruption": {"in": "2m"}}"#, &[(0, [true, true, true])]),
        (
            r#"{"spot_interruption": {"in": "5m"}}"#,
            &[(0, [true, false, false]), (179, [true, false, false]), (180, [true, true, true])],
        ),
        (
            r#"{"spot_interruption": {"in": "3m", "action": "hibernate"}}"#,
            &[(0, [true, false, false]), (179, [true, false, false]), (180, [true, true, false])],
        ),
    ];
    for (event, times) in cases {
        let instance = planned(event);
        for (seconds, shown) in times {
            let statuses = NOTICES.map(|path| get(&instance, at(100 + seconds), path).0 == 200);
            assert_eq!(statuses, *shown, "{event} after {seconds} s");
        }
        assert_eq!(NOTICES.map(|path| get(&instance, at(99), path).0), [404; 3], "{event} before its trigger");
    }
}

#[test]
fn an_interruption_is_two_minutes_after_its_notice() {
    let instance = planned(r#"{"spot_interruption": {"in": "15m", "action": "terminate"}}"#);
    let action = r#"{"action": "terminate", "time": "2026-01-01T00:16:40Z"}"#;
    assert_eq!(get(&instance, at(100 + 780), NOTICES[1]), (200, action.to_owned()));
    assert_eq!(get(&instance, at(100 + 780), NOTICES[2]), (200, "2026-01-01T00:16:40Z".to_owned()));
    assert_eq!(get(&instance, at(100), NOTICES[0]).1, r#"{"noticeTime": "2026-01-01T00:01:40Z"}"#);
    let hibernation = planned(r#"{"spot_interruption": {"action": "hibernate"}}"#);
    let action = r#"{"action": "hibernate", "time": "2026-01-01T00:01:40Z"}"#;
    assert_eq!(get(&hibernation, at(100), NOTICES[1]).1, action, "the notice and the start coincide");
}

#[test]
fn a_trigger_is_a_time_or_a_duration_since_the_launch_and_now_if_that_has_passed() {
    for (trigger, seconds) in [
        (r#""at": "2026-01-01T01:00:00Z""#, 3600),
        (r#""after": "10m""#, 600),
        (r#""at": "2025-01-01T00:00:00Z""#, 100),
        (r#""after": "1s""#, 100),
    ] {
        let instance = planned(&format!(r#"{{"rebalance_recommendation": {{}}, {trigger}}}"#));
        assert_eq!(get(&instance, at(seconds - 1), NOTICES[0]).0, 404, "{trigger}");
        assert_eq!(get(&instance, at(seconds), NOTICES[0]).0, 200, "{trigger}");
    }
}

#[test]
fn a_scheduled_event_is_active_until_it_happens_and_then_in_the_history() {
    let event = r#"{"scheduled_event": {"code": "system-reboot", "in": "1h", "not_after": "2026-01-01T02:00:00Z"}}"#;
    let instance = planned(event);
    let document = |state: &str, prefix: &str| {
        format!(
            "[ {{\n  \"NotBefore\" : \"1 Jan 2026 01:01:40 GMT\",\n  \"Code\" : \"system-reboot\",\n  \
             \"Description\" : \"{prefix}scheduled reboot\",\n  \"EventId\" : \"{ID}\",\n  \
             \"NotAfter\" : \"1 Jan 2026 02:00:00 GMT\",\n  \"State\" : \"{state}\"\n}} ]"
        )
    };
    let lists = |instance: &Instance, seconds| LISTS.map(|path| get(instance, at(seconds), path).1);
    assert_eq!(lists(&instance, 99), ["[]".to_owned(), "[]".to_owned()]);
    assert_eq!(lists(&instance, 3699), [document("active", ""), "[]".to_owned()]);
    assert_eq!(lists(&instance, 3700), ["[]".to_owned(), document("completed", "[Completed] ")]);

    let mut canceled = instance.clone();
    canceled.cancel_event(at(200), ID).unwrap();
    assert_eq!(lists(&canceled, 199), [document("active", ""), "[]".to_owned()]);
    assert_eq!(lists(&canceled, 200), ["[]".to_owned(), document("canceled", "[Canceled] ")]);
    assert_eq!(canceled.cancel_event(at(201), ID), Err(EventError::Happened(id(ID))));
}

#[test]
fn the_lists_of_scheduled_events_change_when_an_event_does() {
    let mut instance = launched();
    let modified = |instance: &Instance, seconds| last_modified(instance, at(seconds), LISTS[0]);
    assert_eq!(modified(&instance, 100), "Thu, 01 Jan 2026 00:00:00 GMT");
    for (name, within) in [("instance-event-1", "1h"), ("instance-event-2", "2h")] {
        let event = format!(r#"{{"scheduled_event": {{"code": "instance-stop", "in": "{within}"}}}}"#);
        instance.plan_event(at(100), id(name), &read_json(&event).unwrap()).unwrap();
    }
    let states = |seconds| get(&instance, at(seconds), LISTS[0]).1.matches("active").count();
    assert_eq!([200, 3700, 7300].map(states), [2, 1, 0], "several events at once");
    assert_eq!(modified(&instance, 200), "Thu, 01 Jan 2026 00:01:40 GMT");
    assert_eq!(modified(&instance, 3800), "Thu, 01 Jan 2026 01:01:40 GMT");
}

#[test]
fn a_cancellation_removes_what_is_not_shown_and_is_rejected_after_the_notice() {
    let event = r#"{"spot_interruption": {"in": "5m"}}"#;
    let mut instance = planned(event);
    instance.cancel_event(at(150), ID).unwrap();
    assert_eq!(NOTICES.map(|path| get(&instance, at(900), path).0), [200, 404, 404], "the recommendation stays");
    assert_eq!(planned(event).cancel_event(at(280), ID), Err(EventError::Happened(id(ID))));
    assert_eq!(planned(event).cancel_event(at(150), "instance-event-2"), Err(EventError::NotFound));
    assert_eq!(launched().cancel_event(at(150), ID), Err(EventError::NotFound));
    let mut later = planned(r#"{"spot_interruption": {}, "after": "1h"}"#);
    later.cancel_event(at(150), ID).unwrap();
    assert!(later.planned_events().is_empty());
}

#[test]
fn an_event_that_is_not_allowed_is_rejected_with_the_path_and_the_reason() {
    let several = "an event has one of the keys `spot_interruption`, `rebalance_recommendation` and `scheduled_event`";
    let span = "is not from 2m to 15m, as AWS's Fault Injection Service requires";
    for (event, error) in [
        ("{}", several.to_owned()),
        (r#"{"spot_interruption": {}, "rebalance_recommendation": {}}"#, several.to_owned()),
        (
            r#"{"rebalance_recommendation": {}, "at": "2026-01-01T00:00:00Z", "after": "1m"}"#,
            "`at` conflicts with `after`: set one of them".to_owned(),
        ),
        (r#"{"spot_interruption": {"in": "119s"}}"#, format!("spot_interruption.in: 1m59s {span}")),
        (r#"{"spot_interruption": {"in": "16m"}}"#, format!("spot_interruption.in: 16m {span}")),
        (
            r#"{"spot_interruption": {"action": "reboot"}}"#,
            "spot_interruption.action: expected `terminate` or `stop` or `hibernate`, found the string \"reboot\""
                .to_owned(),
        ),
        (
            r#"{"scheduled_event": {"code": "system-reboot"}}"#,
            "scheduled_event.not_before: missing: set `not_before` or `in`".to_owned(),
        ),
        (
            r#"{"scheduled_event": {"code": "system-reboot", "not_before": "2026-01-01T00:00:00Z"}}"#,
            "scheduled_event.not_before: the time is before the trigger of the event".to_owned(),
        ),
        (
            r#"{"scheduled_event": {"code": "system-reboot", "in": "1h", "not_before": "2027-01-01T00:00:00Z"}}"#,
            "scheduled_event.not_before: conflicts with `in`: set one of them".to_owned(),
        ),
        (
            r#"{"scheduled_event": {"code": "instance-stop", "in": "1h", "not_after": "2027-01-01T00:00:00Z"}}"#,
            "scheduled_event.not_after: EC2 has none for `instance-stop`: remove it".to_owned(),
        ),
        (
            r#"{"scheduled_event": {"code": "system-reboot", "in": "1h", "not_after": "2026-01-01T00:30:00Z"}}"#,
            "scheduled_event.not_after: the time is before the start of the event".to_owned(),
        ),
    ] {
        let mut instance = launched();
        let result = read_json::<InstanceEvent>(event)
            .and_then(|event| instance.plan_event(at(100), id(ID), &event).map(|_| ()));
        assert_eq!(result.map_err(|error| error.to_string()), Err(error), "{event}");
        assert!(instance.planned_events().is_empty(), "{event}");
    }
}

#[test]
fn an_instance_keeps_the_newest_events_up_to_the_limit() {
    let mut instance = launched();
    let now: InstanceEvent = read_json(r#"{"rebalance_recommendation": {}}"#).unwrap();
    for index in 0..=limits::EVENTS {
        instance.plan_event(at(100), id(&format!("instance-event-{index}")), &now).unwrap();
    }
    let ids: Vec<&str> = instance.planned_events().iter().map(|event| &*event.id).collect();
    assert_eq!((ids.len(), ids[0]), (limits::EVENTS, "instance-event-1"));

    let later: InstanceEvent = read_json(r#"{"rebalance_recommendation": {}, "after": "1h"}"#).unwrap();
    let mut instance = launched();
    for index in 0..limits::EVENTS {
        instance.plan_event(at(100), id(&format!("instance-event-{index}")), &later).unwrap();
    }
    let error = instance.plan_event(at(100), id(ID), &later).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the instance has 100 events that are not over: cancel one of them");
}

#[test]
fn durations_are_read_and_written() {
    for (text, millis, written) in [
        ("2m", 120_000, "2m"),
        ("120s", 120_000, "2m"),
        ("1h30m", 5_400_000, "1h30m"),
        ("1d1ms", 86_400_001, "1d1ms"),
        ("0s", 0, "0s"),
    ] {
        let delay: Delay = text.parse().unwrap();
        assert_eq!((delay.millis(), delay.to_string().as_str()), (millis, written), "{text}");
    }
    for text in ["", "2", "m", "2x", "1s1m", "1m1m", "-1s", "1.5h", "4000d", "99999999999999999999d", "2 m", "²m"] {
        assert!(text.parse::<Delay>().is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_duration_panic(text in "[0-9dhms²-]{0,24}") {
        if let Ok(delay) = text.parse::<Delay>() {
            prop_assert_eq!(delay.to_string().parse::<Delay>(), Ok(delay));
        }
    }

    #[test]
    fn an_event_is_the_same_after_writing_and_reading(
        kind in prop_oneof![
            Just(r#""spot_interruption":{"action":"stop","in":"10m"}"#),
            Just(r#""spot_interruption":{}"#),
            Just(r#""rebalance_recommendation":{}"#),
            Just(r#""scheduled_event":{"code":"instance-retirement","in":"1h","description":"\"d\""}"#),
        ],
        trigger in prop_oneof![Just(String::new()), (1..9999u64).prop_map(|seconds| format!(r#","after":"{seconds}s""#))],
    ) {
        let event: InstanceEvent = read_json(&format!("{{{kind}{trigger}}}")).unwrap();
        prop_assert_eq!(read_json::<InstanceEvent>(&write_compact(&event)).ok(), Some(event));
    }
}

fn planned(event: &str) -> Instance {
    let mut instance = launched();
    instance.plan_event(at(100), id(ID), &read_json(event).unwrap()).unwrap();
    instance
}

fn launched() -> Instance {
    let record = Record::from_json(r#"{"instance_type": "t3.micro"}"#).unwrap();
    Instance::new(&record, &Seed::parse_hex("00").unwrap(), at(0)).unwrap()
}

fn get(instance: &Instance, now: Timestamp, path: &str) -> (u16, String) {
    let response = response(instance, now, path);
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

fn last_modified(instance: &Instance, now: Timestamp, path: &str) -> String {
    let response = response(instance, now, path);
    let line = response.lines().find_map(|line| line.strip_prefix("Last-Modified: "));
    line.unwrap().to_owned()
}

fn response(instance: &Instance, now: Timestamp, path: &str) -> String {
    let request = format!("GET /latest/meta-data/{path} HTTP/1.0\r\n\r\n");
    let mut bytes = Vec::new();
    instance.answer(now, &Request::parse(request.as_bytes()), Context::new(Nonce::new(0))).write(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn id(text: &str) -> Name {
    Name::try_from(text).unwrap()
}

/// Seconds after 2026-01-01, the time of the launch.
fn at(seconds: u64) -> Timestamp {
    Timestamp::saturating_from_millis(1_767_225_600_000).saturating_add_seconds(seconds)
}

const ID: &str = "instance-event-0d59937288b749b32";
const NOTICES: [&str; 3] = ["events/recommendations/rebalance", "spot/instance-action", "spot/termination-time"];
const LISTS: [&str; 2] = ["events/maintenance/scheduled", "events/maintenance/history"];
