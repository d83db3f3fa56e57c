//! Reading and writing strings, numbers, lists and maps.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::convert::Infallible;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::node::Step;
use super::{Json, JsonError, JsonNode, Printer};
use crate::http::{HopLimit, Profile};
use crate::record::Map;
use crate::time::Timestamp;
use crate::version::Version;

/// Implements `Json` for types with a form as a string, with a function that reads it and one that
/// writes it.
#[doc(hidden)]
#[macro_export]
macro_rules! json_string {
    ($($name:ty, $wanted:literal, $blank:expr, $read:expr, $text:expr;)*) => {$(
        impl $crate::record::json::Json for $name {
            fn placeholder() -> $name {
                $blank
            }

            fn read(&mut self, node: &$crate::record::json::JsonNode<'_>) -> Result<(), $crate::record::json::JsonError> {
                *self = $read(node.text($wanted)?).map_err(|error| $crate::record::json::JsonError::new(&error))?;
                Ok(())
            }

            fn write(&self, to: &mut $crate::record::json::Printer) {
                to.text($text(self).as_ref());
            }
        }
    )*};
}

json_string! {
    String, "a string", String::new(), |text: &str| Ok::<_, Infallible>(text.to_string()), String::as_str;
    &'static Profile, "a string", &Profile::NITRO, Profile::from_name, |profile: &&'static Profile| profile.name;
    Version, "a string", Version::NEWEST, Version::named, |version: &Version| version.name();
    Timestamp, "an RFC 3339 date and time such as \"2020-09-26T14:28:58Z\"", Timestamp::EPOCH, Timestamp::parse_rfc3339,
        Timestamp::to_string;
    Ipv4Addr, "an IPv4 address", Ipv4Addr::UNSPECIFIED, str::parse::<Ipv4Addr>, Ipv4Addr::to_string;
    Ipv6Addr, "an IPv6 address", Ipv6Addr::UNSPECIFIED, str::parse::<Ipv6Addr>, Ipv6Addr::to_string;
}

/// Reads a number from a first to a last one.
pub fn read_number(node: &JsonNode<'_>, first: u64, last: u64) -> Result<u64, JsonError> {
    let number = match node {
        JsonNode::Key(key) => key.parse().ok(),
        JsonNode::Unsigned(number) => Some(*number),
        _ => None,
    };
    let number = number.filter(|number| (first..=last).contains(number));
    number.ok_or_else(|| node.unexpected(&format_args!("a whole number from {first} to {last}")))
}

macro_rules! numbers {
    ($($name:ident to $last:expr;)*) => {$(
        impl Json for $name {
            fn placeholder() -> $name {
                0
            }

            fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
                *self = read_number(node, 0, $last)? as $name;
                Ok(())
            }

            fn write(&self, to: &mut Printer) {
                to.number(*self as u64);
            }

            fn is_default(&self) -> bool {
                *self == 0
            }
        }
    )*};
}

numbers! {
    u32 to u32::MAX.into();
    u64 to u64::MAX;
    // The same on every platform.
    usize to u32::MAX.into();
}

impl Json for bool {
    fn placeholder() -> bool {
        false
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        let JsonNode::Bool(value) = node else { return Err(node.unexpected(&"`true` or `false`")) };
        *self = *value;
        Ok(())
    }

    fn write(&self, to: &mut Printer) {
        to.word(if *self { "true" } else { "false" });
    }

    fn is_default(&self) -> bool {
        !*self
    }
}

impl Json for HopLimit {
    fn placeholder() -> HopLimit {
        HopLimit::MIN
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        let (first, last) = (HopLimit::MIN.get(), HopLimit::MAX.get());
        let JsonNode::Unsigned(number) = node else {
            return Err(node.unexpected(&format_args!("a whole number from {first} to {last}")));
        };
        *self = HopLimit::try_from(*number).map_err(|error| JsonError::new(&error))?;
        Ok(())
    }

