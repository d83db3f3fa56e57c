use super::credentials::{CredentialEpoch, CredentialTimes, Delivery};
use crate::record::{Details, Interface, Network, NetworkInterface, Record, SpotInterruption, Template};
use crate::time::Timestamp;

/// The state of an instance at one time: everything that a value can depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'a> {
    pub details: &'a Details,
    pub now: Timestamp,
    /// Whether the tags are visible.
    pub tags_visible: bool,
    /// When the tags, or their visibility, last changed.
    pub tags_changed: Timestamp,
    /// The protocol version of the request. EC2 puts it into credentials.
    pub delivery: Delivery,
}

/// The event that last changed a value or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeTrigger {
    Launch,
    /// An epoch of credentials started.
    CredentialEpoch,
    /// New credentials were issued, shortly before their epoch.
    Credentials,
    SpotNotice,
    RebalanceNotice,
    /// A scheduled event was added, or moved to the history.
    ScheduledEvents,
    /// The tags, or their visibility, changed.
    Tags,
}

impl ChangeTrigger {
    /// Whether the event adds a row to its directory or removes one, and so changes the directory.
    pub const fn is_dynamic(self) -> bool {
        matches!(self, ChangeTrigger::SpotNotice | ChangeTrigger::RebalanceNotice | ChangeTrigger::Tags)
    }
}

impl<'a> ReadContext<'a> {
    /// The part that the instance shares with the others of its launch.
    #[inline(always)]
    pub fn template(&self) -> &'a Template {
        &self.details.template
    }

    /// The record of the template.
    #[inline(always)]
    pub fn record(&self) -> &'a Record {
        &self.template().record
    }

    #[inline(always)]
    pub fn interface(&self, index: usize) -> &'a Interface {
        &self.details.interfaces[index]
    }

    /// The network of an interface.
    #[inline(always)]
    pub fn network(&self, index: usize) -> &'a Network {
        &self.template().networks[index]
    }

    /// The record of an interface.
    #[inline(always)]
    pub fn interface_record(&self, index: usize) -> &'a NetworkInterface {
        &self.record().network_interfaces[index]
    }

    /// The epoch of the credentials in force.
    pub fn credential_epoch(&self) -> CredentialEpoch {
        CredentialEpoch::at(self.now, self.details.launch_time)
    }

    /// The times of the credentials in force.
    // Inlined, it would cost the answers that do not need it.
    #[inline(never)]
    pub fn credential_times(&self) -> CredentialTimes {
        CredentialTimes::of(self.details, self.credential_epoch())
    }

    /// The spot interruption, from the time of its notice.
    pub fn spot_notice(&self) -> Option<&'a SpotInterruption> {
        if let Some(plan) = &self.details.plan
            && let Some(notice) = plan.spot_notice(self.now)
        {
            return Some(notice);
        }
        self.record().spot_interruption.as_ref().filter(|notice| notice.noticed.is_none_or(|at| at <= self.now))
    }

    /// The time of the rebalance recommendation, from that time on.
    pub fn rebalance_notice(&self) -> Option<Timestamp> {
        if let Some(plan) = &self.details.plan
            && let Some(at) = plan.rebalance_notice(self.now)
        {
            return Some(at);
        }
        self.record().rebalance_recommendation.as_ref().map(|notice| notice.notice_time).filter(|at| *at <= self.now)
    }

    /// The time of the last event of this kind; the launch if there has been none.
    pub(super) fn changed(&self, trigger: ChangeTrigger) -> Timestamp {
        let launch = self.details.launch_time;
        match trigger {
            ChangeTrigger::Launch => launch,
            ChangeTrigger::CredentialEpoch => self.credential_epoch().start,
            ChangeTrigger::Credentials => self.credential_times().last_updated,
            ChangeTrigger::SpotNotice => self.spot_notice().and_then(|notice| notice.noticed).unwrap_or(launch),
            ChangeTrigger::RebalanceNotice => self.rebalance_notice().unwrap_or(launch),
            ChangeTrigger::ScheduledEvents => {
                self.details.plan.as_ref().and_then(|plan| plan.scheduled_changed(self.now)).unwrap_or(launch)
            }
            ChangeTrigger::Tags => self.tags_changed.max(launch),
        }
    }
}
