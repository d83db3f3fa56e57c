#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

//! lib
extern crate alloc;

pub mod admission;
pub mod catalogue;
pub mod connection;
pub mod instance;
pub mod limits;
pub mod record;
pub mod seed;
pub mod source;
pub mod throttle;
pub mod time;
pub mod token;
pub mod transcript;
pub mod version;
pub mod wire;
mod write;

pub use connection::Connection;
pub use instance::{Answer, Instance};
pub use record::Record;
pub use seed::Seed;
pub use throttle::Throttle;
pub use time::Timestamp;
