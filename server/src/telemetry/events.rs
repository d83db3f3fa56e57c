//! Events for the current listeners of the console's `/events`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use imds::Timestamp;
use imds::rules::{Trace, Verdict};
use serde::{Serialize, Serializer};
use tokio::sync::broadcast::{Receiver, Sender, error::RecvError};

use super::access_record::{AccessRecord, micros};

/// A broadcast channel. **Without listeners, an event costs one atomic load.**
pub struct Events {
    /// Keeps the last [`CAPACITY`] events; a listener that is further behind misses some.
    sender: Sender<Arc<Event>>,
    listeners: Arc<AtomicUsize>,
}

/// An event, serialized as the data of a server-sent event.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Event {
    /// A request was answered.
    Decision(Decision),
    /// An instance changed.
    Instance(InstanceEvent),
}

/// A change of an instance.
#[derive(Serialize)]
pub struct InstanceEvent {
    #[serde(serialize_with = "time")]
    time: Timestamp,
    instance: String,
    event: &'static str,
}

/// A response and the rules that led to it, without secrets.
#[derive(Serialize)]
pub struct Decision {
    #[serde(serialize_with = "time")]
    time: Timestamp,
    instance: String,
    peer: SocketAddr,
    method: String,
    path: String,
    status: u16,
    rule: &'static str,
    protocol: &'static str,
    micros: u64,
    #[serde(serialize_with = "verdicts")]
    trace: Trace,
}

/// A listener, until it is dropped.
pub struct Subscription {
    receiver: Receiver<Arc<Event>>,
    listeners: Arc<AtomicUsize>,
}

/// What a [`Subscription`] receives.
pub enum Received {
    Event(Arc<Event>),
    /// The number of events that were dropped because the listener is too slow.
    Missed(u64),
}

impl Default for Events {
    fn default() -> Events {
        Events { sender: Sender::new(CAPACITY), listeners: Arc::default() }
    }
}

impl Events {
    /// Returns whether there is a listener.
    pub fn has_listeners(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// Sends a decision.
    pub fn send_decision(
        &self,
        now: Timestamp,
        latency: Duration,
        instance: &str,
        peer: SocketAddr,
        record: AccessRecord,
    ) {
        self.send(Event::Decision(Decision {
            time: now,
            instance: instance.to_owned(),
            peer,
            status: record.status(),
            rule: record.rule(),
            protocol: record.protocol(),
            method: record.method,
            path: record.path,
            micros: micros(latency),
            trace: record.trace,
        }));
    }

    /// Sends a change of an instance.
    pub fn send_instance_event(&self, event: &imds_ec2::fleet::Event) {
        if self.has_listeners() {
            let (instance, name) = (event.instance.to_string(), event.kind.name());
            self.send(Event::Instance(InstanceEvent { time: event.at, instance, event: name }));
        }
    }

    fn send(&self, event: Event) {
        // Fails if the last listener has left.
        let _ = self.sender.send(Arc::new(event));
    }

    /// Adds a listener, or returns `None` if there are [`MAX_LISTENERS`].
    pub fn subscribe(&self) -> Option<Subscription> {
        let increment = |listeners| (listeners < MAX_LISTENERS).then_some(listeners + 1);
        self.listeners.fetch_update(Ordering::Relaxed, Ordering::Relaxed, increment).ok()?;
        Some(Subscription { receiver: self.sender.subscribe(), listeners: self.listeners.clone() })
    }
}

impl Subscription {
    /// Waits for the next event. Returns `None` when no more events can come.
    pub async fn next(&mut self) -> Option<Received> {
        match self.receiver.recv().await {
            Ok(event) => Some(Received::Event(event)),
            Err(RecvError::Lagged(events)) => Some(Received::Missed(events)),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Event {
    /// Returns the name of the server-sent event.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Decision(_) => "decision",
            Event::Instance(_) => "instance",
        }
    }
}

fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.display_with_millis())
}

/// Serializes the evaluated rules in order, each with its verdict.
fn verdicts<S: Serializer>(trace: &Trace, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Step {
        rule: &'static str,
        verdict: &'static str,
    }
    let evaluated = trace.verdicts().filter(|(_, verdict)| *verdict != Verdict::NotReached);
    serializer.collect_seq(evaluated.map(|(rule, verdict)| Step { rule: rule.id, verdict: verdict.name() }))
}

/// Events that are kept for slow listeners: less than a megabyte.
const CAPACITY: usize = 1024;
const MAX_LISTENERS: usize = 16;
