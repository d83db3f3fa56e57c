//! Planned events: the instances that they select, and their consequences on the clock.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::instance::FleetInstance;
use super::launch_seq::LaunchSeq;
use super::state::InstanceState;
use imds::record::{EventCode, EventError, EventStep, InstanceEvent, Name, PlannedEvent, SpotAction};
use imds::time::Timestamp;
use imds::{json_struct, limits};

/// Selects instances by id and by tag. An instance must meet all conditions; without a condition,
/// every instance that is not terminated does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InstanceSelector {
    /// The ids of the instances.
    pub ids: Vec<Name>,
    /// Tags that each instance has.
    pub tags: BTreeMap<String, String>,
    /// The number of instances, drawn from the seed among those that match. The default is all.
    pub count: Option<u32>,
}

json_struct! {
    InstanceSelector { optional { ids, tags, count } }
}

impl InstanceSelector {
    /// Selects one instance.
    pub fn id(id: Name) -> InstanceSelector {
        InstanceSelector { ids: [id].into(), ..InstanceSelector::default() }
    }

    /// This selector with another [`count`](InstanceSelector::count).
    #[must_use]
    pub fn with_count(self, count: u32) -> InstanceSelector {
        InstanceSelector { count: Some(count), ..self }
    }

    /// This selector with other [`tags`](InstanceSelector::tags).
    #[must_use]
    pub fn with_tags(self, tags: BTreeMap<String, String>) -> InstanceSelector {
        InstanceSelector { tags, ..self }
    }

    fn matches(&self, now: Timestamp, instance: &FleetInstance) -> bool {
        let is_present = PRESENT.contains(&instance.state(now));
        let has_tags = self.tags.iter().all(|(key, value)| instance.tags().get(key) == Some(value));
        is_present && has_tags
    }
}

impl Fleet {
    /// Plans an event for the selected instances and fixes its times. Steps that are due now are
    /// made. Returns each instance with its event, in the order of the launches.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], [`FleetError::IncorrectState`] if an instance that the
    /// selector names terminates or is terminated, [`FleetError::TooFewInstances`],
    /// [`FleetError::TooManyEvents`], or [`FleetError::Record`] if the event is invalid. The fleet
    /// is then unchanged.
    pub fn plan_event(
        &mut self,
        now: Timestamp,
        selector: &InstanceSelector,
        event: &InstanceEvent,
    ) -> Result<Vec<(Name, PlannedEvent)>, FleetError> {
        self.handle_timeout(now);
        self.attempt(|fleet| {
            let selected = fleet.select(now, selector)?;
            if fleet.planned_events().count() + selected.len() > limits::FLEET_EVENTS {
                return Err(FleetError::TooManyEvents);
            }
            let planned = selected.into_iter().map(|seq| fleet.plan_event_of(now, seq, event));
            let planned = planned.collect::<Result<Vec<_>, FleetError>>()?;
            fleet.handle_timeout(now);
            Ok(planned)
        })
    }

    /// Cancels a planned event. A scheduled event that is in the metadata moves to the history; a
    /// rebalance recommendation that is in the metadata stays.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchEvent`], or [`FleetError::EventHappened`] if the event is over or the
    /// notice of an interruption is in the metadata.
    pub fn cancel_event(&mut self, now: Timestamp, id: &str) -> Result<(), FleetError> {
        self.handle_timeout(now);
        let found = self.planned_events().find(|(_, event)| *event.id == *id);
        let seq = found.map(|(instance, _)| instance.launch_seq);
        let seq = seq.ok_or_else(|| FleetError::NoSuchEvent(id.into()))?;
        self.attempt(|fleet| {
            fleet.stop_step_timers(seq);
            let canceled = fleet.change(seq, |instance| instance.instance.cancel_event(now, id));
            match canceled.unwrap_or(Err(EventError::NotFound)) {
                Ok(()) => {}
                Err(EventError::Happened(id)) => return Err(FleetError::EventHappened(id)),
                Err(_) => return Err(FleetError::NoSuchEvent(id.into())),
            }
            fleet.start_step_timers(seq);
            if let Some(instance) = fleet.instances.get(&seq) {
                let id = instance.id().clone();
                fleet.push_event(now, &id, EventKind::EventCanceled);
            }
            Ok(())
        })
    }

    /// The planned events of all instances, past ones among them, each with its instance. The
    /// events of an instance that terminates are gone.
    pub fn planned_events(&self) -> impl Iterator<Item = (&FleetInstance, &PlannedEvent)> {
        let present = self.instances.values().filter(|instance| !instance.transition.is_termination());
        present.flat_map(|instance| instance.instance.planned_events().iter().map(move |event| (instance, event)))
    }

