//! What any metadata service can be held against from outside: checks as data, and the run that holds one against them.
//!
//! A check is a row of [`CHECKS`], or of a category: requests, what their answers must be, and the row of the core's own tables
//! that says how that is known. [`run`] asks through an [`Endpoint`], which is a socket, or an instance in the same process; it
//! has no clock and opens nothing. It sends GET, HEAD, OPTIONS, a PUT of a token, and methods that are refused; odd bytes only
//! where it is told that it may.
//!
//! **Nothing that it says holds a token, a credential or a value of metadata**: it tells statuses, names of fields and lengths.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod builders;
mod categories;
mod checks;
mod evaluate;
mod expect;
pub mod fidelity;
mod format;
mod json;
mod reply;
mod request;
mod run;
mod session;
pub mod spans;
pub mod transcript;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use checks::CHECKS;
pub use evaluate::page;
pub use expect::Expect;
pub use reply::{Reply, Silence};
pub use request::PLACEHOLDERS;
pub use run::{Finding, Options, Outcome, Report, run};

use crate::fidelity::{Behaviour, Kind};
use imds::http::Profile;
use imds::source::{Certainty, Source};

/// One thing that holds of the real service, as somebody outside can see it.
#[derive(Debug)]
pub struct Check {
    /// Stable name.
    pub id: &'static str,
    /// What holds.
    pub says: &'static str,
    /// The row that says how it is known: its kind, and its key (of a profile's field without the profile's name).
    pub known: (Kind, &'static str),
    /// How it is known, where it is the less certain part of what its row says.
    pub less: Option<Certainty>,
    /// When it can be seen.
    pub when: When,
    /// The requests, in short: see [`Check::requests`].
    pub asks: &'static [&'static str],
    /// What each of their answers must be.
    pub expects: &'static [Expect],
}

/// When a check can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On every instance.
    Always,
    /// Where version 1 is answered.
    Optional,
    /// Where a token is required.
    Required,
    /// Where a run may send odd bytes.
    Intrusive,
}

/// How fast a request's bytes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All at once.
    Whole,
    /// Each by itself, and a moment later than the one before it.
    Dribbled,
}

/// Whoever is asked.
pub trait Endpoint {
    /// What `Host` to send.
    fn host(&self) -> &str;
    /// Sends the bytes on a connection of their own and gives what came back, or why nothing did.
    fn ask(&mut self, request: &[u8], pace: Pace) -> Result<Reply, Silence>;
    /// Lets time pass.
    fn wait(&mut self, millis: u64);
}

impl Check {
    /// How it is known for this generation.
    pub fn source(&self, behaviours: &[Behaviour], profile: &Profile) -> Option<Source> {
        let (kind, key) = self.known;
        let of_profile = [profile.name, ".", key].concat();
        let key = if kind == Kind::ProfileField { of_profile.as_str() } else { key };
        let row = behaviours.iter().find(|row| row.kind == kind && row.key == key)?;
        Some(Source { certainty: self.less.unwrap_or(row.source.certainty), ..row.source })
    }

    /// The requests' bytes, in which [`PLACEHOLDERS`] stand for what a run finds out, and how fast they are sent.
    pub fn requests(&self) -> Vec<(String, Pace)> {
        self.asks.iter().map(|ask| (request::whole(ask), request::pace(ask))).collect()
    }
}

impl When {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            When::Always => "always",
            When::Optional => "tokens-optional",
            When::Required => "tokens-required",
            When::Intrusive => "intrusive",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Unseen => "unseen",
        })
    }
}
