//! Reading and writing JSON.
//!
//! JSON is parsed into a tree of nodes, which types are then read from. So an error has a path, and
//! one function reads all objects, given the keys and a reference to each field.

mod object;
mod print;
mod values;

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::RecordError;
use crate::write::Quoted;
pub use object::{JsonShape, Word, read_word};
pub use print::Printer;
pub use print::{write_compact, write_pretty};

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
enum Step {
    Key(String),
    Index(usize),
}

/// The path as text, for example `network_interfaces[0].mac`; `.` if it is empty.
fn display_path(path: &[Step]) -> String {
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

fn parse(json: &str) -> Result<JsonNode<'_>, RecordError> {
    let path = RefCell::new(Vec::new());
    let mut parser = serde_json::Deserializer::from_str(json);
    let parsed = Parse { path: &path }.deserialize(&mut parser).and_then(|tree| {
        path.borrow_mut().clear();
        parser.end().map(|()| tree)
    });
    parsed.map_err(|error| RecordError::new(&display_path(&path.borrow()), error))
}

/// Parses a node. `path` is the path of the value that is being parsed; after an error, of the
/// value with the error.
#[derive(Clone, Copy)]
struct Parse<'p> {
    path: &'p RefCell<Vec<Step>>,
}

impl<'de> DeserializeSeed<'de> for Parse<'_> {
    type Value = JsonNode<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonNode<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Parse<'_> {
    type Value = JsonNode<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Signed(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Float)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<JsonNode<'de>, E> {
        Ok(JsonNode::Text(Cow::Owned(value.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonNode<'de>, A::Error> {
        let mut list = Vec::new();
        loop {
            self.path.borrow_mut().push(Step::Index(list.len()));
            let item = items.next_element_seed(self)?;
            self.path.borrow_mut().pop();
            match item {
                Some(item) => list.push(item),
                None => return Ok(JsonNode::List(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonNode<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(key) = members.next_key_seed(self)? {
            // In JSON, all keys are strings.
            let JsonNode::Text(key) = key else { continue };
            self.path.borrow_mut().push(Step::Key(key.to_string()));
            let value = members.next_value_seed(self)?;
            self.path.borrow_mut().pop();
            object.push((key, value));
        }
        Ok(JsonNode::Object(object))
    }
}

/// An error and its path, the innermost step first.
pub struct JsonError {
    path: Vec<Step>,
    reason: String,
}

impl JsonError {
    pub fn new(reason: &dyn fmt::Display) -> JsonError {
        JsonError { path: Vec::new(), reason: reason.to_string() }
    }

    fn at(mut self, step: Step) -> JsonError {
        self.path.push(step);
        self
    }
}

impl JsonNode<'_> {
    /// The error for a node that is something else than expected.
    fn unexpected(&self, expected: &dyn fmt::Display) -> JsonError {
        JsonError::new(&format_args!("expected {expected}, found {self}"))
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
            JsonNode::Text(text) => write!(f, "the string {}", Quoted(text)),
            JsonNode::Key(text) => write!(f, "the string {}", Quoted(text)),
            JsonNode::List(_) => f.write_str("a list"),
            JsonNode::Object(_) => f.write_str("an object"),
        }
    }
}