    fn select(&mut self, now: Timestamp, selector: &InstanceSelector) -> Result<Vec<LaunchSeq>, FleetError> {
        let matches = |seq: &LaunchSeq, fleet: &Fleet| {
            fleet.instances.get(seq).is_some_and(|instance| selector.matches(now, instance))
        };
        let mut selected: Vec<LaunchSeq> = if selector.ids.is_empty() {
            self.instances.keys().copied().filter(|seq| matches(seq, self)).collect()
        } else {
            let mut named = Vec::new();
            for id in &selector.ids {
                let seq = self.find_seq(id)?;
                match self.instances.get(&seq).map(|instance| instance.state(now)) {
                    Some(state) if !PRESENT.contains(&state) => {
                        return Err(FleetError::IncorrectState(id.clone(), state));
                    }
                    _ => named.push(seq),
                }
            }
            named.retain(|seq| matches(seq, self));
            named.sort_unstable();
            named.dedup();
            named
        };
        let count = selector.count.map_or(selected.len().max(1), |count| count as usize);
        if count > selected.len() || count == 0 {
            return Err(FleetError::TooFewInstances(selected.len(), count));
        }
        if count < selected.len() {
            let drawn: [u8; 8] = self.draw();
            let rank = |seq: &LaunchSeq| -> [u8; 8] {
                self.derive("imds 2026 fleet selection", &[&drawn, &seq.get().to_le_bytes()])
            };
            selected.sort_by_cached_key(rank);
            selected.truncate(count);
            selected.sort_unstable();
        }
        Ok(selected)
    }

    fn plan_event_of(
        &mut self,
        now: Timestamp,
        seq: LaunchSeq,
        event: &InstanceEvent,
    ) -> Result<(Name, PlannedEvent), FleetError> {
        let event_id = Name::generated(&self.draw_id("instance-event"));
        let planned = self.change(seq, |instance| {
            let planned = instance.instance.plan_event(now, event_id, event)?;
            Ok((instance.id().clone(), planned))
        });
        let planned = planned.unwrap_or_else(|| Err(FleetError::NoSuchInstance(String::new())))?;
        self.push_event(now, &planned.0, EventKind::EventPlanned);
        self.start_step_timers(seq);
        Ok(planned)
    }

    /// Starts the timers of the next steps of an instance's events.
    pub(super) fn start_step_timers(&mut self, seq: LaunchSeq) {
        for at in self.next_steps(seq) {
            self.timers.insert_mut((at, seq, TimedEvent::Planned));
        }
    }

    fn stop_step_timers(&mut self, seq: LaunchSeq) {
        for at in self.next_steps(seq) {
            self.timers.remove_mut(&(at, seq, TimedEvent::Planned));
        }
    }

    /// Removes the events of an instance that is terminated.
    pub(super) fn drop_events(&mut self, seq: LaunchSeq) {
        self.stop_step_timers(seq);
        self.change(seq, |instance| instance.instance.drop_events());
    }

    fn next_steps(&self, seq: LaunchSeq) -> Vec<Timestamp> {
        let events = self.instances.get(&seq).map_or(&[][..], |instance| instance.instance.planned_events());
        events.iter().filter_map(|event| event.next_step()).map(|(at, _)| at).collect()
    }

    /// Makes the steps of an instance's events that are due.
    pub(super) fn make_steps(&mut self, at: Timestamp, seq: LaunchSeq, id: &Name) {
        let is_due = |event: &PlannedEvent| event.next_step().is_some_and(|(step_at, _)| step_at <= at);
        let mut steps = Vec::new();
        self.change(seq, |instance| {
            for event in instance.instance.planned_events_mut() {
                while let Some((_, step)) = event.next_step().filter(|_| is_due(event)) {
                    event.steps_made += 1;
                    steps.push(step);
                }
            }
        });
        self.start_step_timers(seq);
        for step in steps {
            self.make_step(at, seq, id, step);
        }
    }

    fn make_step(&mut self, at: Timestamp, seq: LaunchSeq, id: &Name, step: EventStep) {
        let state = self.instances.get(&seq).map(|instance| instance.state(at));
        // Nothing happens to an instance that is terminated, or on its way there.
        let Some(state) = state.filter(|state| PRESENT.contains(state)) else { return };
        self.push_event(at, id, step.into());
        match step {
            EventStep::SpotInterrupted(SpotAction::Terminate) => {
                self.begin_transition(at, seq, InstanceState::ShuttingDown, PRESENT);
            }
            EventStep::SpotInterrupted(SpotAction::Stop | SpotAction::Hibernate) => {
                self.begin_transition(at, seq, InstanceState::Stopping, UP);
            }
            EventStep::EventCompleted(Some(EventCode::InstanceRetirement)) if !self.has_ebs_root(seq) => {
                self.begin_transition(at, seq, InstanceState::ShuttingDown, PRESENT);
            }
            EventStep::EventCompleted(Some(EventCode::InstanceStop | EventCode::InstanceRetirement)) => {
                self.begin_transition(at, seq, InstanceState::Stopping, UP);
            }
            EventStep::EventCompleted(Some(EventCode::InstanceReboot | EventCode::SystemReboot))
                if UP.contains(&state) =>
            {
                self.push_event(at, id, EventKind::Rebooted);
            }
            _ => {}
        }
    }

    /// Returns whether the root device is an EBS volume. An image on instance store has a manifest.
    fn has_ebs_root(&self, seq: LaunchSeq) -> bool {
        self.instances
            .get(&seq)
            .is_some_and(|instance| *instance.instance.details().template.ami_manifest_path == *"(unknown)")
    }
}

const UP: &[InstanceState] = &[InstanceState::Pending, InstanceState::Running];
const PRESENT: &[InstanceState] =
    &[InstanceState::Pending, InstanceState::Running, InstanceState::Stopping, InstanceState::Stopped];
