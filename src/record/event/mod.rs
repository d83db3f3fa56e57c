//! Events that change the metadata of an instance.
//!
//! An [`InstanceEvent`] is a request with a trigger. [`InstanceEvent::plan`] fixes its times: the
//! result, a [`PlannedEvent`], shows the same at a given time, however often it is read.

mod code;
mod delay;
mod plan;
mod planned;

use alloc::format;

pub use code::EventCode;
pub use delay::{Delay, DelayError};
pub use plan::{EventError, Plan};
pub use planned::{EventStep, PlannedEvent};

use super::error::RecordError;
use super::json::{Json, JsonError, JsonNode, Printer};
use super::{EventState, Line, MaintenanceEvent, Name, SpotAction, SpotInterruption};
use crate::json_struct;
use crate::time::Timestamp;

/// An event and its trigger. JSON has one key for the kind and at most one for the trigger:
///
/// ```
/// use imds::record::{InstanceEvent, read_json};
///
/// for json in [
///     r#"{ "spot_interruption": { "action": "stop", "in": "2m" } }"#,
///     r#"{ "rebalance_recommendation": {}, "after": "10m" }"#,
///     r#"{ "scheduled_event": { "code": "system-reboot", "in": "1h" }, "at": "2026-01-01T00:00:00Z" }"#,
/// ] {
///     read_json::<InstanceEvent>(json)?;
/// }
/// # Ok::<(), imds::record::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceEvent {
    /// The kind of event.
    pub kind: InstanceEventKind,
    /// The time from which the event has an effect.
    pub trigger: Trigger,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceEventKind {
    /// EC2 interrupts a spot instance.
    SpotInterruption(SpotInterruptionEvent),
    /// EC2 recommends to replace a spot instance.
    RebalanceRecommendation(RebalanceEvent),
    /// EC2 schedules an event.
    ScheduledEvent(ScheduledEvent),
}

/// The time from which an event has an effect. A time in the past is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trigger {
    /// Now.
    #[default]
    Now,
    /// A time; `at` in JSON.
    At(Timestamp),
    /// A duration since the launch or the last start; `after` in JSON.
    AfterLaunch(Delay),
}

/// A spot interruption.
///
/// Without `within`, the notice is in the metadata from the trigger on, and the action follows two
/// minutes later. A hibernation starts with its notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SpotInterruptionEvent {
    /// The action; `terminate` by default.
    pub action: Option<SpotAction>,
    /// The time from the trigger to the action, 2 to 15 minutes; `in` in JSON. The rebalance
    /// recommendation is in the metadata from the trigger on. AWS's Fault Injection Service
    /// interrupts instances in this way.
    pub within: Option<Delay>,
}

/// A rebalance recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RebalanceEvent {}

/// A scheduled event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduledEvent {
    /// The kind of the scheduled event.
    pub code: EventCode,
    /// The start of the event. Conflicts with `within`.
    pub not_before: Option<Timestamp>,
    /// The time from the trigger to the start; `in` in JSON.
    pub within: Option<Delay>,
    /// The latest end. Not for `instance-stop` and `instance-retirement`, which have none in EC2.
    pub not_after: Option<Timestamp>,
    /// The description. The default depends on the code.
    pub description: Option<Line>,
}

/// The JSON form of an [`InstanceEvent`].
#[derive(Default)]
struct Keys {
    spot_interruption: Option<SpotInterruptionEvent>,
    rebalance_recommendation: Option<RebalanceEvent>,
    scheduled_event: Option<ScheduledEvent>,
    at: Option<Timestamp>,
    after: Option<Delay>,
}

json_struct! {
    Keys { optional { spot_interruption, rebalance_recommendation, scheduled_event, at, after } }
    SpotInterruptionEvent { optional { action, within = "in" } }
    RebalanceEvent {}
    ScheduledEvent { needed { code } optional { not_before, within = "in", not_after, description } }
}

impl InstanceEvent {
    /// An event that happens now.
    pub const fn new(kind: InstanceEventKind) -> InstanceEvent {
        InstanceEvent { kind, trigger: Trigger::Now }
    }

    /// This event with another trigger.
    #[must_use]
    pub fn with_trigger(self, trigger: Trigger) -> InstanceEvent {
        InstanceEvent { trigger, ..self }
    }

    /// Fixes the times of the event for an instance with this launch time.
    ///
    /// # Errors
    ///
    /// A duration or a time is not allowed. The error has the path of the key.
    pub fn plan(&self, now: Timestamp, launched: Timestamp, id: Name) -> Result<PlannedEvent, RecordError> {
        let start = match self.trigger {
            Trigger::Now => now,
            Trigger::At(time) => time.max(now),
            Trigger::AfterLaunch(delay) => launched.saturating_add_millis(delay.millis()).max(now),
        };
        let mut planned = PlannedEvent::new(id);
        match &self.kind {
            InstanceEventKind::SpotInterruption(event) => event.plan(start, &mut planned)?,
            InstanceEventKind::RebalanceRecommendation(_) => planned.rebalance_recommended = Some(start),
            InstanceEventKind::ScheduledEvent(event) => event.plan(start, &mut planned)?,
        }
        Ok(planned)
    }
}

impl SpotInterruptionEvent {
    /// Sets [`action`](SpotInterruptionEvent::action).
    #[must_use]
    pub const fn with_action(mut self, action: SpotAction) -> SpotInterruptionEvent {
        self.action = Some(action);
        self
    }

