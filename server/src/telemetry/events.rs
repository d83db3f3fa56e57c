//! What happens, told as it happens to whoever listens at that moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use imds::Timestamp;
use imds::rules::{Trace, Verdict};
use serde::{Serialize, Serializer};
use tokio::sync::broadcast::{Receiver, Sender, error::RecvError};

use crate::clock::WithMillis;
use crate::entry::{Entry, micros};

/// The way from whoever answers to whoever listens. **With nobody listening it is one atomic that is looked at.**
pub struct Events {
    /// It keeps the last events for those who are slow; past them, they miss some.
    sender: Sender<Arc<Event>>,
    listeners: Arc<AtomicUsize>,
}

/// Something that happened.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Event {
    /// A request was answered.
    Decision(Decision),
    /// Something happened to an instance.
    Instance(Happened),
}

/// What happened to an instance.
#[derive(Serialize)]
pub struct Happened {
    #[serde(serialize_with = "time")]
    time: Timestamp,
    instance: String,
    event: &'static str,
}

/// An answer and why it is this one. Nothing secret is in it: of the request its method and path, of the answer its rule.
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

/// Listens until it is dropped.
pub struct Subscription {
    receiver: Receiver<Arc<Event>>,
    listeners: Arc<AtomicUsize>,
}

/// What a listener gets.
pub enum Seen {
    Event(Arc<Event>),
    /// So many events were too fast for it.
    Missed(u64),
}

impl Default for Events {
    fn default() -> Events {
        Events { sender: Sender::new(KEPT), listeners: Arc::default() }
    }
}

impl Events {
    /// Whether anyone listens, so that an event is worth making.
    pub fn are_watched(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// Tells of an answer.
    pub fn decided(&self, now: Timestamp, took: Duration, instance: &str, peer: SocketAddr, entry: Entry) {
        self.send(Event::Decision(Decision {
            time: now,
            instance: instance.to_owned(),
            peer,
            status: entry.status(),
            rule: entry.rule(),
            protocol: entry.protocol(),
            method: entry.method,
            path: entry.path,
            micros: micros(took),
            trace: entry.trace,
        }));
    }

    /// Tells of what happened to an instance.
    pub fn happened(&self, event: &imds_ec2::fleet::Event) {
        if self.are_watched() {
            let (instance, event_name) = (event.instance.to_string(), event.kind.name());
            self.send(Event::Instance(Happened { time: event.at, instance, event: event_name }));
        }
    }

    fn send(&self, event: Event) {
        // The last listener may have gone.
        let _ = self.sender.send(Arc::new(event));
    }

    /// Listens from here on, unless there are too many already.
    pub fn subscribe(&self) -> Option<Subscription> {
        let more = |listeners| (listeners < LISTENERS).then_some(listeners + 1);
        self.listeners.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Subscription { receiver: self.sender.subscribe(), listeners: self.listeners.clone() })
    }
}

impl Subscription {
    /// The next event, or how many were missed before it; `None` when no more can come.
    pub async fn next(&mut self) -> Option<Seen> {
        match self.receiver.recv().await {
            Ok(event) => Some(Seen::Event(event)),
            Err(RecvError::Lagged(events)) => Some(Seen::Missed(events)),
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
    pub fn name(&self) -> &'static str {
        match self {
            Event::Decision(_) => "decision",
            Event::Instance(_) => "instance",
        }
    }
}

fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&WithMillis(*time))
}

/// The rules that were asked, in their order, and what each said.
fn verdicts<S: Serializer>(trace: &Trace, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Asked {
        rule: &'static str,
        verdict: &'static str,
    }
    serializer.collect_seq(trace.verdicts().filter_map(|(rule, verdict)| {
        let verdict = match verdict {
            Verdict::NotAsked => return None,
            Verdict::DoesNotApply => "does_not_apply",
            Verdict::Passes => "passes",
            Verdict::Decides => "decides",
        };
        Some(Asked { rule: rule.id, verdict })
    }))
}

/// Events that wait for a slow listener: under a megabyte.
const KEPT: usize = 1024;
const LISTENERS: usize = 16;
