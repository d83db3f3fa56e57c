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
                return Err(JsonError::new(&format_args!(
                    "unknown key `{key}`; known keys: {}",
                    Names(self.names, ", ")
                ))
                .at(Step::Key(key.as_ref().into())));
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
