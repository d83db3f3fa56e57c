//! The parser: text to nodes.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::JsonNode;
use super::node::{Step, display_path};
use crate::record::error::RecordError;

pub(super) fn parse(json: &str) -> Result<JsonNode<'_>, RecordError> {
    if let Some(reason) = other_format(json) {
        return Err(RecordError::new(".", reason));
    }
    let path = RefCell::new(Vec::new());
    let mut parser = serde_json::Deserializer::from_str(json);
    let parsed = Parse { path: &path }.deserialize(&mut parser).and_then(|tree| {
        path.borrow_mut().clear();
        parser.end().map(|()| tree)
    });
    parsed.map_err(|error| RecordError::new(&display_path(&path.borrow()), error))
}

/// The error for a text that is in another format than JSON, and that the parser would only call
/// unexpected.
fn other_format(text: &str) -> Option<&'static str> {
    let text = text.trim_ascii_start();
    match *text.as_bytes() {
        [] => Some("it is empty: expected a JSON object"),
        [0xef, 0xbb, 0xbf, ..] => Some("it begins with a byte order mark (U+FEFF): save it as UTF-8 without one"),
        [b'/', b'/' | b'*', ..] => Some("it begins with a comment, which JSON does not have: remove it"),
        [b'#', ..] | [b'-', b'-' | b' ', ..] => Some(YAML),
        [b'a'..=b'z' | b'A'..=b'Z', ..] if text.lines().next().is_some_and(|line| line.contains(':')) => Some(YAML),
        _ => None,
    }
}

const YAML: &str = "it looks like YAML: convert it to JSON";

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
