use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, INVALID_CHARACTER, INVALID_QUERY_PARAMETER, MALFORMED_QUERY_STRING, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imds::record::json::Word;

/// The parameters of a request, each once.
///
/// The takers below give what is there. That it is of the right kind was seen to by the action's
/// [table](super::parameters), so what is not of the asked kind is not there.
pub(super) struct Form {
    parameters: BTreeMap<String, String>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(bytes: &[u8]) -> Result<Form> {
        check_encoding(bytes)?;
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if [&name, &value].iter().any(|text| text.chars().any(|character| !is_xml(character))) {
                return Err(Error::new(&INVALID_CHARACTER, "A specified character is invalid."));
            }
            let name = name.into_owned();
            if parameters.contains_key(&name) {
                let message = format!("The parameter {name} may be specified only once");
                return Err(Error::new(&INVALID_QUERY_PARAMETER, message));
            }
            parameters.insert(name, value.into_owned());
        }
        Ok(Form { parameters })
    }

    /// All parameters, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether anything is given of a parameter, of its members or of its items.
    pub fn has(&self, name: &str) -> bool {
        let starts = self.parameters.range(name.to_owned()..).map(|(given, _)| given);
        let mut within = starts.take_while(|given| given.starts_with(name));
        within.any(|given| matches!(given.as_bytes().get(name.len()), None | Some(b'.')))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    pub fn integer<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        self.text(name).and_then(as_integer).and_then(|integer| T::try_from(integer).ok())
    }

    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.text(name).and_then(as_boolean)
    }

    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.text(name).and_then(as_bytes)
    }

    /// A value that is one of a few, by the name that it has in EC2's API.
    pub fn choice<T: Word>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        T::WORDS.iter().position(|word| *word == text).map(|place| T::ALL[place])
    }

    /// The paths of a list's items (`Filter.1`, `Filter.2`, …), in the order of their numbers.
    pub fn items(&self, list: &str) -> Vec<String> {
        let start = format!("{list}.");
        let within = self.parameters.range(start.clone()..).take_while(|(name, _)| name.starts_with(&start));
        let segments = within.filter_map(|(name, _)| name[start.len()..].split('.').next());
        let mut numbers: BTreeSet<u32> = BTreeSet::new();
        numbers.extend(segments.filter_map(as_index));
        numbers.into_iter().map(|number| format!("{start}{number}")).collect()
    }

    /// The values of a list of texts.
    pub fn texts(&self, list: &str) -> Vec<&str> {
        self.items(list).iter().filter_map(|item| self.text(item)).collect()
    }
}

pub(super) fn as_integer(text: &str) -> Option<i64> {
    text.parse::<i32>().ok().map(i64::from)
}

pub(super) fn as_boolean(text: &str) -> Option<bool> {
    match text {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(super) fn as_bytes(text: &str) -> Option<Vec<u8>> {
    let encoded: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(encoded).ok()
}

/// An item's number, in the one spelling that it has.
pub(super) fn as_index(segment: &str) -> Option<u32> {
    let is_plain = segment.bytes().all(|byte| byte.is_ascii_digit()) && (segment == "0" || !segment.starts_with('0'));
    segment.parse().ok().filter(|_| is_plain)
}

/// Whether XML can hold the character, as an answer or an error has to.
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// `form_urlencoded` lets through what is wrong, an escape as it stands and a byte that is no UTF-8 as U+FFFD.
fn check_encoding(bytes: &[u8]) -> Result<()> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(Error::new(&MALFORMED_QUERY_STRING, "The query string contains a malformed escape"));
        };
        decoded.push((high * 16 + low) as u8);
    }
    match core::str::from_utf8(&decoded) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::new(&MALFORMED_QUERY_STRING, "The query string is not UTF-8")),
    }
}
