//! Reading and writing structs and enums.

use core::fmt;

use super::node::Step;
use super::{Json, JsonError, JsonNode, Printer};

/// The keys of an object.
pub struct JsonShape {
    /// All known keys, the required ones first. At most 64.
    pub names: &'static [&'static str],
    /// The number of required keys.
    pub needed: usize,
    /// Whether unknown keys are ignored. Otherwise they are an error.
    pub takes_others: bool,
}

impl JsonShape {
    /// Reads an object's members into slots, which are in the order of the keys.
    pub fn read(&self, node: &JsonNode<'_>, slots: &mut [&mut dyn Json]) -> Result<(), JsonError> {
        let JsonNode::Object(members) = node else {
            return Err(node.unexpected(&"an object"));
        };
        let mut seen: u64 = 0;
        for (key, value) in members {
            let place = self.names.iter().position(|name| name == key);
            let Some((place, slot)) = place.and_then(|place| Some((place, slots.get_mut(place)?))) else {
                if self.takes_others {
                    continue;
                }
                return Err(self.unknown(key).at(Step::Key(key.as_ref().into())));
            };
            if seen & (1 << place) != 0 {
                return Err(JsonError::new(&format_args!("the key `{key}` occurs twice")));
            }
            seen |= 1 << place;
            slot.read(value).map_err(|fault| fault.at(Step::Key(key.as_ref().into())))?;
        }
        match self.names[..self.needed].iter().enumerate().find(|(place, _)| seen & (1 << place) == 0) {
            Some((_, name)) => Err(JsonError::new(&format_args!("missing key `{name}`"))),
            None => Ok(()),
        }
    }

    /// The error for an unknown key. It has the most similar known key. If none is similar, it has the
    /// list of known keys, or refers to the documentation if the list is long and the key is not
    /// empty.
    fn unknown(&self, key: &str) -> JsonError {
        if let Some(name) = most_similar(key, self.names) {
            JsonError::new(&format_args!("unknown key `{key}`: did you mean `{name}`?"))
        } else if self.names.len() <= SHORT_LIST || key.is_empty() {
            JsonError::new(&format_args!("unknown key `{key}`; known keys: {}", Names(self.names, ", ")))
        } else {
            JsonError::new(&format_args!("unknown key `{key}`: docs/record.md has the known keys"))
        }
    }

    /// Writes an object, without optional keys that have the value of an absent one.
    pub fn write(&self, slots: &[&dyn Json], to: &mut Printer) {
        to.open(b'{');
        for (place, (name, slot)) in self.names.iter().zip(slots).enumerate() {
            if place < self.needed || !slot.is_default() {
                to.next();
                to.name(name);
                slot.write(to);
            }
        }
        to.close(b'}');
    }
}

/// An enum whose variants have names in EC2's API.
pub trait Word: Copy + PartialEq + 'static {
    /// The default first.
    const ALL: &'static [Self];
    /// The name of each.
    const WORDS: &'static [&'static str];
}

/// Reads one of these words. Returns its index.
pub fn read_word(node: &JsonNode<'_>, words: &[&str]) -> Result<usize, JsonError> {
    let index = match node {
        JsonNode::Text(text) => words.iter().position(|word| *word == text.as_ref()),
        JsonNode::Key(text) => words.iter().position(|word| word == text),
        _ => None,
    };
    index.ok_or_else(|| node.unexpected(&Names(words, " or ")))
}

/// The name that is most similar to a misspelled one, if it differs by one edit, or by two if it is
/// long.
pub fn most_similar<'n>(misspelled: &str, names: &[&'n str]) -> Option<&'n str> {
    let is_similar = |edits: usize, name: &str| {
        edits <= (name.len() / 4).max(1) && is_within(edits, misspelled.as_bytes(), name.as_bytes())
    };
    (1..=2).find_map(|edits| names.iter().copied().find(|name| is_similar(edits, name)))
}

