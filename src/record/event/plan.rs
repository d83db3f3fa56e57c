use alloc::vec::Vec;
use core::fmt;

use super::super::{EventState, MaintenanceEvent, Name, SpotInterruption};
use super::PlannedEvent;
use crate::limits;
use crate::time::Timestamp;

/// The events of an instance, in the order in which they were planned.
///
/// Each answer computes what it shows from the stored times and the time of the request.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Plan(Vec<PlannedEvent>);

/// The reason why an event was not planned or canceled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The instance has [`limits::EVENTS`] events that are not over.
    TooMany,
    /// The instance has no event with this id.
    NotFound,
    /// The event cannot be canceled, because it is over, or its notice is in the metadata.
    Happened(Name),
}

impl Plan {
    /// A plan with these events.
    pub fn of(events: Vec<PlannedEvent>) -> Plan {
        Plan(events)
    }

    /// The events.
    pub fn events(&self) -> &[PlannedEvent] {
        &self.0
    }

    #[doc(hidden)]
    pub fn events_mut(&mut self) -> &mut [PlannedEvent] {
        &mut self.0
    }

    /// Adds an event. If there are [`limits::EVENTS`], it replaces the oldest one that is over.
    ///
    /// # Errors
    ///
    /// [`EventError::TooMany`] if none is over.
    pub fn add(&mut self, now: Timestamp, event: PlannedEvent) -> Result<(), EventError> {
        if self.0.len() >= limits::EVENTS {
            let oldest = self.0.iter().position(|event| event.is_over(now)).ok_or(EventError::TooMany)?;
            self.0.remove(oldest);
        }
        self.0.push(event);
        Ok(())
    }

    /// Cancels an event. A scheduled event that is shown moves to the history; otherwise the
    /// parts that are not in the metadata are removed.
    ///
    /// # Errors
    ///
    /// [`EventError::NotFound`] or [`EventError::Happened`].
    pub fn cancel(&mut self, now: Timestamp, id: &str) -> Result<(), EventError> {
        let index = self.0.iter().position(|event| *event.id == *id).ok_or(EventError::NotFound)?;
        let event = &mut self.0[index];
        let has_notice = event.spot_notice(now).is_some();
        if event.canceled.is_some() || has_notice || event.is_over(now) {
            return Err(EventError::Happened(event.id.clone()));
        }
        if event.scheduled(now).is_some() {
            event.canceled = Some(now);
        } else if event.rebalance_recommended.is_some_and(|at| at <= now) {
            event.spot_interruption = None;
        } else {
            self.0.remove(index);
        }
        Ok(())
    }

    /// Removes the interruptions and recommendations that are over. A start ends them.
    pub(crate) fn restart(&mut self, now: Timestamp) {
        self.0.retain(|event| event.scheduled_event.is_some() || !event.is_over(now));
    }

    /// The latest interruption whose notice is in the metadata.
    #[cold]
    pub(crate) fn spot_notice(&self, now: Timestamp) -> Option<&SpotInterruption> {
        self.0.iter().filter_map(|event| event.spot_notice(now)).max_by_key(|notice| notice.noticed)
    }

    /// The time of the latest rebalance recommendation.
    #[cold]
    pub(crate) fn rebalance_notice(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|event| event.rebalance_recommended).filter(|at| *at <= now).max()
    }

    /// The scheduled events that are active and past, with their states.
    pub(crate) fn scheduled(&self, now: Timestamp) -> impl Iterator<Item = (&MaintenanceEvent, EventState)> {
        self.0.iter().filter_map(move |event| event.scheduled(now))
    }

    /// When the lists of scheduled events last changed.
    #[cold]
    pub(crate) fn scheduled_changed(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|event| event.scheduled_changed(now)).max()
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventError::TooMany => {
                write!(f, "the instance has {} events that are not over: cancel one of them", limits::EVENTS)
            }
            EventError::NotFound => f.write_str("the instance has no event with this id"),
            EventError::Happened(id) => write!(f, "event {id} cannot be canceled: it is over, or its notice is shown"),
        }
    }
}

impl core::error::Error for EventError {}
