//! EC2's Query API over a [`Fleet`](crate::Fleet): a form in, XML out.
//!
//! [`handle`] answers one request. It does not depend on HTTP: the caller passes the body of a
//! POST, or the query string of a GET, and sends the [`QueryResponse`]. Signatures are not
//! verified: the caller decides who may call the API.
//!
//! **A request that is rejected leaves the fleet unchanged, byte for byte.** So does a request with
//! `DryRun`.
//!
//! ```
//! use imds::{Nonce, Seed, Timestamp};
//! use imds_ec2::{Fleet, query};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
//! let launch = b"Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1";
//! let response = query::handle(&mut fleet, now, launch, Nonce::new(1));
//! assert_eq!(response.status, 200);
//! assert!(response.body.into_bytes().starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RunInstancesResponse "));
//! assert_eq!(fleet.len(), 1);
//!
//! let stop = b"Action=StopInstances&Version=2016-11-15";
//! let response = query::handle(&mut fleet, now, stop, Nonce::new(2));
//! assert_eq!((response.status, response.error.map(|code| code.name)), (400, Some("MissingParameter")));
//! # Ok(())
//! # }
//! ```

mod action;
mod actions;
mod call;
mod dispatch;
mod error;
mod filters;
mod form;
mod model;
mod operation;
mod paging;
mod params;
mod response;
mod steps;
mod xml;

pub use dispatch::{actions, error_body, handle, has_action, is_read_only, parameters, reject_over_limit};
pub use error::{ERROR_CODES, ErrorCode};
pub use model::constants::{VERSION, VERSIONS};
pub use response::{Body, QueryResponse};
