//! The short form of requests: a request line, then headers.
//!
//! `GET /path` means HTTP/1.1; `Host` is added and lines end with CR LF. A template that begins
//! with `raw:` is sent as written except for line ends. One that begins with `slow:` is sent byte
//! by byte. `{ttl}` and `{token-header}` are the names of the token TTL and token headers; all
//! other names in braces are [`PLACEHOLDERS`].

use alloc::format;
use alloc::string::{String, ToString};

use imds::http::header;

/// The speed at which the bytes of a request are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All at once.
    AtOnce,
    /// One byte at a time, with a pause after each.
    ByteByByte,
}

/// The placeholders in requests, with the value that replaces each. A run learns most values from
/// the endpoint.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("host", "the value of the Host header"),
    ("token", "a token with a TTL of 21600 seconds"),
    ("session", "CR LF and a header line with the token; empty if the endpoint issues no token or does not accept it"),
    ("altered", "the token with another character among its last four"),
    ("foreign", "the token with another eighth character, which belongs to the bytes that identify the instance"),
    ("short", "the token without its first character"),
    ("respelt", "the token with a bit changed that base64 decoding ignores"),
    ("void", "a token with a TTL of 0 seconds; the endpoint may not issue one"),
    ("expired", "a token with a TTL of one second that was issued more than a second ago"),
    ("mac", "the first name below meta-data/network/interfaces/macs/, without its slash"),
    ("role", "the first name below meta-data/iam/security-credentials/"),
    ("newest", "the last dated version in the listing of /"),
    ("fields", "100 header lines, each preceded by CR LF"),
    ("x*n", "the text x, n times"),
];

/// The whole request, with [`PLACEHOLDERS`].
pub(crate) fn expand(template: &str) -> String {
    let mut text = String::new();
    let template = template.trim_start_matches(SLOW);
    let (lines, is_raw) = match template.strip_prefix(RAW) {
        Some(lines) => (lines, true),
        None => (template, false),
    };
    for (index, line) in lines.split('\n').enumerate() {
        if index > 0 && line != SESSION {
            text.push_str("\r\n");
        }
        text.push_str(&line.replace("{ttl}", header::TOKEN_TTL).replace("{token-header}", header::TOKEN));
        if index == 0 && !is_raw {
            if !line.contains(" HTTP/") {
                text.push_str(" HTTP/1.1");
            }
            text.push_str("\r\nHost: {host}");
        }
    }
    if !is_raw {
        text.push_str("\r\n\r\n");
    }
    text
}

pub(crate) fn pace(template: &str) -> Pace {
    if template.starts_with(SLOW) { Pace::ByteByByte } else { Pace::AtOnce }
}

/// The first line of a request, shortened for messages.
pub(crate) fn first_line(template: &str) -> String {
    let line = template.trim_start_matches(SLOW).trim_start_matches(RAW).lines().next().unwrap_or_default();
    match line.char_indices().nth(FIRST_LINE_CHARS) {
        Some((end, _)) => format!("{}…", line.split_at(end).0),
        None => line.to_string(),
    }
}

/// Replaces each placeholder in an expanded request by its value.
///
/// # Errors
///
/// The name of the first placeholder that has no value.
pub(crate) fn fill(expanded: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = expanded;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match name.rsplit_once('*').map(|(part, times)| (part, times.parse())) {
            Some((part, Ok(times))) => text.push_str(&part.repeat(times)),
            _ => text.push_str(&value(name).ok_or_else(|| String::from(name))?),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

const SESSION: &str = "{session}";
const SLOW: &str = "slow:";
const RAW: &str = "raw:";
const FIRST_LINE_CHARS: usize = 60;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::first_line;

    #[test]
    fn long_first_lines_are_cut_between_characters() {
        // `ü` takes two bytes: byte 60 of the shifted line is within a character.
        for shift in ["", "/"] {
            let line = |characters: usize| String::from(shift) + &"ü".repeat(characters - shift.len());
            assert_eq!(first_line(&line(60)), line(60));
            assert_eq!(first_line(&line(61)), format!("{}…", line(60)));
        }
        assert_eq!(first_line(&format!("slow:raw:{}\nHost: a", "a".repeat(61))), "a".repeat(60) + "…");
    }
}
