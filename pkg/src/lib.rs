//! The core as a module of WebAssembly, for the JavaScript beside it (`js/`), which gives it the shape that people use.
//!
//! It converts, and decides nothing about IMDS. What costs time crosses the boundary as numbers in linear memory
//! (`exchange.rs` says which), everything else as text.
//!
//! **No type here is for use from Rust, and nothing of it is stable:** `index.d.ts` is the interface.

#[cfg(feature = "ec2")]
mod ec2;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
mod fleet;
mod service;
#[cfg(feature = "snapshot")]
mod snapshot;
mod spans;
#[cfg(feature = "play")]
mod story;
mod stream;
#[cfg(feature = "tables")]
mod tables;
