use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::Ipv4Addr;

use imds::connection::KeepAlive;
use imds::record::MetadataOptionsChange;
use imds::seed::Seed;
use imds::time::Timestamp;

/// A parsed transcript.
#[derive(Debug, Clone)]
pub struct Transcript {
    pub(super) claim: String,
    pub(super) steps: Vec<Step>,
    /// The text after the last step.
    pub(super) rest: String,
    pub(super) limits: Vec<String>,
}

/// A step, for tools that run the steps in another way.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Step {
    /// The text of the step, with the comments and empty lines before it.
    pub source: String,
    pub action: Action,
    pub expected: Vec<String>,
    /// The number of the step's first line, from 1.
    pub line: usize,
}

#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Action {
    NamedInstance(String),
    Instance(String),
    NamedFleet(String),
    Fleet(String),
    At(Recipient),
    Call(String),
    Clock(Timestamp),
    /// In milliseconds.
    Wait(u64),
    Seed(Seed),
    KeepAlive(KeepAlive),
    Modify {
        change: MetadataOptionsChange,
        after_millis: u64,
    },
    Restart,
    Throttled,
    Connect,
    End,
    Stall,
    Send(Vec<Fragment>),
}

/// The instance that connections are made to.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Recipient {
    /// The instance that was launched first.
    First,
    Address(Ipv4Addr),
    Id(String),
}

/// A part of the bytes that a step sends.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Fragment {
    Bytes(Vec<u8>),
    /// The token that was issued last.
    Token,
}

impl Transcript {
    /// The claim, without `# `.
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The names of the limits that the transcript covers.
    pub fn limits(&self) -> &[String] {
        &self.limits
    }

    #[doc(hidden)]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The inputs of the steps, in order, without running them. `token` replaces `{token}`.
    pub fn inputs(&self, token: &str) -> impl Iterator<Item = Input<'_>> {
        self.steps.iter().filter_map(move |step| step.action.input(token))
    }
}

/// The input of one step.
#[derive(Clone, PartialEq, Eq)]
pub enum Input<'a> {
    /// Bytes that a client sends.
    Bytes(Vec<u8>),
    /// A request to EC2's Query API, as a URL-encoded form.
    Form(&'a str),
    /// A record, as JSON.
    Record(&'a str),
    /// A fleet, as JSON.
    Fleet(&'a str),
}

impl Action {
    fn input(&self, token: &str) -> Option<Input<'_>> {
        Some(match self {
            Action::Send(fragments) => Input::Bytes(concat(fragments, token.as_bytes())),
            Action::Call(form) => Input::Form(form),
            Action::Instance(json) => Input::Record(json),
            Action::Fleet(json) => Input::Fleet(json),
            _ => return None,
        })
    }
}

/// The bytes of the fragments.
#[doc(hidden)]
pub fn concat(fragments: &[Fragment], token: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for fragment in fragments {
        bytes.extend_from_slice(match fragment {
            Fragment::Bytes(bytes) => bytes,
            Fragment::Token => token,
        });
    }
    bytes
}

/// The error if a text is not a transcript, or a step cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptError {
    /// The line, from 1.
    pub line: usize,
    /// The problem with the line.
    pub reason: String,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for TranscriptError {}
