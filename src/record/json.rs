//! JSON as it is written down: read into a tree, and the tree into whatever is made of it.
//!
//! The tree is why an error can say where it is, and why a type is read by a table of its names and a list of its slots.

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

/// Reads something of JSON. An error names where it is.
pub fn read_json<T: Json>(json: &str) -> Result<T, RecordError> {
    let mut read = T::placeholder();
    read_into(json, &mut read)?;
    Ok(read)
}

fn read_into(json: &str, into: &mut dyn Json) -> Result<(), RecordError> {
    let tree = parse(json)?;
    into.read(&tree).map_err(|JsonError { mut path, reason }| {
        path.reverse();
        RecordError::new(&told(&path), reason)
    })
}

/// What can be read from JSON and written as JSON: records and what they are made of.
///
/// It is called through `dyn`, so that objects, lists and maps are read and written by one function each, whatever is in them.
pub trait Json {
    /// What stands there until something is read over it. **It need not be a sound value**: it is out of the reader's sight, and
    /// gone where reading fails.
    #[doc(hidden)]
    fn placeholder() -> Self
    where
        Self: Sized;

    /// Reads a node over a blank.
    #[doc(hidden)]
    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError>;

    #[doc(hidden)]
    fn write(&self, to: &mut Printer);

    /// Whether an object that may leave it out does: it is what a reader takes it for where it is not there.
    #[doc(hidden)]
    fn is_default(&self) -> bool {
        false
    }
}

/// A value of JSON. An object keeps its members as they come, twice the same among them.
pub enum JsonNode<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// With a fraction, an exponent or more than 64 bits: of no use to anybody here.
    Float,
    Text(Cow<'a, str>),
    List(Vec<JsonNode<'a>>),
    Object(Vec<(Cow<'a, str>, JsonNode<'a>)>),
    /// The key of a member, where a map has it read. No tree holds one.
    Key(&'a str),
}

/// One step of a path.
enum Step {
    Key(String),
    Index(usize),
}

/// As `network_interfaces[0].mac`; `.` for no step at all.
fn told(path: &[Step]) -> String {
    let mut told = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !told.is_empty() {
                    told.push('.');
                }
                told.push_str(key);
            }
            Step::Index(index) => {
                told.push('[');
                told.push_str(&index.to_string());
                told.push(']');
            }
        }
    }
    if told.is_empty() { ".".to_string() } else { told }
}

fn parse(json: &str) -> Result<JsonNode<'_>, RecordError> {
    let path = RefCell::new(Vec::new());
    let mut parser = serde_json::Deserializer::from_str(json);
    let parsed = Grow { path: &path }.deserialize(&mut parser).and_then(|tree| {
        path.borrow_mut().clear();
        parser.end().map(|()| tree)
    });
    parsed.map_err(|error| RecordError::new(&told(&path.borrow()), error))
}

/// Makes a node of whatever comes. The path is that of the value that is being read, and stays where reading ends.
#[derive(Clone, Copy)]
struct Grow<'p> {
    path: &'p RefCell<Vec<Step>>,
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = JsonNode<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonNode<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
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
            // JSON has no other keys.
            let JsonNode::Text(key) = key else { continue };
            self.path.borrow_mut().push(Step::Key(key.to_string()));
            let value = members.next_value_seed(self)?;
            self.path.borrow_mut().pop();
            object.push((key, value));
        }
        Ok(JsonNode::Object(object))
    }
}

/// What is wrong, and where: the innermost step first.
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
