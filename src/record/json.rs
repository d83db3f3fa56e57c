//! JSON as it is written down: read into a tree, and the tree into whatever is made of it.
//!
//! The tree is why an error can say where it is, and why each type's reader is compiled once, for one source and one kind of
//! error. Readers that track where they are while they parse cost twice as much in wasm.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::RecordError;

/// Reads something of JSON. An error names where it is.
pub fn read_json<T: DeserializeOwned>(json: &str) -> Result<T, RecordError> {
    let tree = parse(json)?;
    T::deserialize(&tree).map_err(|Fault { mut path, reason }| {
        path.reverse();
        RecordError { path: told(&path), reason }
    })
}

/// A value of JSON. An object keeps its members as they come, twice the same among them.
enum Node<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// Of no use to anybody here.
    Fraction,
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
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

fn parse(json: &str) -> Result<Node<'_>, RecordError> {
    let path = RefCell::new(Vec::new());
    let mut parser = serde_json::Deserializer::from_str(json);
    let parsed = Grow { path: &path }.deserialize(&mut parser).and_then(|tree| {
        path.borrow_mut().clear();
        parser.end().map(|()| tree)
    });
    parsed.map_err(|error| RecordError { path: told(&path.borrow()), reason: error.to_string() })
}

/// Makes a node of whatever comes. The path is that of the value that is being read, and stays where reading ends.
#[derive(Clone, Copy)]
struct Grow<'p> {
    path: &'p RefCell<Vec<Step>>,
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Signed(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node<'de>, E> {
        Ok(Node::Fraction)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        loop {
            self.path.borrow_mut().push(Step::Index(list.len()));
            let item = items.next_element_seed(self)?;
            self.path.borrow_mut().pop();
            match item {
                Some(item) => list.push(item),
                None => return Ok(Node::List(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(key) = members.next_key_seed(self)? {
            // JSON has no other keys.
            let Node::Text(key) = key else { continue };
            self.path.borrow_mut().push(Step::Key(key.to_string()));
            let value = members.next_value_seed(self)?;
            self.path.borrow_mut().pop();
            object.push((key, value));
        }
        Ok(Node::Object(object))
    }
}

/// What is wrong, and where: the innermost step first.
#[derive(Debug)]
struct Fault {
    path: Vec<Step>,
    reason: String,
}

impl Fault {
    fn at(mut self, step: Step) -> Fault {
        self.path.push(step);
        self
    }
}

impl Fault {
    fn new(reason: impl fmt::Display) -> Fault {
        Fault { path: Vec::new(), reason: reason.to_string() }
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(reason: T) -> Fault {
        Fault::new(reason)
    }

    // serde's own words for these know floating-point numbers, whose spelling is 16 KB in wasm.
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn de::Expected) -> Fault {
        Fault::new(format_args!("invalid type: {}, expected {wanted}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn de::Expected) -> Fault {
        Fault::new(format_args!("invalid value: {}, expected {wanted}", Found(found)))
    }
}

/// What is there in place of what is wanted, in serde's words.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "boolean `{value}`"),
            Unexpected::Unsigned(value) => write!(f, "integer `{value}`"),
            Unexpected::Signed(value) => write!(f, "integer `{value}`"),
            Unexpected::Str(text) => write!(f, "string {text:?}"),
            Unexpected::Seq => f.write_str("sequence"),
            Unexpected::Map => f.write_str("map"),
            Unexpected::Other(what) => f.write_str(what),
            _ => f.write_str("something else"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl core::error::Error for Fault {}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&told(core::slice::from_ref(self)))
    }
}

impl Node<'_> {
    /// It is not what somebody wants.
    fn refuse(&self, wanted: &dyn de::Expected) -> Fault {
        de::Error::invalid_type(
            match self {
                Node::Null => Unexpected::Other("null"),
                Node::Bool(value) => Unexpected::Bool(*value),
                Node::Unsigned(value) => Unexpected::Unsigned(*value),
                Node::Signed(value) => Unexpected::Signed(*value),
                Node::Fraction => Unexpected::Other("number with a fraction"),
                Node::Text(text) => Unexpected::Str(text),
                Node::List(_) => Unexpected::Seq,
                Node::Object(_) => Unexpected::Map,
            },
            wanted,
        )
    }
}

/// Each kind is read for itself: a reader for any kind would have all of the others in it, for every type anew.
impl<'de> Deserializer<'de> for &Node<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Unsigned(value) => visitor.visit_u64(*value),
            Node::Signed(value) => visitor.visit_i64(*value),
            Node::Text(text) => visitor.visit_str(text),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Unsigned(value) => visitor.visit_u64(*value),
            Node::Signed(value) => visitor.visit_i64(*value),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Text(text) => visitor.visit_str(text),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Object(members) => visitor.visit_map(Members { members, next: 0 }),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Node::Text(_) => visitor.visit_enum(Word(self)),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 f32 f64 char bytes byte_buf unit unit_struct tuple_struct
    }
}

/// The rest of a list.
struct Items<'a> {
    items: &'a [Node<'a>],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(item).map(Some).map_err(|fault| fault.at(Step::Index(index)))
    }
}

/// The rest of an object.
struct Members<'a> {
    members: &'a [(Cow<'a, str>, Node<'a>)],
    next: usize,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.members.get(self.next) else { return Ok(None) };
        let read = seed.deserialize(&Node::Text(Cow::Borrowed(key)));
        read.map(Some).map_err(|fault| fault.at(Step::Key(key.to_string())))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, value)) = self.members.get(self.next) else {
            return Err(de::Error::custom("a key without a value"));
        };
        self.next += 1;
        seed.deserialize(value).map_err(|fault| fault.at(Step::Key(key.to_string())))
    }
}

/// A variant without anything in it, which is all that records have.
struct Word<'a>(&'a Node<'a>);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        Ok((seed.deserialize(self.0)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Fault> {
        Err(self.0.refuse(&"an object"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        Err(self.0.refuse(&visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        Err(self.0.refuse(&visitor))
    }
}
