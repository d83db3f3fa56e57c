//! Changes that time alone brings about.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::client_token::TokenUse;
use super::error::FleetError;
use super::event::{EventKind, TimedEvent};
use super::fleet::Fleet;
use super::launch_seq::LaunchSeq;
use super::state::InstanceState;
use imds::record::{Line, Name};
use imds::time::Timestamp;

impl Fleet {
    /// The time of the next call of [`handle_timeout`](Fleet::handle_timeout): pending metadata
    /// options take effect, a transition ends, a terminated instance is removed, or a step of a
    /// planned event is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, ..)| *at)
    }

    /// Makes the changes that are due. An early or repeated call has no effect.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(&(at, seq, event)) = self.timers.first().filter(|(at, ..)| *at <= now) {
            self.timers.remove_mut(&(at, seq, event));
            let Some(instance) = self.instances.get(&seq) else { continue };
            let id = instance.id().clone();
            match event {
                TimedEvent::Applied if instance.instance.is_applied(at) => {
                    self.push_event(at, &id, EventKind::Applied);
                }
                TimedEvent::Settled if instance.transition.end() == at => self.settle(at, seq, &id),
                TimedEvent::Purged => self.purge(at, seq, &id),
                TimedEvent::Planned => self.make_steps(at, seq, &id),
                // A later change replaced this one.
                TimedEvent::Applied | TimedEvent::Settled => {}
            }
        }
    }

    /// Starts the timer after which a terminated instance is removed.
    pub(super) fn start_purge_timer(&mut self, terminated: Timestamp, seq: LaunchSeq) {
        self.timers.insert_mut((terminated.saturating_add_millis(TERMINATED_MILLIS), seq, TimedEvent::Purged));
    }

    /// Makes the changes that are due and finds an instance that is not terminated.
    pub(super) fn find_present(&mut self, now: Timestamp, id: &str) -> Result<LaunchSeq, FleetError> {
        self.handle_timeout(now);
        let seq = self.find_seq(id)?;
        match self.instances.get(&seq) {
            Some(instance) if instance.state(now) == InstanceState::Terminated => {
                Err(FleetError::IncorrectState(instance.id().clone(), InstanceState::Terminated))
            }
            _ => Ok(seq),
        }
    }

    fn settle(&mut self, at: Timestamp, seq: LaunchSeq, id: &Name) {
        match self.instances.get(&seq).map(|instance| instance.state(at)) {
            Some(InstanceState::Stopped) => self.push_event(at, id, EventKind::Stopped),
            Some(InstanceState::Terminated) => {
                self.push_event(at, id, EventKind::Terminated);
                self.start_purge_timer(at, seq);
                self.drop_events(seq);
                if let Some(instance) = self.instances.get(&seq).cloned() {
                    self.free_addresses(seq, instance.instance.details());
                    if let Some(endpoint) = instance.endpoint {
                        self.free_loopback(seq, *endpoint.ip());
                    }
                }
                self.change(seq, |instance| instance.endpoint = None);
            }
            _ => {}
        }
    }

    fn purge(&mut self, at: Timestamp, seq: LaunchSeq, id: &Name) {
        if let Some(token) = self.instances.get(&seq).and_then(|instance| instance.client_token.clone()) {
            self.purge_token_use(&token, seq);
        }
        self.instances.remove_mut(&seq);
        self.by_id.remove_mut(id);
        self.push_event(at, id, EventKind::Purged);
    }

    /// Removes an instance from the launch of its client token. The token can be used again after
    /// the last one is removed.
    fn purge_token_use(&mut self, token: &Line, seq: LaunchSeq) {
        let Some(used) = self.by_client_token.get(token).filter(|used| used.launched.contains(&seq)) else { return };
        let launched: Vec<LaunchSeq> = used.launched.iter().copied().filter(|launched| *launched != seq).collect();
        if launched.is_empty() {
            self.by_client_token.remove_mut(token);
        } else {
            let used = TokenUse { digest: used.digest, launched };
            self.by_client_token.insert_mut(token.clone(), Arc::new(used));
        }
    }
}

/// EC2 shows a terminated instance for about one hour.
const TERMINATED_MILLIS: u64 = 3_600_000;
