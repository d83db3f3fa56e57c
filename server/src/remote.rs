//! `imds event` and `imds clock`: commands to the console of a running server.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Method, Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use imds::record::json::write_compact;
use imds::record::{Json, read_json};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::check::Url;
use crate::control::{self, ClockRequest, ClockState, ErrorBody, EventList, ListedEvent, PlanRequest};
use crate::escape;
use crate::terminal;

/// A command and the console that executes it.
pub struct RemoteConfig {
    /// `None` if it is off.
    pub console: Option<Url>,
    pub command: RemoteCommand,
}

pub enum RemoteCommand {
    PlanEvent(PlanRequest),
    ListEvents,
    /// Cancels the event with this id.
    CancelEvent(String),
    ShowClock,
    ChangeClock(ClockRequest),
}

/// Sends the command and prints the result.
///
/// # Errors
///
/// One line: the console cannot be reached, or rejects the command.
pub fn run(config: &RemoteConfig) -> Result<(), String> {
    let Some(console) = &config.console else {
        return Err("the console is off: name that of a running server with --console or IMDS_CONSOLE".to_owned());
    };
    let console = Console(console);
    let text = match &config.command {
        RemoteCommand::PlanEvent(request) => {
            table(&console.send(Method::POST, control::EVENTS, Some(write_compact(request)))?)
        }
        RemoteCommand::ListEvents => table(&console.send(Method::GET, control::EVENTS, None)?),
        RemoteCommand::CancelEvent(id) => {
            console.exchange(Method::DELETE, &control::EVENT.replace("{id}", &path_segment(id)), None)?;
            return Ok(());
        }
        RemoteCommand::ShowClock => line(&console.send(Method::GET, control::CLOCK, None)?),
        RemoteCommand::ChangeClock(request) => {
            line(&console.send(Method::POST, control::CLOCK, Some(write_compact(request)))?)
        }
    };
    terminal::output(&text)
}

/// One line for each step: its time, its name, the instance, and the event.
fn table(list: &EventList) -> String {
    let mut lines = Vec::new();
    for ListedEvent { id, instance, steps, action, code, canceled } in &list.events {
        let detail = action.map(|action| action.name().to_owned()).or_else(|| code.as_ref().map(ToString::to_string));
        let detail = detail.map(|detail| format!("  {detail}")).unwrap_or_default();
        let steps = steps.iter().map(|step| (step.time, step.event.to_string()));
        for (time, event) in steps.chain(canceled.map(|time| (time, "event-canceled".to_owned()))) {
            lines.push((time, format!("{time}  {event}  {instance}  {id}{detail}")));
        }
    }
    // Stable: steps of one time stay in their order.
    lines.sort_by_key(|(time, _)| *time);
    lines.into_iter().map(|(_, line)| format!("{}\n", escape::plain(&line))).collect()
}

fn line(clock: &ClockState) -> String {
    format!("{}{}\n", clock.time, if clock.paused { " paused" } else { "" })
}

/// A segment of a path, with each byte escaped that is not a letter, a digit, `-`, `.` or `_`.
fn path_segment(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

struct Console<'a>(&'a Url);

impl Console<'_> {
    fn send<T: Json>(&self, method: Method, path: &str, body: Option<String>) -> Result<T, String> {
        let text = self.exchange(method, path, body)?;
        read_json(&text).map_err(|error| format!("{} is not the console of imds: {error}", self.0))
    }

    /// Sends a request and returns the body of the response.
    fn exchange(&self, method: Method, path: &str, body: Option<String>) -> Result<String, String> {
        let cannot_call = |reason: String| format!("cannot use the console at {}: {reason}", self.0);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| cannot_call(terminal::reason(&error)))?;
        let response = runtime.block_on(async {
            timeout(TIMEOUT, self.request(method, path, body))
                .await
                .unwrap_or_else(|_| Err("no response in time".into()))
        });
        let (status, text) = response.map_err(cannot_call)?;
        if status.is_success() {
            return Ok(text);
        }
        let message = match read_json::<ErrorBody>(&text) {
            Ok(error) => error.message,
            Err(_) => format!("{status}: {}", text.lines().next().unwrap_or_default()),
        };
        Err(escape::plain(&message).to_string())
    }

    async fn request(&self, method: Method, path: &str, body: Option<String>) -> Result<(StatusCode, String), String> {
        let stream = connect(&self.0.addresses()?).await?;
        let failed = |error: hyper::Error| error.to_string();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(HOST, self.0.authority());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let bytes = to_bytes(Body::new(response.into_body()), MAX_BYTES).await.map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| "the response is not UTF-8".to_owned())?;
        Ok((status, text))
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut reason = "it has no address".to_owned();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => reason = terminal::reason(&error),
        }
    }
    Err(format!("{reason}; is a server running, and does --console or IMDS_CONSOLE name its console?"))
}

const TIMEOUT: Duration = Duration::from_secs(30);
/// More than a list of all events that a fleet can have.
const MAX_BYTES: usize = 16 * 1024 * 1024;
