//! Escapes characters that cannot be seen or that change how others are shown, which texts of users
//! can contain: one function for each format.

use std::borrow::Cow;

use imds::write::{Escaped, is_hidden};

/// Escapes plain text, of which line feeds are hidden characters too.
pub fn plain(text: &str) -> Cow<'_, str> {
    // Fast, because each line of the log comes here.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.into();
    }
    if text.contains(is_hidden) { Escaped(text).to_string().into() } else { text.into() }
}

/// Escapes JSON on one line. Outside of strings, JSON has no hidden characters but white space.
pub fn json(json: &str) -> Cow<'_, str> {
    if json.is_ascii() || !json.contains(is_hidden) {
        return json.into();
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !character.is_ascii() && is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::{json, plain};

    #[test]
    fn hidden_characters_are_escaped_and_others_are_kept() {
        for (text, escaped) in [
            ("a b-c/\u{e4}\u{65e5}\u{1f600}", "a b-c/\u{e4}\u{65e5}\u{1f600}"),
            ("a\nb\tc\u{1b}d\u{7f}e\u{85}", r"a\nb\tc\u{1b}d\u{7f}e\u{85}"),
            ("a\u{61c}\u{200b}\u{200e}\u{200f}", r"a\u{61c}\u{200b}\u{200e}\u{200f}"),
            ("\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}", r"\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}"),
            ("\u{feff}\u{ad}\u{e0041}", r"\u{feff}\u{ad}\u{e0041}"),
        ] {
            assert_eq!(plain(text), escaped);
        }
    }

    #[test]
    fn escaped_json_has_the_same_value_and_no_hidden_character() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{85}", "\u{e0041}", "\u{e4}\n", "\u{2066}\u{feff}"] });
        let escaped = json(&value.to_string()).into_owned();
        assert!(!escaped.contains(imds::write::is_hidden), "{escaped}");
        assert!(escaped.contains(r"\u202e") && escaped.contains(r"\udb40\udc41"), "{escaped}");
        assert_eq!(escaped.parse::<serde_json::Value>().unwrap(), value);
        assert_eq!(json("{\n  \"a\": 1\n}"), "{\n  \"a\": 1\n}");
    }
}