/// Returns whether this many edits make one text from the other, regardless of case. An edit
/// inserts, removes or replaces a byte, or swaps it with the next.
fn is_within(edits: usize, one: &[u8], other: &[u8]) -> bool {
    let same = one.iter().zip(other).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
    let (one, other) = (&one[same..], &other[same..]);
    if one.is_empty() && other.is_empty() {
        return true;
    }
    let Some(edits) = edits.checked_sub(1) else { return false };
    let (one_rest, other_rest) = (one.get(1..).unwrap_or_default(), other.get(1..).unwrap_or_default());
    is_within(edits, one_rest, other_rest)
        || is_within(edits, one_rest, other)
        || is_within(edits, one, other_rest)
        || matches!((one, other), ([a, b, one @ ..], [c, d, other @ ..])
            if a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c) && is_within(edits, one, other))
}

/// Keys that an error lists.
const SHORT_LIST: usize = 8;

/// Names in an error message, with a separator between them.
struct Names<'a>(&'a [&'a str], &'static str);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            write!(f, "{}`{name}`", if index > 0 { self.1 } else { "" })?;
        }
        Ok(())
    }
}

/// Implements `Json` for structs. A field that is left out does not compile, because a placeholder
/// has them all.
///
/// A field's key is its name, or another one: `field = "key"`.
#[doc(hidden)]
#[macro_export]
macro_rules! json_struct {
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    ($($name:ident {
        $(needed { $($needed:ident $(= $needed_key:literal)?),* $(,)? })?
        $(optional { $($optional:ident $(= $optional_key:literal)?),* $(,)? })?
        $(others $takes_others:literal)?
    })*) => {$(
        impl $name {
            const SHAPE: $crate::record::json::JsonShape = $crate::record::json::JsonShape {
                names: &[
                    $($($crate::json_struct!(@key $needed $($needed_key)?),)*)?
                    $($($crate::json_struct!(@key $optional $($optional_key)?),)*)?
                ],
                needed: { let needed: &[&str] = &[$($(stringify!($needed)),*)?]; needed.len() },
                takes_others: false $(|| $takes_others)?,
            };
        }

        impl $crate::record::json::Json for $name {
            fn placeholder() -> $name {
                const { assert!($name::SHAPE.names.len() <= 64) };
                $name {
                    $($($needed: $crate::record::json::Json::placeholder(),)*)?
                    $($($optional: $crate::record::json::Json::placeholder(),)*)?
                }
            }

            fn read(&mut self, node: &$crate::record::json::JsonNode<'_>) -> Result<(), $crate::record::json::JsonError> {
                $name::SHAPE.read(node, &mut [$($(&mut self.$needed,)*)? $($(&mut self.$optional,)*)?])
            }

            fn write(&self, to: &mut $crate::record::json::Printer) {
                $name::SHAPE.write(&[$($(&self.$needed,)*)? $($(&self.$optional,)*)?], to);
            }

            fn is_default(&self) -> bool {
                let slots: &[&dyn $crate::record::json::Json] = &[$($(&self.$optional,)*)?];
                $name::SHAPE.needed == 0 && slots.iter().all(|slot| slot.is_default())
            }
        }
    )*};
}

/// Implements `Word` and `Json` for enums. The default is the first variant.
#[doc(hidden)]
#[macro_export]
macro_rules! json_enum {
    ($($name:ident: $($choice:ident)*;)*) => {$(
        impl $crate::record::json::Word for $name {
            const ALL: &'static [$name] = &[$($name::$choice),*];
            const WORDS: &'static [&'static str] = &[$($name::$choice.name()),*];
        }

        impl $crate::record::json::Json for $name {
            fn placeholder() -> $name {
                <$name as $crate::record::json::Word>::ALL[0]
            }

            fn read(&mut self, node: &$crate::record::json::JsonNode<'_>) -> Result<(), $crate::record::json::JsonError> {
                let words = <$name as $crate::record::json::Word>::WORDS;
                let place = $crate::record::json::read_word(node, words)?;
                *self = <$name as $crate::record::json::Word>::ALL[place];
                Ok(())
            }

            fn write(&self, to: &mut $crate::record::json::Printer) {
                to.text(self.name());
            }

            fn is_default(&self) -> bool {
                *self == <$name as $crate::record::json::Json>::placeholder()
            }
        }
    )*};
}
