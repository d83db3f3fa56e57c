//! The EC2 instance metadata service protocol, IMDSv1 and IMDSv2, as a sans-IO state machine.
//!
//! Programs on an EC2 instance read facts about it over plain HTTP from `169.254.169.254`: its
//! addresses, its user data, and credentials for its IAM role. This is the instance metadata
//! service (IMDS). In IMDSv2 a program first requests a session token with a PUT and sends it with
//! each GET.
//!
//! This crate implements the server side of the protocol. It takes bytes, the time and a nonce, and
//! returns bytes, a hop limit and the reason for its decision. It opens no socket, reads no clock,
//! generates no randomness and writes no log. So the same code runs in a server, a virtual machine
//! monitor, a test and a browser. It is `no_std` and needs `alloc`. It has no features.
//!
//! # Example
//!
//! ```
//! use imds::connection::{CloseReason, KeepAlive, State};
//! use imds::{Connection, Context, Instance, Nonce, Record, Seed, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! // A record describes an instance. Values that it omits are generated from the seed.
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let record = Record::from_json(r#"{ "instance_type": "t3.micro", "metadata_options": { "http_tokens": "required" } }"#)?;
//! let instance = Instance::new(&record, &Seed::parse_hex("2a")?, now)?;
//!
//! // A connection takes received bytes in pieces of any size.
//! let mut connection = Connection::new(now, KeepAlive::Off);
//! connection.receive(now, b"PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\n");
//! assert!(connection.poll_request(now).is_none());
//! connection.receive(now, b"X-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n");
//!
//! // The instance answers a whole request. The nonce makes its token unique.
//! let request = connection.poll_request(now).ok_or("the request is whole")?;
//! let answer = instance.answer(now, &request, Context::new(Nonce::new(1)));
//! assert_eq!(answer.rule().id, "serve.token");
//! connection.respond(now, &answer.response)?;
//!
//! // The hop limit is the IP TTL of the packets. With 1, the token does not leave the machine.
//! let transmit = connection.poll_transmit().ok_or("the response is queued")?;
//! assert_eq!(transmit.hop_limit.map(|limit| limit.get()), Some(1));
//! assert!(transmit.bytes.starts_with(b"HTTP/1.1 200 OK\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n"));
//! let token = String::from_utf8(transmit.bytes[transmit.bytes.len() - 56..].to_vec())?;
//! let sent = transmit.bytes.len();
//! connection.advance_transmit(now, sent);
//!
//! // Like EC2, the connection closes after each response.
//! assert_eq!(connection.close_reason(), Some(CloseReason::Answered));
//! assert_eq!(connection.state(), State::Closed);
//!
//! // The token opens a session until its TTL has passed.
//! let get = |now, token: &str| {
//!     let head = format!("GET /latest/meta-data/placement/region HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
//!     let mut connection = Connection::new(now, KeepAlive::Off);
//!     connection.receive(now, head.as_bytes());
//!     let request = connection.poll_request(now).expect("the request is whole");
//!     let answer = instance.answer(now, &request, Context::new(Nonce::new(2)));
//!     (answer.rule().id, answer.session.map(|session| session.remaining))
//! };
//! assert_eq!(get(now.saturating_add_seconds(25), &token), ("serve.v2", Some(35)));
//! assert_eq!(get(now.saturating_add_seconds(60), &token), ("token.expired", None));
//! assert_eq!(get(now, "not a token"), ("token.length", None));
//! # Ok(())
//! # }
//! ```
//!
//! # Modules
//!
//! | module | content |
//! |---|---|
//! | [`connection`] | one TCP stream: framing, limits, timeouts, when it closes and why |
//! | [`http`] | parsing of request heads, and writing of responses as a [`Profile`](http::Profile) does |
//! | [`rules`] | the ordered rules that decide a request, and the trace of their verdicts |
//! | [`token`] | session tokens, which are sealed and not stored |
//! | [`metadata`] | the metadata tree, in every version |
//! | [`record`] | the description of an instance, as JSON and with its defaults |
//! | [`instance`] | an instance, its metadata options over time, and its answers |
//! | [`explain`] | what would change a decision |
//! | [`time`], [`seed`], [`throttle`] | timestamps, the secret of an instance, a rate limiter |
//! | [`limits`], [`source`], [`version`] | bounds, evidence for behaviours, and metadata versions, as tables |
//!
//! Two crates build on this one. `imds-ec2` manages a fleet of instances and has an EC2 Query API.
//! `imds-conformance` has transcripts and checks for any implementation.
//!
//! The real service has two generations that differ on the wire, [`Nitro`](http::Profile::NITRO)
//! and [`Xen`](http::Profile::XEN). The instance type selects one.
//!
//! # Guarantees
//!
//! * **No input causes a panic.** A malformed request gets a response, and a malformed record is an
//!   error.
//! * **Answering takes `&Instance` and allocates nothing** except the bytes of the response. An
//!   issued token takes no memory.
//! * **The same inputs produce the same bytes** on every platform.
//! * **Every answer names the rule that decided it**, and each rule cites its evidence
//!   ([`source`]).
//! * **No trace and no `Debug` output contains a secret.**
//!
//! All credentials that it serves are generated. AWS rejects them.

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
mod scratch;
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
pub use scratch::Scratch;
pub use seed::Seed;
pub use throttle::Throttle;
pub use time::Timestamp;
pub use token::Nonce;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
