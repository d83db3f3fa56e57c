//! Conversion of values to JSON and back.

use alloc::string::String;

use super::node::display_path;
use super::parse::parse;
use super::{JsonError, JsonNode, Printer};
use crate::record::error::RecordError;

/// A type with a form in JSON: a record or a part of one.
///
/// It is used as `dyn Json`, so that one function reads all objects, one all lists and one all
/// maps.
pub trait Json {
    /// A value to read into. **It can be one that the type does not allow**: it is dropped if
    /// reading fails.
    #[doc(hidden)]
    fn placeholder() -> Self
    where
        Self: Sized;

    /// Reads a node into a placeholder.
    #[doc(hidden)]
    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError>;

    #[doc(hidden)]
    fn write(&self, to: &mut Printer);

    /// Whether the value is the one of an absent key. An object omits such a key if it is optional.
    #[doc(hidden)]
    fn is_default(&self) -> bool {
        false
    }
}

/// Reads a value from JSON.
///
/// # Errors
///
/// If `json` is not valid JSON, or not a value of the type. The error has the path of the key.
pub fn read_json<T: Json>(json: &str) -> Result<T, RecordError> {
    let mut read = T::placeholder();
    read_into(json, &mut read)?;
    Ok(read)
}

fn read_into(json: &str, into: &mut dyn Json) -> Result<(), RecordError> {
    let tree = parse(json)?;
    into.read(&tree).map_err(|JsonError { mut path, reason }| {
        path.reverse();
        RecordError::new(&display_path(&path), reason)
    })
}

/// The value as JSON on one line.
pub fn write_compact(value: &dyn Json) -> String {
    write(value, false)
}

/// The value as JSON with one line for each member and item.
pub fn write_pretty(value: &dyn Json) -> String {
    write(value, true)
}

fn write(value: &dyn Json, is_pretty: bool) -> String {
    let mut printer = Printer::new(is_pretty);
    value.write(&mut printer);
    printer.finish()
}