    fn write(&self, to: &mut Printer) {
        to.number(self.get().into());
    }
}

impl<T: Json> Json for Option<T> {
    fn placeholder() -> Option<T> {
        None
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        match node {
            JsonNode::Null => Ok(()),
            _ => self.insert(T::placeholder()).read(node),
        }
    }

    fn write(&self, to: &mut Printer) {
        match self {
            Some(value) => value.write(to),
            None => to.word("null"),
        }
    }

    fn is_default(&self) -> bool {
        self.is_none()
    }
}

impl<T: Json> Json for Vec<T> {
    fn placeholder() -> Vec<T> {
        Vec::new()
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        let JsonNode::List(items) = node else { return Err(node.unexpected(&"a list")) };
        self.reserve_exact(items.len());
        read_items(items, &mut |item| {
            self.push(T::placeholder());
            self.last_mut().map_or(Ok(()), |last| last.read(item))
        })
    }

    fn write(&self, to: &mut Printer) {
        to.open(b'[');
        for item in self {
            to.next();
            item.write(to);
        }
        to.close(b']');
    }

    fn is_default(&self) -> bool {
        self.is_empty()
    }
}

/// A list of two items.
impl<A: Json, B: Json> Json for (A, B) {
    fn placeholder() -> (A, B) {
        (A::placeholder(), B::placeholder())
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        let JsonNode::List(items) = node else { return Err(node.unexpected(&PAIR)) };
        let mut slots = [Some(&mut self.0 as &mut dyn Json), Some(&mut self.1)];
        let mut place = 0;
        read_items(items, &mut |item| {
            let slot = slots.get_mut(place).and_then(Option::take);
            place += 1;
            slot.map_or(Ok(()), |slot| slot.read(item))
        })?;
        match items.len() {
            2 => Ok(()),
            len => Err(JsonError::new(&format_args!("expected {PAIR}, found {len} items"))),
        }
    }

    fn write(&self, to: &mut Printer) {
        to.open(b'[');
        for item in [&self.0 as &dyn Json, &self.1] {
            to.next();
            item.write(to);
        }
        to.close(b']');
    }
}

const PAIR: &str = "a list of 2 items";

fn read_items(
    items: &[JsonNode<'_>],
    read: &mut dyn FnMut(&JsonNode<'_>) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    items.iter().enumerate().try_for_each(|(index, item)| read(item).map_err(|fault| fault.at(Step::Index(index))))
}

/// Objects with arbitrary keys, which are strings or numbers.
macro_rules! maps {
    ($($map:ident)*) => {$(
        impl<K: Json + Ord, V: Json> Json for $map<K, V> {
            fn placeholder() -> $map<K, V> {
                $map::new()
            }

            fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
                let JsonNode::Object(members) = node else { return Err(node.unexpected(&"an object")) };
                read_members(members, &mut |key, value| {
                    let (mut read_key, mut read_value) = (K::placeholder(), V::placeholder());
                    read_key.read(key)?;
                    read_value.read(value)?;
                    self.insert(read_key, read_value);
                    Ok(())
                })
            }

            fn write(&self, to: &mut Printer) {
                to.open(b'{');
                for (key, value) in self {
                    to.next();
                    to.key(&mut |to| key.write(to));
                    value.write(to);
                }
                to.close(b'}');
            }

            fn is_default(&self) -> bool {
                self.is_empty()
            }
        }
    )*};
}

maps!(BTreeMap Map);

type ReadMember<'m> = dyn FnMut(&JsonNode<'_>, &JsonNode<'_>) -> Result<(), JsonError> + 'm;

fn read_members(members: &[(Cow<'_, str>, JsonNode<'_>)], read: &mut ReadMember<'_>) -> Result<(), JsonError> {
    members.iter().try_for_each(|(key, value)| {
        read(&JsonNode::Key(key), value).map_err(|fault| fault.at(Step::Key(key.to_string())))
    })
}
