//! The EC2 instance metadata protocol, IMDSv1 and IMDSv2, as a state machine without I/O.
//!
//! An EC2 instance asks `169.254.169.254` who it is, and is told over plain HTTP: its addresses, its role's credentials, its
//! user data. Version 2 of the protocol asks for a session token first. This crate is the other end of that conversation. It
//! takes bytes, the time and a nonce, and gives back bytes, a hop limit and the reason for its decision. It opens no socket,
//! reads no clock, draws no randomness and writes no log, so that the same code runs in a server, in a virtual machine
//! monitor, in a test and in a browser.
//!
//! # One life of a request
//!
//! ```
//! use imds::connection::{CloseReason, KeepAlive, State};
//! use imds::{Connection, Context, Instance, Nonce, Record, Seed, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! // An instance is a record, filled up from a seed. The time is always an argument.
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let record = Record::from_json(r#"{ "instance_type": "t3.micro", "metadata_options": { "http_tokens": "required" } }"#)?;
//! let instance = Instance::new(&record, &Seed::parse_hex("2a")?, now)?;
//!
//! // A connection takes bytes as they come. Half a request is no error, and no request.
//! let mut connection = Connection::new(now, KeepAlive::Off);
//! connection.receive(now, b"PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\n");
//! assert!(connection.poll_request(now).is_none());
//! connection.receive(now, b"X-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n");
//!
//! // The whole request is answered by the instance. The nonce is what makes this token another than the next.
//! let request = connection.poll_request(now).ok_or("whole")?;
//! let answer = instance.answer(now, &request, Context::new(Nonce::new(1)));
//! assert_eq!(answer.rule().id, "serve.token");
//! connection.respond(now, &answer.response)?;
//!
//! // What is to be sent says how far it may travel: at 1, a token does not leave the machine.
//! let transmit = connection.poll_transmit().ok_or("an answer")?;
//! assert_eq!(transmit.hop_limit.map(|limit| limit.get()), Some(1));
//! assert!(transmit.bytes.starts_with(b"HTTP/1.1 200 OK\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n"));
//! let token = String::from_utf8(transmit.bytes[transmit.bytes.len() - 56..].to_vec())?;
//! let sent = transmit.bytes.len();
//! connection.advance_transmit(now, sent);
//!
//! // EC2 closes after each answer, and so does this; the reason is the flag.
//! assert_eq!(connection.close_reason(), Some(CloseReason::Answered));
//! assert_eq!(connection.state(), State::Closed);
//!
//! // With the token the metadata is read, for as long as the token lives.
//! let ask = |now, token: &str| {
//!     let head = format!("GET /latest/meta-data/placement/region HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
//!     let mut connection = Connection::new(now, KeepAlive::Off);
//!     connection.receive(now, head.as_bytes());
//!     let request = connection.poll_request(now).expect("a whole head is a request");
//!     let answer = instance.answer(now, &request, Context::new(Nonce::new(2)));
//!     (answer.rule().id, answer.session.map(|session| session.remaining))
//! };
//! assert_eq!(ask(now.saturating_add_seconds(25), &token), ("serve.v2", Some(35)));
//! assert_eq!(ask(now.saturating_add_seconds(60), &token), ("token.expired", None));
//! assert_eq!(ask(now, "made up"), ("token.length", None));
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! | module | what it does |
//! |---|---|
//! | [`connection`] | one stream: framing, limits, deadlines, when to close and why |
//! | [`http`] | one request head in, one response out, in the spelling of a [`Profile`](http::Profile) |
//! | [`rules`] | the ordered rules, and the trace of their verdicts |
//! | [`token`] | session tokens: sealed, not stored |
//! | [`metadata`] | the metadata tree, in every version |
//! | [`record`] | what is known of an instance, as JSON and filled up |
//! | [`instance`] | options over time; the answer |
//! | [`explain`] | what would have turned a decision |
//!
//! Two crates build on it: `imds-ec2` is the EC2 side of many instances (fleet and Query API), and `imds-conformance` has
//! transcripts and checks for any implementation.
//!
//! Two generations of the real service are known, [`Nitro`](http::Profile::NITRO) and [`Xen`](http::Profile::XEN), and differ
//! on the wire. The instance type selects one.
//!
//! # What it promises
//!
//! * **No input makes it panic.** What is wrong with a request is an answer; what is wrong with a record is an error.
//! * **Answering takes `&Instance` and allocates nothing** but the bytes of the answer. Nothing is kept for a token.
//! * **The same inputs give the same bytes**, on every platform.
//! * **Every answer names the rule that decided it**, and each rule says how it is known ([`source`]).
//! * **No secret in a trace or a `Debug`.**
//!
//! All credentials that it serves are made up.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

#[macro_use]
mod named;

pub mod connection;
pub mod explain;
pub mod http;
pub mod instance;
pub mod limits;
pub mod metadata;
pub mod record;
pub mod rules;
pub mod seed;
pub mod source;
pub mod throttle;
pub mod time;
pub mod token;
pub mod version;
#[doc(hidden)]
pub mod write;

pub use connection::Connection;
pub use instance::{Answer, Context, Instance};
pub use record::Record;
pub use seed::Seed;
pub use throttle::Throttle;
pub use time::Timestamp;
pub use token::Nonce;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
