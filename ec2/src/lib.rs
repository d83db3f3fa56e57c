//! The EC2 side of an instance: a fleet of instances with addresses and a life cycle, and EC2's Query API over it.
//!
//! [`Fleet`] launches, stops, starts and terminates instances of the `imds` crate. [`query::handle`] answers calls of EC2's
//! API. Like `imds`, this crate has no I/O, no clock and no randomness: the time, the seed and the nonces are arguments.

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
