//! `GET /events`: decisions and instance changes as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::rejection;
use super::shared::Shared;
use crate::escape;
use crate::telemetry::events::Received;

/// Streams all events from now on, and `missed` with a count where the client was too slow.
pub async fn events(State(shared): State<Shared>) -> Response {
    let Some(subscription) = shared.telemetry.events.subscribe() else {
        return rejection::TOO_MANY_LISTENERS.text();
    };
    let events = stream::unfold((subscription, shared.stopped), |(mut subscription, mut stopped)| async move {
        let received = tokio::select! {
            biased;
            _ = stopped.changed() => None,
            received = subscription.next() => received,
        };
        Some((Ok::<_, Infallible>(server_sent_event(&received?)), (subscription, stopped)))
    });
    // A failed keep-alive reveals that the client is gone.
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)).into_response()
}

fn server_sent_event(received: &Received) -> sse::Event {
    match received {
        Received::Missed(count) => sse::Event::default().event("missed").data(format!(r#"{{"missed":{count}}}"#)),
        Received::Event(event) => {
            // Serialization cannot fail, and compact JSON has no line breaks.
            let json = serde_json::to_string(&**event).unwrap_or_default();
            sse::Event::default().event(event.name()).data(escape::json(&json))
        }
    }
}

const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
