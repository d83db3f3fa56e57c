//! JSON values, and errors with the path of a value.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::Printer;
use crate::write::{Quoted, contains};

/// A JSON value. An object has its members in the order of the text, including repeated keys.
pub enum JsonNode<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// A number with a fraction, an exponent or more than 64 bits. No type reads one.
    Float,
    Text(Cow<'a, str>),
    List(Vec<JsonNode<'a>>),
    Object(Vec<(Cow<'a, str>, JsonNode<'a>)>),
    /// The key of a map's member, to be read as a value. Parsing does not create it.
    Key(&'a str),
}

/// One step of a path.
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The path as text, for example `network_interfaces[0].mac`; `.` if it is empty.
pub(super) fn display_path(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    if text.is_empty() { ".".to_string() } else { text }
}

/// An error and its path, the innermost step first.
pub struct JsonError {
    pub(super) path: Vec<Step>,
    pub(super) reason: String,
}

impl JsonError {
    pub fn new(reason: &dyn fmt::Display) -> JsonError {
        JsonError { path: Vec::new(), reason: reason.to_string() }
    }

    pub(super) fn at(mut self, step: Step) -> JsonError {
        self.path.push(step);
        self
    }
}

impl JsonNode<'_> {
    /// The error for a node that is something else than expected.
    pub fn unexpected(&self, expected: &dyn fmt::Display) -> JsonError {
        JsonError::new(&format_args!("expected {expected}, found {self}"))
    }

    /// Writes the node as JSON.
    pub fn write(&self, to: &mut Printer) -> Result<(), JsonError> {
        match self {
            JsonNode::Null => to.word("null"),
            JsonNode::Bool(value) => to.word(if *value { "true" } else { "false" }),
            JsonNode::Unsigned(value) => to.number(*value),
            JsonNode::Signed(value) => to.word(&value.to_string()),
            JsonNode::Float => return Err(JsonError::new(&format_args!("{self} is not supported: use a string"))),
            JsonNode::Text(text) => to.text(text),
            JsonNode::Key(text) => to.text(text),
            JsonNode::List(items) => {
                to.open(b'[');
                for (index, item) in items.iter().enumerate() {
                    to.next();
                    item.write(to).map_err(|error| error.at(Step::Index(index)))?;
                }
                to.close(b']');
            }
            JsonNode::Object(members) => {
                to.open(b'{');
                for (key, value) in members {
                    to.next();
                    to.name(key);
                    value.write(to).map_err(|error| error.at(Step::Key(key.to_string())))?;
                }
                to.close(b'}');
            }
        }
        Ok(())
    }

    /// The text of a node that is one. `expected` is for the error.
    pub fn text(&self, expected: &str) -> Result<&str, JsonError> {
        match self {
            JsonNode::Text(text) => Ok(text),
            JsonNode::Key(text) => Ok(text),
            _ => Err(self.unexpected(&expected)),
        }
    }
}

/// The node in an error message.
impl fmt::Display for JsonNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonNode::Null => f.write_str("`null`"),
            JsonNode::Bool(value) => write!(f, "`{value}`"),
            JsonNode::Unsigned(value) => write!(f, "the number {value}"),
            JsonNode::Signed(value) => write!(f, "the number {value}"),
            JsonNode::Float => f.write_str("a number with a fraction, an exponent or more than 64 bits"),
            // A secret in the wrong place stays out of the error.
            JsonNode::Text(text) if contains(text, "PRIVATE KEY") => f.write_str("a private key"),
            JsonNode::Text(text) => write!(f, "the string {}", Quoted(text)),
            JsonNode::Key(text) => write!(f, "the string {}", Quoted(text)),
            JsonNode::List(_) => f.write_str("a list"),
            JsonNode::Object(_) => f.write_str("an object"),
        }
    }
}
