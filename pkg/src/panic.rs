//! Panics with their message, in the debug build.

use alloc::string::ToString;
use core::panic::PanicInfo;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The error of a trap.
    #[wasm_bindgen(js_namespace = WebAssembly)]
    type RuntimeError;

    #[wasm_bindgen(constructor, js_namespace = WebAssembly)]
    fn new(message: &str) -> RuntimeError;
}

/// Throws place and message of the panic, with the names of the functions in the error's `stack`.
#[panic_handler]
fn throw(info: &PanicInfo<'_>) -> ! {
    wasm_bindgen::throw_val(RuntimeError::new(&info.to_string()).into())
}

/// Panics, to test how a host reports it.
#[wasm_bindgen]
pub fn panic(message: &str) {
    panic!("{message}");
}
