//! The EC2 side of an instance: a fleet of instances with addresses and states, and EC2's Query
//! API.
//!
//! [`Fleet`] launches, stops, starts and terminates instances of the `imds` crate.
//! [`query::handle`] answers requests of EC2's Query API. Like `imds`, this crate has no I/O, no
//! clock and no randomness: the time, the seed and the nonces are arguments.
//!
//! The life of one instance: it is launched, answers a request for metadata, stops and terminates.
//!
//! ```
//! use imds::connection::KeepAlive;
//! use imds::{Connection, Context, Nonce, Record, Seed, Timestamp};
//! use imds_ec2::Fleet;
//! use imds_ec2::fleet::{InstanceState, Launch};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
//! let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
//! let id = fleet.launch(now, &Launch::new(record))?.remove(0);
//!
//! // A request that a shell has received from the address of the instance.
//! let mut connection = Connection::new(now, KeepAlive::Off);
//! connection.receive(now, b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n");
//! let request = connection.poll_request(now).ok_or("a complete request")?;
//! let address = fleet.instance(&id).ok_or("launched")?.instance().details().primary().local_ipv4s[0];
//! let instance = fleet.find_by_address(now, address.into()).ok_or("running")?;
//! let answer = instance.instance().answer(now, &request, Context::new(Nonce::new(1)));
//! let mut response = Vec::new();
//! answer.write(&mut response);
//! assert!(response.ends_with(id.as_bytes()));
//!
//! fleet.stop(now, &id)?;
//! assert!(fleet.find_by_address(now, address.into()).is_none(), "a stopped instance does not answer");
//! let change = fleet.terminate(now, &id)?;
//! assert_eq!((change.previous, change.current), (InstanceState::Stopped, InstanceState::ShuttingDown));
//!
//! while let Some(event) = fleet.poll_event() {
//!     println!("{} {}", event.instance, event.kind.name());
//! }
//! # Ok(())
//! # }
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod fleet;
pub mod query;

pub use fleet::Fleet;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
