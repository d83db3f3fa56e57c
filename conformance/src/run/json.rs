use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

/// The names of a JSON document's members; none of what is JSON and no object; nothing of what is no JSON.
pub(super) fn members(text: &[u8]) -> Option<Vec<String>> {
    let value: Value = serde_json::from_slice(text).ok()?;
    Some(value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default())
}
