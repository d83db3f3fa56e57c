//! EC2's Query API over a [`Fleet`]: form in, XML out.
//!
//! [`handle`] is all of it. It knows no HTTP: a shell reads the body of a POST, or what follows the `?` of a GET, and
//! sends the [`Reply`]. It verifies no signature either: whoever can call it may do everything.
//!
//! **A request that is refused has changed nothing, byte for byte.** Nor has one with `DryRun`.
//!
//! ```
//! use imds::{Seed, Timestamp};
//! use imds_ec2::{Fleet, query};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
//! let launch = b"Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1";
//! let reply = query::handle(&mut fleet, now, launch, 1);
//! assert_eq!(reply.status, 200);
//! assert!(reply.body.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RunInstancesResponse "));
//! assert_eq!(fleet.len(), 1);
//!
//! let reply = query::handle(&mut fleet, now, b"Action=StopInstances&Version=2016-11-15", 2);
//! assert_eq!((reply.status, reply.error.map(|code| code.name)), (400, Some("MissingParameter")));
//! # Ok(())
//! # }
//! ```

mod actions;
mod attribute;
mod describe;
mod error;
mod filter;
mod form;
mod instance_filters;
mod launch;
mod launch_network;
mod launch_storage;
mod lifecycle;
mod metadata_options;
mod page;
mod parameters;
mod refusal;
mod run_instances;
mod run_parameters;
mod shown;
mod tags;
mod xml;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use error::{ERROR_CODES, ErrorCode};

use actions::Action;
use error::{Error, MISSING_ACTION, NO_SUCH_VERSION, Result};
use form::Form;
use xml::Xml;

use crate::fleet::Fleet;
use imds::time::Timestamp;

/// The version of EC2's API.
pub const VERSION: &str = "2016-11-15";

/// The answer to a request. `Debug` does not show the body: user data may be in it, which may be confidential.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What names this answer, in the body too.
    pub request_id: String,
    /// The action, where there is one of that name.
    pub action: Option<&'static str>,
    /// The error, where the request is refused.
    pub error: Option<&'static ErrorCode>,
    /// XML. EC2 sends it as `text/xml;charset=UTF-8`.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("action", &self.action)
            .field("error", &self.error.map(|code| code.name))
            .finish_non_exhaustive()
    }
}

/// The names of all actions, in their order.
pub fn actions() -> impl Iterator<Item = &'static str> {
    actions::ACTIONS.iter().map(|action| action.name)
}

/// Does what a form asks for. The nonce is what the reply's id is made from: one for each call, and they differ.
pub fn handle(fleet: &mut Fleet, now: Timestamp, form: &[u8], nonce: u64) -> Reply {
    let request_id = request_id(fleet, nonce);
    let (action, done) = match read(form) {
        Ok((action, form)) => (Some(action.name), perform(fleet, now, action, &form, &request_id)),
        Err((action, error)) => (action.map(|action| action.name), Err(error)),
    };
    match done {
        Ok(body) => Reply { status: 200, request_id, action, error: None, body },
        Err(error) => refuse(&error, request_id, action),
    }
}

/// What EC2 answers to whoever asks too often. It is for the shell to count.
pub fn refuse_over_limit(fleet: &Fleet, form: &[u8], nonce: u64) -> Reply {
    let action = read(form).map_or_else(|(action, _)| action, |(action, _)| Some(action));
    refuse(&Error::over_limit(), request_id(fleet, nonce), action.map(|action| action.name))
}

/// The body of a refusal that a shell makes before there is a form to read, such as of a body that is too large.
pub fn refusal(code: &str, message: &str, request_id: &str) -> Vec<u8> {
    Xml::refusal(code, message, request_id)
}

fn read(form: &[u8]) -> core::result::Result<(&'static Action, Form), (Option<&'static Action>, Error)> {
    let form = Form::read(form).map_err(|error| (None, error))?;
    let action = Action::of(&form).map_err(|error| (None, error))?;
    match check(&form, action) {
        Ok(()) => Ok((action, form)),
        Err(error) => Err((Some(action), error)),
    }
}

fn check(form: &Form, action: &Action) -> Result<()> {
    match form.text("Version") {
        Some(VERSION) | None => parameters::check(form, action.parameters),
        Some(version) => {
            let message = format!("The requested version ({version}) of service AmazonEC2 does not exist");
            Err(Error::new(&NO_SUCH_VERSION, message))
        }
    }
}

fn perform(fleet: &mut Fleet, now: Timestamp, action: &Action, form: &Form, request_id: &str) -> Result<Vec<u8>> {
    let mut trial = fleet.clone();
    trial.handle_timeout(now);
    let mut body = Xml::response(action.name, request_id);
    (action.perform)(&mut trial, now, form, &mut body)?;
    if form.boolean("DryRun") == Some(true) {
        return Err(Error::dry_run());
    }
    *fleet = trial;
    Ok(body.finish())
}

fn refuse(error: &Error, request_id: String, action: Option<&'static str>) -> Reply {
    let body = Xml::refusal(error.code.name, &error.message, &request_id);
    Reply { status: error.code.status, request_id, action, error: Some(error.code), body }
}

impl Action {
    fn of(form: &Form) -> Result<&'static Action> {
        let Some(name) = form.text("Action") else {
            return Err(Error::new(&MISSING_ACTION, "The request must contain the parameter Action"));
        };
        actions::ACTIONS.iter().find(|action| action.name == name).ok_or_else(|| Error::no_such_action(name))
    }
}

/// A UUID that derives from the nonce, so that answering a request that is refused uses nothing of the fleet up.
fn request_id(fleet: &Fleet, nonce: u64) -> String {
    let mut id: [u8; 16] = fleet.derive("imds 2026 control request id v1", &[&nonce.to_le_bytes()]);
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let mut text = String::new();
    for (place, part) in [&id[..4], &id[4..6], &id[6..8], &id[8..10], &id[10..]].into_iter().enumerate() {
        text.push_str(if place > 0 { "-" } else { "" });
        text.push_str(&hex(part));
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
