//! The routes under `/v1`: planned events, and the clock of the fleet.
//!
//! A change is stored before it is answered, and has the limits of the EC2 API's changing calls. Its
//! body must be JSON: a page of another site cannot send that, or DELETE, without a preflight, which
//! the console does not answer.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use imds::record::json::write_compact;
use imds::record::{Json, read_json};
use imds_ec2::Fleet;
use imds_ec2::fleet::FleetError;
use tokio::task::spawn_blocking;

use super::body;
use super::rejection::{self, Rejection};
use super::shared::Shared;
use crate::control::{ClockRequest, ClockState, ErrorBody, EventList, ListedEvent, PlanRequest};

/// `GET /v1/events`
pub async fn list_events(State(shared): State<Shared>) -> Response {
    if shared.service.is_over_api_limit() {
        return rejection::TOO_MANY_CALLS.json_response();
    }
    let clock = shared.service.clock.clone();
    let permit = shared.service.calls.work.acquire().await;
    let fleet = Fleet::clone(&shared.service.fleet.load());
    let list = spawn_blocking(move || {
        let list = write_compact(&EventList::of(&fleet, clock.now()));
        drop(permit);
        list
    });
    match list.await {
        Ok(list) => json(StatusCode::OK, list),
        Err(_) => rejection::INTERNAL_ERROR.json_response(),
    }
}

/// `POST /v1/events`
pub async fn plan_event(State(shared): State<Shared>, request: Request) -> Response {
    let PlanRequest { event, instances } = match read(request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let clock = shared.service.clock.clone();
    let change = move |fleet: &mut Fleet| {
        let now = clock.now();
        let planned = fleet.plan_event(now, &instances, &event)?;
        let events = planned.iter().map(|(instance, event)| ListedEvent::of(instance, event)).collect();
        Ok(EventList { time: now, events })
    };
    changed(&shared, change, |list| json(StatusCode::OK, write_compact(&list))).await
}

/// `DELETE /v1/events/{id}`
pub async fn cancel_event(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let clock = shared.service.clock.clone();
    let change = move |fleet: &mut Fleet| Ok(fleet.cancel_event(clock.now(), &id)?);
    changed(&shared, change, |()| StatusCode::NO_CONTENT.into_response()).await
}

/// `GET /v1/clock`
pub async fn show_clock(State(shared): State<Shared>) -> Response {
    let clock = &shared.service.clock;
    clock_state(ClockState { time: clock.now(), paused: clock.is_paused() })
}

/// `POST /v1/clock`
pub async fn change_clock(State(shared): State<Shared>, request: Request) -> Response {
    let request: ClockRequest = match read(request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let clock = shared.service.clock.clone();
    let change = move |fleet: &mut Fleet| {
        let base = clock.base();
        let changed = request.apply(fleet.clock(), base).map_err(|message| Failure {
            status: StatusCode::BAD_REQUEST,
            code: "clock",
            message,
        })?;
        fleet.set_clock(changed, base);
        Ok(ClockState { time: changed.now(base), paused: changed.is_paused() })
    };
    changed(&shared, change, clock_state).await
}

/// An error of a change, as its response has it.
struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl From<FleetError> for Failure {
    fn from(error: FleetError) -> Failure {
        let status = match error {
            FleetError::NoSuchInstance(_) | FleetError::NoSuchEvent(_) => StatusCode::NOT_FOUND,
            FleetError::IncorrectState(..)
            | FleetError::EventHappened(_)
            | FleetError::TooFewInstances(..)
            | FleetError::TooManyEvents => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        let code = error.code();
        let message = match error {
            // The path is relative to the event.
            FleetError::Record(error) if error.path != "." => format!("event.{error}"),
            error => error.to_string(),
        };
        Failure { status, code, message }
    }
}

/// Makes a change in the fleet's thread, and answers when it is stored.
async fn changed<T: Send + 'static>(
    shared: &Shared,
    change: impl FnOnce(&mut Fleet) -> Result<T, Failure> + Send + 'static,
    respond: impl FnOnce(T) -> Response,
) -> Response {
    if shared.service.is_over_api_limit() {
        return rejection::TOO_MANY_CALLS.json_response();
    }
    let permit = shared.service.calls.changes.acquire().await;
    let change = move |fleet: &mut Fleet| {
        let result = change(fleet);
        drop(permit);
        result
    };
    match shared.service.fleet.commit(change).await {
        Ok(Ok(value)) => respond(value),
        Ok(Err(Failure { status, code, message })) => error_response(status, code, &message),
        Err(_) => rejection::NOT_STORED.json_response(),
    }
}

/// Reads a request with a JSON body.
async fn read<T: Json>(request: Request) -> Result<T, Response> {
    let (head, body) = request.into_parts();
    if !body::has_type(&head.headers, JSON) {
        return Err(rejection::NOT_JSON.json_response());
    }
    let bytes = body::read(&head.headers, body).await.map_err(Rejection::json_response)?;
    let invalid = |message: String| error_response(StatusCode::BAD_REQUEST, "json", &message);
    let text = str::from_utf8(&bytes)
        .map_err(|error| invalid(format!("the body is not UTF-8 at byte {}", error.valid_up_to())))?;
    read_json(text).map_err(|error| invalid(error.to_string()))
}

fn clock_state(state: ClockState) -> Response {
    json(StatusCode::OK, write_compact(&state))
}

fn error_response(status: StatusCode, code: &str, message: &str) -> Response {
    json(status, write_compact(&ErrorBody { code: code.to_owned(), message: message.to_owned() }))
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, JSON)], Body::from(body)).into_response()
}

const JSON: &str = "application/json";