    /// Sets [`within`](SpotInterruptionEvent::within).
    #[must_use]
    pub const fn with_within(mut self, within: Delay) -> SpotInterruptionEvent {
        self.within = Some(within);
        self
    }

    fn plan(&self, start: Timestamp, planned: &mut PlannedEvent) -> Result<(), RecordError> {
        let action = self.action.unwrap_or(SpotAction::Terminate);
        let within = match self.within {
            None => NOTICE_MILLIS,
            Some(within) if INTERRUPTION_MILLIS.contains(&within.millis()) => {
                planned.rebalance_recommended = Some(start);
                within.millis()
            }
            Some(within) => {
                let reason = format!("{within} is not from 2m to 15m, as AWS's Fault Injection Service requires");
                return Err(RecordError::new("spot_interruption.in", reason));
            }
        };
        let hibernates = action == SpotAction::Hibernate;
        // A hibernation that starts at once has no time of its own.
        let end = if hibernates && self.within.is_none() { start } else { start.saturating_add_millis(within) };
        let noticed = if hibernates { end } else { end.saturating_sub_millis(NOTICE_MILLIS) };
        planned.spot_interruption = Some(SpotInterruption { action, time: end, noticed: Some(noticed) });
        Ok(())
    }
}

impl ScheduledEvent {
    /// An event with this code, without a time.
    pub const fn new(code: EventCode) -> ScheduledEvent {
        ScheduledEvent { code, not_before: None, within: None, not_after: None, description: None }
    }

    /// Sets [`within`](ScheduledEvent::within).
    #[must_use]
    pub fn with_within(self, within: Delay) -> ScheduledEvent {
        ScheduledEvent { within: Some(within), ..self }
    }

    fn plan(&self, start: Timestamp, planned: &mut PlannedEvent) -> Result<(), RecordError> {
        let invalid = |key: &str, reason: &str| Err(RecordError::new(&format!("scheduled_event.{key}"), reason));
        let not_before = match (self.not_before, self.within) {
            (Some(time), None) if time >= start => time,
            (Some(_), None) => return invalid("not_before", "the time is before the trigger of the event"),
            (None, Some(delay)) => start.saturating_add_millis(delay.millis()),
            (None, None) => return invalid("not_before", "missing: set `not_before` or `in`"),
            (Some(_), Some(_)) => return invalid("not_before", "conflicts with `in`: set one of them"),
        };
        if self.not_after.is_some() && !self.code.has_end() {
            return invalid("not_after", &format!("EC2 has none for `{}`: remove it", self.code.name()));
        }
        if self.not_after.is_some_and(|end| end < not_before) {
            return invalid("not_after", "the time is before the start of the event");
        }
        let description = self.description.clone().unwrap_or_else(|| Line::generated(self.code.description()));
        planned.shown = Some(start);
        planned.scheduled_event = Some(MaintenanceEvent {
            not_after: self.not_after,
            ..MaintenanceEvent::new(
                Line::generated(self.code.name()),
                Line::generated(&planned.id),
                description,
                EventState::Active,
                not_before,
            )
        });
        Ok(())
    }
}

impl Keys {
    fn of(event: &InstanceEvent) -> Keys {
        let mut keys = Keys::default();
        match &event.kind {
            InstanceEventKind::SpotInterruption(event) => keys.spot_interruption = Some(*event),
            InstanceEventKind::RebalanceRecommendation(event) => keys.rebalance_recommendation = Some(*event),
            InstanceEventKind::ScheduledEvent(event) => keys.scheduled_event = Some(event.clone()),
        }
        match event.trigger {
            Trigger::Now => {}
            Trigger::At(time) => keys.at = Some(time),
            Trigger::AfterLaunch(delay) => keys.after = Some(delay),
        }
        keys
    }

    fn event(self) -> Result<InstanceEvent, &'static str> {
        let kinds = [
            self.spot_interruption.map(InstanceEventKind::SpotInterruption),
            self.rebalance_recommendation.map(InstanceEventKind::RebalanceRecommendation),
            self.scheduled_event.map(InstanceEventKind::ScheduledEvent),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err(
                "an event has one of the keys `spot_interruption`, `rebalance_recommendation` and `scheduled_event`",
            );
        };
        let trigger = match (self.at, self.after) {
            (None, None) => Trigger::Now,
            (Some(time), None) => Trigger::At(time),
            (None, Some(delay)) => Trigger::AfterLaunch(delay),
            (Some(_), Some(_)) => return Err("`at` conflicts with `after`: set one of them"),
        };
        Ok(InstanceEvent { kind, trigger })
    }
}

impl Json for InstanceEvent {
    fn placeholder() -> InstanceEvent {
        InstanceEvent::new(InstanceEventKind::RebalanceRecommendation(RebalanceEvent::default()))
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        let mut keys = Keys::default();
        keys.read(node)?;
        *self = keys.event().map_err(|reason| JsonError::new(&reason))?;
        Ok(())
    }

    fn write(&self, to: &mut Printer) {
        Keys::of(self).write(to);
    }
}

/// AWS: the notice is two minutes before the interruption.
const NOTICE_MILLIS: u64 = 120_000;
/// AWS, Fault Injection Service: `durationBeforeInterruption` of
/// `aws:ec2:send-spot-instance-interruptions`.
const INTERRUPTION_MILLIS: core::ops::RangeInclusive<u64> = NOTICE_MILLIS..=900_000;
