//! `GET /events`: what happens, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::Method;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Shared;
use super::refusal;
use super::watch::Seen;

/// An event for each thing that happens from here on, and `missed` with a number where the reader was too slow.
pub async fn events(State(shared): State<Shared>) -> Response {
    let Some(subscription) = shared.watch.events.subscribe() else {
        return refusal::TOO_MANY_LISTENERS.answer(&Method::GET);
    };
    let events = stream::unfold((subscription, shared.ending), |(mut subscription, mut ending)| async move {
        let seen = tokio::select! {
            biased;
            _ = ending.changed() => None,
            seen = subscription.next() => seen,
        };
        Some((Ok::<_, Infallible>(frame(&seen?)), (subscription, ending)))
    });
    // A reader that is gone is found out by a line that it does not take.
    Sse::new(events).keep_alive(KeepAlive::new().interval(QUIET)).into_response()
}

fn frame(seen: &Seen) -> sse::Event {
    match seen {
        Seen::Missed(events) => sse::Event::default().event("missed").data(format!(r#"{{"missed":{events}}}"#)),
        Seen::Event(event) => {
            // It holds nothing that JSON has no word for, and JSON has no line ends in it.
            let json = serde_json::to_string(&**event).unwrap_or_default();
            sse::Event::default().event(event.name()).data(json)
        }
    }
}

const QUIET: Duration = Duration::from_secs(15);
