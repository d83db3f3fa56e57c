//! The parts of a message's bytes.

use alloc::string::{String, ToString};

use imds_conformance::spans;
use wasm_bindgen::prelude::wasm_bindgen;

/// The parts of a request or response in order: one line each, with its name and length in bytes.
#[wasm_bindgen]
pub fn spans_of(message: &[u8], is_response: bool) -> String {
    let spans = if is_response { spans::of_response(message) } else { spans::of_request(message) };
    let mut text = String::new();
    for span in spans {
        text.push_str(span.part.name());
        text.push(' ');
        text.push_str(&span.range.len().to_string());
        text.push('\n');
    }
    text
}
