//! Texts that the metadata tree can serve unchanged.

use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt;
use core::ops::Deref;

use crate::json_string;
use crate::write::{Escaped, hex_digits};

/// One line of text: 1 to 1,024 bytes without control characters. Clones share the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(Arc<str>);

/// A line that can be a path segment: no `/`, and neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// The key of a tag: 1 to 255 characters. The metadata does not show all keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagKey(Arc<str>);

/// A MAC address: six octets, printed in lower case with colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac {
    text: [u8; Mac::CHARS],
}

/// A text without the required form. The message has the form, and not the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextError(pub(super) &'static str);

impl Mac {
    const CHARS: usize = 17;

    /// Creates an address.
    pub fn new(octets: [u8; 6]) -> Mac {
        let mut text = [b':'; Mac::CHARS];
        for (at, octet) in octets.into_iter().enumerate() {
            text[at * 3..at * 3 + 2].copy_from_slice(&hex_digits(octet));
        }
        Mac { text }
    }

    /// The address as it is printed.
    pub fn as_str(&self) -> &str {
        // Hexadecimal digits and colons, by construction.
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl TryFrom<String> for Line {
    type Error = TextError;

    fn try_from(text: String) -> Result<Line, TextError> {
        Line::try_from(text.as_str())
    }
}

impl TryFrom<&str> for Line {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Line, TextError> {
        if (1..=1024).contains(&text.len()) && !text.chars().any(char::is_control) {
            Ok(Line(text.into()))
        } else {
            Err(TextError("a line is 1 to 1024 bytes without control characters"))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = TextError;

    fn try_from(text: String) -> Result<Name, TextError> {
        Name::try_from(text.as_str())
    }
}

impl TryFrom<&str> for Name {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Name, TextError> {
        match Line::try_from(text) {
            Ok(Line(text)) if !text.contains('/') && !matches!(&*text, "." | "..") => Ok(Name(text)),
            _ => Err(TextError("a name is a line without `/`, and neither `.` nor `..`")),
        }
    }
}

impl Line {
    /// Creates a line from a text that is one.
    #[doc(hidden)]
    pub fn generated(text: &str) -> Line {
        debug_assert!(Line::try_from(text).is_ok(), "not a line: {text}");
        Line(text.into())
    }
}

impl Name {
    /// Creates a name from a text that is one.
    #[doc(hidden)]
    pub fn generated(text: &str) -> Name {
        debug_assert!(Name::try_from(text).is_ok(), "not a name: {text}");
        Name(text.into())
    }
}

impl TryFrom<String> for TagKey {
    type Error = TextError;

    fn try_from(text: String) -> Result<TagKey, TextError> {
        TagKey::try_from(text.as_str())
    }
}

impl TryFrom<&str> for TagKey {
    type Error = TextError;

    fn try_from(text: &str) -> Result<TagKey, TextError> {
        if (1..=255).contains(&text.chars().count()) {
            Ok(TagKey(text.into()))
        } else {
            Err(TextError("a tag key is 1 to 255 characters"))
        }
    }
}

/// The error for a tag key that the metadata cannot show, in EC2's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataTagKeyError(pub String);

impl MetadataTagKeyError {
    /// Checks that the metadata can show all of these keys: each is 1 to 255 of
    /// `0-9a-zA-Z-_+=,.@:`, and not `.`, `..` or `_index`.
    ///
    /// # Errors
    ///
    /// The first key that it cannot show.
    pub fn check<'k>(keys: impl IntoIterator<Item = &'k str>) -> Result<(), MetadataTagKeyError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+=,.@:".contains(&byte);
        let is_shown = |key: &str| {
            (1..=255).contains(&key.len()) && key.bytes().all(allowed) && !matches!(key, "." | ".." | "_index")
        };
        match keys.into_iter().find(|key| !is_shown(key)) {
            Some(key) => Err(MetadataTagKeyError(key.into())),
            None => Ok(()),
        }
    }
}

/// Source: observed many times, with both backslashes. Hidden characters are escaped here.
impl fmt::Display for MetadataTagKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}", Escaped(&self.0))?;
        f.write_str(
            "' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{1,255}), and must not be a \
             reserved name ('.', '..', '_index')",
        )
    }
}

impl core::error::Error for MetadataTagKeyError {}

impl TryFrom<String> for Mac {
    type Error = TextError;

    fn try_from(text: String) -> Result<Mac, TextError> {
        Mac::try_from(text.as_str())
    }
}

impl TryFrom<&str> for Mac {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Mac, TextError> {
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            *octet = parts
                .next()
                .filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|part| u8::from_str_radix(part, 16).ok())
                .ok_or(MAC_ERROR)?;
        }
        if parts.next().is_some() { Err(MAC_ERROR) } else { Ok(Mac::new(octets)) }
    }
}

impl From<Mac> for String {
    fn from(mac: Mac) -> String {
        mac.as_str().into()
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                (*text).into()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self)
            }
        }
    )*};
}

text!(Line Name TagKey);

json_string! {
    Line, "a string", Line(Arc::default()), Line::try_from, Deref::deref;
    Name, "a string", Name(Arc::default()), Name::try_from, Deref::deref;
    TagKey, "a string", TagKey(Arc::default()), TagKey::try_from, Deref::deref;
    Mac, "a string", Mac::new([0; 6]), Mac::try_from, Mac::as_str;
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for TextError {}

const MAC_ERROR: TextError = TextError("a MAC address is six pairs of hexadecimal digits with colons between them");
