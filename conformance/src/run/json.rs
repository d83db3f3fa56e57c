use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

/// The member names of a JSON object, or none for another JSON value. `None` if the text is not
/// JSON.
pub(super) fn members(text: &[u8]) -> Option<Vec<String>> {
    let value: Value = serde_json::from_slice(text).ok()?;
    Some(value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default())
}
