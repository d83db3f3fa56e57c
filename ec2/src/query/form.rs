use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, INVALID_CHARACTER, INVALID_QUERY_PARAMETER, MALFORMED_QUERY_STRING, Result};
use super::steps::Steps;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imds::record::Line;
use imds::record::json::Word;

/// The parameters of a request.
///
/// The getters return `None` for a parameter that is absent or not of the requested type. The
/// [parameter check](super::params::check) has rejected wrong types before.
#[derive(Clone)]
pub(super) struct QueryForm {
    parameters: BTreeMap<String, String>,
    filter_steps: Steps,
}

impl QueryForm {
    /// Parses `application/x-www-form-urlencoded`.
    pub fn parse(bytes: &[u8]) -> Result<QueryForm> {
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
        Ok(QueryForm { parameters, filter_steps: Steps::new() })
    }

    /// The steps that the filters of the request may use.
    pub fn filter_steps(&self) -> &Steps {
        &self.filter_steps
    }

    /// Removes the parameters for which `is_kept` returns false.
    pub fn retain(&mut self, is_kept: impl Fn(&str, &str) -> bool) {
        self.parameters.retain(|name, value| is_kept(name, value));
    }

    /// All parameters, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns whether the form has the parameter, a member of it or an item of it.
    pub fn has(&self, name: &str) -> bool {
        let from = self.parameters.range(name.to_owned()..).map(|(parameter, _)| parameter);
        let mut with_prefix = from.take_while(|parameter| parameter.starts_with(name));
        with_prefix.any(|parameter| matches!(parameter.as_bytes().get(name.len()), None | Some(b'.')))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    pub fn integer<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        self.text(name).and_then(parse_integer).and_then(|integer| T::try_from(integer).ok())
    }

    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.text(name).and_then(parse_boolean)
    }

    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.text(name).and_then(decode_base64)
    }

    /// A value of an enum, by its name in EC2's API.
    pub fn choice<T: Word>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        T::WORDS.iter().position(|word| *word == text).map(|index| T::ALL[index])
    }

    /// Sets `line` to the parameter, if the form has it.
    pub fn set_line(&self, name: &str, line: &mut Option<Line>) -> Result<()> {
        if let Some(text) = self.text(name) {
            *line = Some(parse_line(name, text)?);
        }
        Ok(())
    }

    /// The paths of a list's items (`Filter.1`, `Filter.2`, …), sorted by number.
    pub fn items(&self, list: &str) -> Vec<String> {
        let prefix = format!("{list}.");
        let with_prefix = self.parameters.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        let segments = with_prefix.filter_map(|(name, _)| name[prefix.len()..].split('.').next());
        let mut numbers: BTreeSet<u32> = BTreeSet::new();
        numbers.extend(segments.filter_map(parse_index));
        numbers.into_iter().map(|number| format!("{prefix}{number}")).collect()
    }

    /// The values of a list of texts.
    pub fn texts(&self, list: &str) -> Vec<&str> {
        self.items(list).iter().filter_map(|item| self.text(item)).collect()
    }
}

pub(super) fn parse_integer(text: &str) -> Option<i64> {
    text.parse::<i32>().ok().map(i64::from)
}

pub(super) fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let encoded: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(encoded).ok()
}

/// The number of a list's item, without leading zeros.
pub(super) fn parse_index(segment: &str) -> Option<u32> {
    let is_canonical =
        segment.bytes().all(|byte| byte.is_ascii_digit()) && (segment == "0" || !segment.starts_with('0'));
    segment.parse().ok().filter(|_| is_canonical)
}

/// A value that the metadata shows in one line. The error names the parameter.
pub(super) fn parse_line(name: &str, text: &str) -> Result<Line> {
    Line::try_from(text).map_err(|error| Error::value_of(name, text, &format!("The value is not one line: {error}.")))
}

/// Returns whether XML, and therefore a response, can contain the character.
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Checks escapes and UTF-8. `form_urlencoded` accepts malformed escapes as text and replaces bytes
/// that are not UTF-8 by U+FFFD.
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
