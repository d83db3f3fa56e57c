//! Recorded exchanges as text: a story that is read, run against the core, and written anew.
//!
//! The first line is the story's claim. Then come steps, each followed by what it brings:
//!
//! ```text
//! # A token is asked for with PUT.
//! instance default                        a record by name, or in JSON up to an empty line or what it brings
//! fleet article-fleet                     many instances, likewise
//! at 10.0.0.68                            whom the next connections are for, by address or id; the first if not said
//! ec2 Action=TerminateInstances           calls EC2's API (feature `control`); lines that begin with & go on with it
//! clock 2026-01-01T00:00:00Z              sets the time
//! wait 250ms                              lets time pass: ms, s, min or h
//! seed 2a                                 the next instance's seed
//! keep-alive on                           for the next connections: on or off
//! modify {"http_tokens":"required"} after 2s
//! restart                                 stopped and started: a new generation
//! throttled                               the next request is one too many
//! connect                                 a new connection; one is made where none is open
//! end                                     the asker sends no more
//! stall                                   the asker takes no more bytes
//! limit head-bytes                        names a limit that the story is about
//! > GET /{a*100} HTTP/1.1                 sends a line; consecutive lines are sent at once
//! > X-Aws-Ec2-Metadata-Token: {token}     the token that was issued last
//! >- GET                                  sends without the line's end
//! < HTTP/1.1 200 OK                       a line of the answer
//! = rule serve.v1                         the rule that decided
//! = hop-limit 1                           how far the answer may travel
//! = close Answered                        the connection ended, and why
//! = drain Unframed                        it ends once what is still coming was dropped
//! = silence                               no answer came
//! = event launched i-034109c70aaa4b055    what happened to an instance of the fleet
//! ```
//!
//! Lines sent end with CR LF; `\r`, `\n`, `\t`, `\\`, `\{` and `\xHH` stand for one byte. An answer's head is shown line by line,
//! then an empty line, then the body with each line feed as a new line, so that the text determines every byte. In what is
//! expected, `{token}` stands for any token and a line `< {body}` for any body. `#` begins a comment.

mod parse;
mod run;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::Ipv4Addr;

pub use run::{Chunking, Difference, Run};

use imds::connection::KeepAlive;
use imds::record::MetadataOptionsChange;
use imds::seed::Seed;
use imds::time::Timestamp;

/// A story: its claim and its steps.
#[derive(Debug, Clone)]
pub struct Transcript {
    claim: String,
    steps: Vec<Step>,
    /// What stands after the last step.
    rest: String,
    limits: Vec<String>,
}

#[derive(Debug, Clone)]
struct Step {
    /// Comments, empty lines and the step's own lines, as they were written.
    source: String,
    action: Action,
    /// What the step brings, and the number of its first line.
    expected: Vec<String>,
    line: usize,
}

#[derive(Debug, Clone)]
enum Action {
    NamedInstance(String),
    Instance(String),
    NamedFleet(String),
    Fleet(String),
    At(Whom),
    Call(String),
    Clock(Timestamp),
    Wait(u64),
    Seed(Seed),
    KeepAlive(KeepAlive),
    Modify { change: MetadataOptionsChange, after: u64 },
    Restart,
    Throttled,
    Connect,
    End,
    Stall,
    Send(Vec<Piece>),
}

/// Whom connections are for.
#[derive(Debug, Clone)]
enum Whom {
    First,
    Address(Ipv4Addr),
    Id(String),
}

#[derive(Debug, Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Token,
}

impl Transcript {
    /// The claim: the first line.
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The limits that the story says it is about.
    pub fn limits(&self) -> &[String] {
        &self.limits
    }

    /// What the steps put in, in their order, with this text in place of the token that was issued last. For whoever begins with
    /// what is known to work, or known not to, and goes on from there.
    pub fn inputs(&self, token: &str) -> impl Iterator<Item = Input<'_>> {
        self.steps.iter().filter_map(move |step| step.action.input(token))
    }
}

/// What one step of a story puts in.
#[derive(Clone, PartialEq, Eq)]
pub enum Input<'a> {
    /// Bytes to a connection.
    Bytes(Vec<u8>),
    /// A form to EC2's API.
    Form(&'a str),
    /// An instance's record, as JSON.
    Record(&'a str),
    /// A fleet, as JSON.
    Fleet(&'a str),
}

impl Action {
    fn input(&self, token: &str) -> Option<Input<'_>> {
        Some(match self {
            Action::Send(pieces) => Input::Bytes(sent(pieces, token.as_bytes())),
            Action::Call(form) => Input::Form(form),
            Action::Instance(json) => Input::Record(json),
            Action::Fleet(json) => Input::Fleet(json),
            _ => return None,
        })
    }
}

/// The bytes of these pieces, one behind the other.
fn sent(pieces: &[Piece], token: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend_from_slice(match piece {
            Piece::Bytes(piece) => piece,
            Piece::Token => token,
        });
    }
    bytes
}

/// A text that is no transcript, or one that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for TranscriptError {}
