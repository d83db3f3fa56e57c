//! Paths of the metadata tree that a record adds.

use alloc::format;
use alloc::string::{String, ToString};
use core::borrow::Borrow;
use core::ops::Deref;

use super::json::{Json, JsonError, JsonNode, Printer};
use super::validated::TextError;
use super::{Map, RecordError};
use crate::json_string;
use crate::limits;

/// A path below a version: segments with slashes between them, for example
/// `meta-data/new-category`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExtraPath(String);

/// The value at an [`ExtraPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtraValue {
    /// A text, served unchanged.
    Text(String),
    /// A JSON value that is not a string, as it is served: on one line.
    Json(String),
}

impl ExtraValue {
    /// The value as it is served.
    pub fn as_str(&self) -> &str {
        let (ExtraValue::Text(text) | ExtraValue::Json(text)) = self;
        text
    }
}

impl TryFrom<&str> for ExtraPath {
    type Error = TextError;

    fn try_from(path: &str) -> Result<ExtraPath, TextError> {
        if path.len() > limits::EXTRA_PATH_BYTES {
            return Err(TextError("a path has at most 1024 bytes"));
        }
        if path.chars().any(char::is_control) || path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(TextError(
                "a path has no control character, and no segment of it is empty, `.` or `..`: for example \
                 `meta-data/new-category`",
            ));
        }
        Ok(ExtraPath(path.into()))
    }
}

impl Deref for ExtraPath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ExtraPath {
    fn borrow(&self) -> &str {
        self
    }
}

json_string! {
    ExtraPath, "a string", ExtraPath(String::new()), ExtraPath::try_from, Deref::deref;
}

impl Json for ExtraValue {
    fn placeholder() -> ExtraValue {
        ExtraValue::Text(String::new())
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        *self = match node {
            JsonNode::Text(text) => ExtraValue::Text(text.to_string()),
            JsonNode::Null => return Err(node.unexpected(&"a string or JSON")),
            _ => {
                let mut printer = Printer::new(false);
                node.write(&mut printer)?;
                ExtraValue::Json(printer.finish())
            }
        };
        if self.as_str().len() > limits::EXTRA_VALUE_BYTES {
            return Err(JsonError::new(&"a value has at most 65536 bytes"));
        }
        Ok(())
    }

    fn write(&self, to: &mut Printer) {
        match self {
            ExtraValue::Text(text) => to.text(text),
            ExtraValue::Json(json) => to.word(json),
        }
    }
}

/// Checks the number of paths, and that none of them is a directory of another one.
pub(super) fn check(extra: &Map<ExtraPath, ExtraValue>) -> Result<(), RecordError> {
    if extra.len() > limits::EXTRA_PATHS {
        return Err(RecordError::new("extra", format!("at most {} paths are allowed", limits::EXTRA_PATHS)));
    }
    for path in extra.keys() {
        let mut parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some(parent) = parents.find(|parent| extra.get(*parent).is_some()) {
            return Err(extra_error(path, &format!("`{parent}` is a value of `extra` and not a directory")));
        }
    }
    Ok(())
}

/// The error for a path of `extra`.
#[doc(hidden)]
pub fn extra_error(path: &str, reason: &str) -> RecordError {
    RecordError::new(&format!("extra.{path}"), reason)
}
