use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter::successors;

use super::context::ReadContext;
use super::path::Segment;
use super::value::Value;
use crate::record::{Interface, Line, Map, Name, Role};
use crate::write::{ShortText, push_decimal, push_lines};

/// The members of a directory of values: their names and values.
#[derive(Clone, Copy)]
pub(super) enum Members<'a> {
    None,
    Lines(&'a Map<Name, Line>),
    Texts(&'a Map<Name, String>),
    Tags(&'a BTreeMap<String, String>),
    Role(&'a Role),
    /// The public addresses of an interface, with the private address of each.
    Associations(&'a Interface),
}

impl<'a> Members<'a> {
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        match self {
            Members::None => true,
            Members::Lines(map) => map.is_empty(),
            Members::Texts(map) => map.is_empty(),
            Members::Tags(tags) => tags.is_empty(),
            Members::Role(_) => false,
            Members::Associations(interface) => interface.public_ipv4s.is_empty(),
        }
    }

    /// The value of the member with that index, in the order of [`find`](Members::find).
    pub fn value(self, index: usize) -> Option<Value<'a>> {
        match self {
            Members::None => None,
            Members::Lines(map) => map.values().nth(index).map(|line| Value::Text(line)),
            Members::Texts(map) => map.values().nth(index).map(|text| Value::Text(text)),
            Members::Tags(tags) => tags.values().nth(index).map(|text| Value::Text(text)),
            Members::Role(role) => (index == 0).then_some(Value::RoleCredentials(role)),
            Members::Associations(interface) => {
                interface.public_ipv4s.get(index)?;
                interface.local_ipv4s.get(index).copied().map(Value::Ipv4)
            }
        }
    }

    /// The index of the member that a segment names.
    pub fn find(self, segment: Segment<'_>) -> Option<usize> {
        if let Members::Associations(interface) = self {
            let mut addresses = interface.public_ipv4s.iter();
            return addresses.position(|address| segment.is(ShortText::of(address).as_str()));
        }
        (0..).map_while(|index| self.name(index)).position(|name| segment.is(name))
    }

    /// Appends the names, sorted, with line feeds between them.
    pub fn push_names(self, out: &mut Vec<u8>) {
        let push = |name: &str, out: &mut Vec<u8>| out.extend_from_slice(name.as_bytes());
        match self {
            Members::Associations(interface) => {
                let texts = interface.public_ipv4s.iter().map(ShortText::of);
                push_lines(sorted(texts), out, |address, out| push(address.as_str(), out));
            }
            Members::Tags(tags) => push_lines(tags.keys(), out, |key, out| push(key, out)),
            _ => push_lines((0..).map_while(|index| self.name(index)), out, push),
        }
    }

    /// The name of a member. Maps are sorted by name.
    fn name(self, index: usize) -> Option<&'a str> {
        let name: &str = match self {
            Members::None | Members::Associations(_) => return None,
            Members::Lines(map) => map.keys().nth(index)?,
            Members::Texts(map) => map.keys().nth(index)?,
            Members::Tags(tags) => tags.keys().nth(index)?,
            Members::Role(role) if index == 0 => &role.name,
            Members::Role(_) => return None,
        };
        Some(name)
    }
}

/// The members of a directory of directories. An index among them is the scope of the rows below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scopes {
    Interfaces,
    PublicKeys,
}

impl Scopes {
    pub fn is_empty(self, context: &ReadContext<'_>) -> bool {
        match self {
            Scopes::Interfaces => context.details.interfaces.is_empty(),
            Scopes::PublicKeys => context.record().public_keys.is_empty(),
        }
    }

    /// The index of the directory that a segment names.
    pub fn find(self, context: &ReadContext<'_>, segment: Segment<'_>) -> Option<usize> {
        match self {
            Scopes::Interfaces => {
                context.details.interfaces.iter().position(|interface| segment.is(interface.mac.as_str()))
            }
            Scopes::PublicKeys => {
                (0..context.record().public_keys.len()).find(|index| segment.is(ShortText::of(index).as_str()))
            }
        }
    }

    /// Appends the names as they are listed: interfaces by address; public keys as `0=name`, the
    /// one kind of name in a listing that is not the name in a path.
    pub fn push_names(self, context: &ReadContext<'_>, out: &mut Vec<u8>) {
        match self {
            Scopes::Interfaces => {
                let addresses = context.details.interfaces.iter().map(|interface| interface.mac);
                push_lines(sorted(addresses), out, |mac, out| {
                    out.extend_from_slice(mac.as_str().as_bytes());
                    out.push(b'/');
                });
            }
            Scopes::PublicKeys => {
                push_lines(context.record().public_keys.iter().enumerate(), out, |(index, key), out| {
                    push_decimal(index as u64, out);
                    out.push(b'=');
                    out.extend_from_slice(key.name.as_bytes());
                });
            }
        }
    }
}

/// A few items in order, without an allocation to sort them in.
fn sorted<T: Ord + Copy>(items: impl Iterator<Item = T> + Clone) -> impl Iterator<Item = T> {
    successors(items.clone().min(), move |last| items.clone().filter(|item| item > last).min())
}
