//! Conformance checks for the EC2 instance metadata protocol (IMDSv1 and IMDSv2), for any
//! implementation of it.
//!
//! * [`run()`] sends the requests of every [`Check`] to an [`Endpoint`] and evaluates the
//!   responses. Each check names the [behaviour](fidelity) that it tests and how that behaviour is
//!   known: seen in raw exchanges with the real service, documented by AWS, inferred or chosen.
//! * [`transcript`] reads recorded exchanges and replays them against the `imds` crate.
//! * [`spans`] splits the bytes of a message into named parts, for display.
//!
//! The crate does no I/O and has no clock: the caller implements [`Endpoint`]. A run sends GET,
//! HEAD and OPTIONS, a PUT for a token, and requests with methods that are rejected. It sends
//! malformed or large requests only if [`CheckOptions::intrusive`] is set.
//!
//! **A report contains no token, credential or metadata value**, only statuses, header names and
//! lengths.
//!
//! # Example
//!
//! An endpoint within the process. A socket works the same way: connect, write the request, read
//! until [`RawResponse::is_whole`] or the end of the stream.
//!
//! ```
//! use imds::connection::{Connection, KeepAlive, State};
//! use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
//! use imds_conformance::{CheckOptions, Endpoint, NoReply, Outcome, Pace, RawResponse, run};
//!
//! struct InProcess {
//!     instance: Instance,
//!     now: Timestamp,
//!     nonce: u64,
//! }
//!
//! impl Endpoint for InProcess {
//!     fn host(&self) -> &str {
//!         "169.254.169.254"
//!     }
//!
//!     fn send(&mut self, request: &[u8], _pace: Pace) -> Result<RawResponse, NoReply> {
//!         let mut connection = Connection::new(self.now, KeepAlive::Off);
//!         connection.receive(self.now, request);
//!         let mut bytes = Vec::new();
//!         if let Some(request) = connection.poll_request(self.now) {
//!             self.nonce += 1;
//!             let context = Context::new(Nonce::new(self.nonce));
//!             let answer = self.instance.answer(self.now, &request, context);
//!             connection.respond(self.now, &answer.response).expect("a request is pending");
//!         }
//!         while let Some(transmit) = connection.poll_transmit() {
//!             bytes.extend_from_slice(transmit.bytes);
//!             let length = transmit.bytes.len();
//!             connection.advance_transmit(self.now, length);
//!         }
//!         Ok(RawResponse { bytes, closed: connection.state() != State::Open })
//!     }
//!
//!     fn wait(&mut self, millis: u64) {
//!         self.now = self.now.saturating_add_millis(millis);
//!     }
//! }
//!
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let record = Record::from_json(r#"{"instance_type": "t3.micro"}"#)?;
//! let instance = Instance::new(&record, &Seed::parse_hex("2a")?, now)?;
//! let report = run(&mut InProcess { instance, now, nonce: 0 }, CheckOptions::default())?;
//! assert_eq!(report.profile.name, "nitro");
//! assert!(report.findings.iter().all(|finding| finding.outcome != Outcome::Failed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod checks;
pub mod fidelity;
mod run;
pub mod spans;
pub mod transcript;

pub use checks::{CHECKS, Check, Condition, Expect, PLACEHOLDERS, Pace};
pub use run::{CheckOptions, Endpoint, Finding, NoReply, Outcome, RawResponse, Report, error_page, run};
