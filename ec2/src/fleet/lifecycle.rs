//! Start, stop and termination.

use core::mem;

use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::launch_seq::LaunchSeq;
use super::state::{InstanceState, StateChange, Transition};
use imds::time::Timestamp;

impl Fleet {
    /// Starts a stopped instance. Tokens from before the stop are invalid. A change of its metadata
    /// options that was requested while it was stopped takes effect.
    ///
    /// An instance that is `pending` or `running` is left as it is.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], or [`FleetError::IncorrectState`] if the instance is in
    /// another state.
    pub fn start(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        self.transition(now, id, InstanceState::Pending, &[InstanceState::Stopped])
    }

    /// Stops a running instance. It keeps its private addresses.
    ///
    /// An instance that is `stopping` or `stopped` is left as it is.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`], [`FleetError::StopProtected`], or
    /// [`FleetError::IncorrectState`] if the instance is in another state.
    pub fn stop(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        let seq = self.find_seq(id)?;
        if let Some(instance) = self.instances.get(&seq).filter(|instance| instance.attributes.stop_protected) {
            return Err(FleetError::StopProtected(instance.id().clone()));
        }
        self.transition(now, id, InstanceState::Stopping, &[InstanceState::Running])
    }

    /// Terminates an instance in any state. The fleet keeps it for another hour, as EC2 does.
    ///
    /// # Errors
    ///
    /// [`FleetError::NoSuchInstance`] or [`FleetError::TerminationProtected`].
    pub fn terminate(&mut self, now: Timestamp, id: &str) -> Result<StateChange, FleetError> {
        let seq = self.find_seq(id)?;
        if let Some(instance) = self.instances.get(&seq).filter(|instance| instance.attributes.termination_protected) {
            return Err(FleetError::TerminationProtected(instance.id().clone()));
        }
        let from = [InstanceState::Pending, InstanceState::Running, InstanceState::Stopping, InstanceState::Stopped];
        self.transition(now, id, InstanceState::ShuttingDown, &from)
    }

    fn transition(
        &mut self,
        now: Timestamp,
        id: &str,
        target: InstanceState,
        from: &[InstanceState],
    ) -> Result<StateChange, FleetError> {
        self.handle_timeout(now);
        let seq = self.find_seq(id)?;
        let transition = Transition::new(target, now, self.settings.transition_millis);
        let generation = self.next_generation(now, seq);
        let was_pending = self.instances.get(&seq).is_some_and(|instance| !instance.instance.is_applied(now));
        let changed = self.change(seq, |instance| {
            let previous = instance.state(now);
            // In EC2 it is no error to request the state that the instance is in or changes to.
            if previous == target || previous == target.settled() {
                return Ok((instance.id().clone(), StateChange { previous, current: previous }));
            }
            if !from.contains(&previous) {
                return Err(FleetError::IncorrectState(instance.id().clone(), previous));
            }
            instance.transition = transition;
            if target == InstanceState::Pending {
                instance.instance.restart(now, instance.tags.clone(), generation);
            }
            Ok((instance.id().clone(), StateChange { previous, current: target }))
        });
        let (id, change) = changed.unwrap_or_else(|| Err(FleetError::NoSuchInstance(id.into())))?;
        if change.current == target && change.previous != target {
            if target == InstanceState::Pending {
                self.push_event(now, &id, EventKind::Started);
                let is_applied = self.instances.get(&seq).is_some_and(|instance| instance.instance.is_applied(now));
                if was_pending && is_applied {
                    self.push_event(now, &id, EventKind::Applied);
                }
            }
            self.timers.insert_mut((transition.end(), seq, TimedEvent::Settled));
            self.handle_timeout(now);
        }
        Ok(change)
    }

    /// Starts a transition of an instance without an operation of the API. Protection from stops
    /// and from termination does not apply. Has no effect in another state than these.
    pub(super) fn begin_transition(
        &mut self,
        now: Timestamp,
        seq: LaunchSeq,
        target: InstanceState,
        from: &[InstanceState],
    ) {
        let transition = Transition::new(target, now, self.settings.transition_millis);
        let replaced = self.change(seq, |instance| {
            let is_changed = from.contains(&instance.state(now));
            is_changed.then(|| mem::replace(&mut instance.transition, transition))
        });
        if let Some(Some(replaced)) = replaced {
            self.timers.remove_mut(&(replaced.end(), seq, TimedEvent::Settled));
            self.timers.insert_mut((transition.end(), seq, TimedEvent::Settled));
        }
    }

    /// The generation of an instance that starts now. It differs from all earlier ones, those
    /// included that a restored snapshot does not know, if the caller of
    /// [`Fleet::restore`](Fleet::restore) continues the random values at a random position.
    fn next_generation(&self, now: Timestamp, seq: LaunchSeq) -> u64 {
        let before = self.instances.get(&seq).map_or(0, |instance| instance.instance().generation());
        let parts = [self.drawn, seq.get().into(), before, now.millis()].map(u64::to_le_bytes);
        let drawn = self.derive("imds 2026 fleet generation", &parts.each_ref().map(|part| &part[..]));
        // JavaScript has integers of 53 bits. 0 is the generation of the launch.
        (u64::from_le_bytes(drawn) >> 11).max(1)
    }
}
