//! The core as a module of WebAssembly, for the JavaScript beside it (`js/`), which gives it the shape that people use.
//!
//! It converts, and decides nothing about IMDS. What costs time crosses the boundary as numbers in linear memory
//! (`exchange.rs` says which), everything else as text.
//!
//! **No type here is for use from Rust, and nothing of it is stable:** `index.d.ts` is the interface.

#![no_std]

extern crate alloc;
// Elsewhere than in WebAssembly this is only checked, by an allocator and a panic handler that are there.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

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
mod transcript;
mod connection;
#[cfg(feature = "tables")]
mod tables;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is our bug. It ends the module, as JavaScript is told by the trap; what it would say stays out of the module.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
