//! The core compiled to WebAssembly. `js/` wraps it in the interface of the npm package.
//!
//! This crate converts arguments and results and decides nothing about IMDS. Exchanges cross the
//! boundary as numbers in linear memory (see `exchange.rs`); everything else crosses it as text.
//!
//! **No type here is for use from Rust, and none is stable:** `index.d.ts` is the interface.

#![no_std]

extern crate alloc;
// Outside of WebAssembly this crate is only checked; std supplies the allocator and panic handler.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

mod connection;
#[cfg(feature = "ec2")]
mod ec2;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
mod fleet;
mod instances;
#[cfg(all(target_arch = "wasm32", feature = "debug"))]
mod panic;
mod service;
#[cfg(feature = "snapshot")]
mod snapshot;
mod spans;
#[cfg(feature = "tables")]
mod tables;
#[cfg(feature = "transcripts")]
mod transcript;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a bug in this project. It ends the module with a trap, which JavaScript catches; its
/// message is left out of the module.
#[cfg(all(target_arch = "wasm32", not(feature = "debug")))]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
