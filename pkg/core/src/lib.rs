//! The protocol core behind a C ABI: a WebAssembly module that imports nothing, and a native
//! library with the same functions.
//!
//! `docs/abi.md` documents the ABI and `include/imds.h` declares it. This crate checks handles,
//! converts arguments and results, and decides nothing about IMDS. **No item here is for use from
//! Rust, and none is stable:** use the crate `imds`.

#![no_std]

extern crate alloc;
// A native library has std's allocator and panic handler.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

#[macro_use]
mod memory;
#[cfg(feature = "explain")]
mod explain;
mod exports;
mod fault;
mod layout;
mod service;
mod slab;

pub use exports::*;
pub use fault::{
    IMDS_ERROR_ARGUMENT, IMDS_ERROR_HANDLE, IMDS_ERROR_INCOMPLETE, IMDS_ERROR_MEMORY, IMDS_ERROR_NO_INSTANCE,
    IMDS_ERROR_RECORD,
};
#[cfg(feature = "explain")]
pub use layout::Change;
pub use layout::{Exchange, Options, Text, Timeout, Transmit};
pub use memory::{Export, imds_abi_version, imds_free, imds_last_error, imds_last_error_code, imds_new};
pub use service::Service;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a bug in this project. It ends the module with a trap, which the host catches.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
