//! A fleet: instances with ids, addresses and states.
//!
//! [`Fleet`] is a state machine like [`Connection`](imds::Connection). Operations take the time as
//! their first argument. [`Fleet::poll_event`] returns what happened, [`Fleet::poll_timeout`]
//! returns when to call [`Fleet::handle_timeout`].
//!
//! **A clone shares its data with the original and is cheap to make.** This has three uses: an
//! operation that fails leaves the fleet unchanged, a caller can try several operations on a clone
//! and keep all or none of them, and other threads can answer requests from a clone while the
//! original changes.
//!
//! ```
//! use imds_ec2::fleet::{Fleet, InstanceState, Launch};
//! use imds::{Record, Seed, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
//! let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
//! let ids = fleet.launch(now, &Launch::new(record).with_count(2))?;
//! let instance = fleet.instance(&ids[0]).ok_or("launched")?;
//! let address = instance.instance().details().primary().local_ipv4s[0];
//! assert_eq!(fleet.find_by_address(now, address.into()).map(|found| found.id()), Some(&ids[0]));
//!
//! fleet.terminate(now, &ids[0])?;
//! let state = fleet.instance(&ids[0]).map(|instance| instance.state(now));
//! assert_eq!(state, Some(InstanceState::Terminated));
//! assert!(fleet.find_by_address(now, address.into()).is_none(), "its address is free");
//! # Ok(())
//! # }
//! ```

mod account;
mod addresses;
mod attributes;
mod client_token;
mod endpoints;
mod error;
mod event;
#[expect(clippy::module_inception, reason = "the file is named after the type that it defines")]
mod fleet;
mod initial_file;
mod instance;
mod launch;
mod launch_seq;
mod lifecycle;
mod options;
mod plan;
mod replace;
mod settings;
mod shared;
mod snapshot;
mod state;
mod tags;
mod timeline;
mod virtual_clock;

pub use account::{AccountDefaults, Image};
pub use attributes::{ApiAttributes, Tenancy, Volume};
pub use client_token::ClientToken;
pub use error::FleetError;
pub use event::{Event, EventKind};
pub use fleet::Fleet;
pub use initial_file::DEFAULT_NEXT_INSTANCES;
pub use instance::FleetInstance;
pub use launch::Launch;
pub use launch_seq::LaunchSeq;
pub use plan::InstanceSelector;
pub use settings::Settings;
pub use snapshot::SNAPSHOT_VERSION;
pub use state::{InstanceState, StateChange};
pub use virtual_clock::{ClockSetBack, VirtualClock};
