//! The JSON of the console's routes under `/v1`, for the console and for the commands that call it.

use imds::Timestamp;
use imds::json_struct;
use imds::record::{Delay, InstanceEvent, Line, Name, PlannedEvent, SpotAction};
use imds_ec2::Fleet;
use imds_ec2::fleet::{ClockSetBack, EventKind, InstanceSelector, VirtualClock};

/// The list of planned events.
pub const EVENTS: &str = "/v1/events";
/// One planned event.
pub const EVENT: &str = "/v1/events/{id}";
/// The clock of the fleet.
pub const CLOCK: &str = "/v1/clock";

/// Plans an event.
pub struct PlanRequest {
    pub event: InstanceEvent,
    pub instances: InstanceSelector,
}

/// Events with their steps, past and future.
pub struct EventList {
    /// The time of the fleet's clock.
    pub time: Timestamp,
    pub events: Vec<ListedEvent>,
}

pub struct ListedEvent {
    pub id: Name,
    pub instance: Name,
    /// In order of time.
    pub steps: Vec<ListedStep>,
    pub action: Option<SpotAction>,
    pub code: Option<Line>,
    pub canceled: Option<Timestamp>,
}

/// A step, with the name that `/events` has for it.
pub struct ListedStep {
    pub time: Timestamp,
    pub event: Line,
}

/// Changes the clock: `set` or `advance`, then `paused`.
#[derive(Default)]
pub struct ClockRequest {
    pub set: Option<Timestamp>,
    pub advance: Option<Delay>,
    pub paused: Option<bool>,
}

/// The clock of the fleet.
pub struct ClockState {
    pub time: Timestamp,
    pub paused: bool,
}

/// The body of a response that is an error.
pub struct ErrorBody {
    pub code: String,
    pub message: String,
}

json_struct! {
    PlanRequest { needed { event } optional { instances } }
    EventList { needed { time, events } }
    ListedEvent { needed { id, instance, steps } optional { action, code, canceled } }
    ListedStep { needed { time, event } }
    ClockRequest { optional { set, advance, paused } }
    ClockState { needed { time, paused } }
    ErrorBody { needed { code, message } }
}

impl EventList {
    /// Lists all events of a fleet.
    pub fn of(fleet: &Fleet, time: Timestamp) -> EventList {
        let events = fleet.planned_events().map(|(instance, event)| ListedEvent::of(instance.id(), event));
        EventList { time, events: events.collect() }
    }
}

impl ListedEvent {
    pub fn of(instance: &Name, event: &PlannedEvent) -> ListedEvent {
        let steps = event.steps();
        ListedEvent {
            id: event.id.clone(),
            instance: instance.clone(),
            steps: steps.map(|(time, step)| ListedStep { time, event: name(step.into()) }).collect(),
            action: event.spot_interruption.as_ref().map(|interruption| interruption.action),
            code: event.scheduled_event.as_ref().map(|scheduled| scheduled.code.clone()),
            canceled: event.canceled,
        }
    }
}

impl ClockRequest {
    /// Applies the change. `base` is the time of the clock below the virtual one.
    ///
    /// # Errors
    ///
    /// One line: the request is empty or contradicts itself, or sets the clock back.
    pub fn apply(&self, clock: VirtualClock, base: Timestamp) -> Result<VirtualClock, String> {
        let changed = match (self.set, self.advance) {
            (Some(_), Some(_)) => return Err("`set` conflicts with `advance`: use one of them".to_owned()),
            (Some(time), None) => clock.set(base, time).map_err(|error: ClockSetBack| error.to_string())?,
            (None, Some(by)) => clock.advanced(base, by),
            (None, None) if self.paused.is_none() => {
                return Err("the request changes nothing: use `advance`, `set` or `paused`".to_owned());
            }
            (None, None) => clock,
        };
        Ok(match self.paused {
            None => changed,
            Some(true) => changed.paused(base),
            Some(false) => changed.resumed(base),
        })
    }
}

fn name(kind: EventKind) -> Line {
    Line::generated(kind.name())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use imds::record::{InstanceEvent, Json, ScheduledEvent, SpotInterruptionEvent, read_json};
    use imds_ec2::fleet::InstanceSelector;
    use serde_json::Value;

    use super::{ClockRequest, ClockState, ErrorBody, EventList, ListedEvent, ListedStep, PlanRequest};

    #[test]
    fn the_schemas_of_openapi_have_the_keys_that_are_read_and_written() {
        let page: Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
        let schemas = page["components"]["schemas"].as_object().unwrap();
        let mut objects: BTreeSet<&str> =
            schemas.iter().filter(|(_, schema)| schema["type"] == "object").map(|(name, _)| name.as_str()).collect();
        for (name, keys) in [
            ("PlanRequest", keys::<PlanRequest>()),
            ("Event", keys::<InstanceEvent>()),
            ("SpotInterruption", keys::<SpotInterruptionEvent>()),
            ("ScheduledEvent", keys::<ScheduledEvent>()),
            ("Instances", keys::<InstanceSelector>()),
            ("EventList", keys::<EventList>()),
            ("ListedEvent", keys::<ListedEvent>()),
            ("ListedStep", keys::<ListedStep>()),
            ("ClockRequest", keys::<ClockRequest>()),
            ("ClockState", keys::<ClockState>()),
            ("Error", keys::<ErrorBody>()),
        ] {
            let properties = schemas[name]["properties"].as_object().unwrap();
            assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), keys, "{name}");
            assert!(objects.remove(name), "{name} is an object");
        }
        assert_eq!(objects, BTreeSet::new(), "every schema has a type");
    }

    /// The keys of a type, from the error for an unknown key.
    fn keys<T: Json>() -> BTreeSet<String> {
        let error = read_json::<T>(r#"{"?": 0}"#).map(|_| ()).unwrap_err().to_string();
        let (_, keys) = error.split_once("known keys: ").unwrap();
        keys.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
    }
}
