//! Requests in short: a line, then fields. `GET /path` alone is of HTTP/1.1, `Host` is added, and lines end with CR LF. What
//! begins with `raw:` is taken as it stands but for the line ends, what begins with `slow:` is dribbled. `{life}` and `{shown}` are the names of the fields of a life
//! and of a token; all other braces are [`PLACEHOLDERS`].

use alloc::format;
use alloc::string::{String, ToString};

use super::Pace;
use imds::http::header;

/// What a request's braces stand for, which is found out by asking.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("host", "what Host is sent"),
    ("token", "a token with a life of 21600 seconds"),
    (
        "session",
        "a whole field line, CR LF first, that shows the token; nothing where none is issued that is served with",
    ),
    ("altered", "the token with another character in its last four"),
    ("foreign", "the token with another character in its eighth place, which is of the bytes that name the instance"),
    ("short", "the token without its first character"),
    ("respelt", "the same bytes as the token's, a bit that base64 leaves over set otherwise"),
    ("expired", "a token with a life of one second that was issued more than a second ago"),
    ("mac", "the first name below meta-data/network/interfaces/macs/, without its slash"),
    ("role", "the first name below meta-data/iam/security-credentials/"),
    ("newest", "the last dated version that the root lists"),
    ("fields", "100 whole field lines, CR LF first"),
    ("x*n", "the text x, n times"),
];

/// The whole request, with what a run finds out still in braces.
pub(super) fn whole(ask: &str) -> String {
    let mut text = String::new();
    let ask = ask.trim_start_matches(SLOW);
    let (lines, is_raw) = match ask.strip_prefix("raw:") {
        Some(lines) => (lines, true),
        None => (ask, false),
    };
    for (index, line) in lines.split('\n').enumerate() {
        if index > 0 && line != SESSION {
            text.push_str("\r\n");
        }
        text.push_str(&line.replace("{life}", header::TOKEN_TTL).replace("{shown}", header::TOKEN));
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

/// How fast it is sent.
pub(super) fn pace(ask: &str) -> Pace {
    if ask.starts_with(SLOW) { Pace::Dribbled } else { Pace::Whole }
}

/// A request's first line, short enough to be shown.
pub(super) fn first_line(ask: &str) -> String {
    let line = ask.trim_start_matches(SLOW).trim_start_matches("raw:").lines().next().unwrap_or_default();
    match line.char_indices().nth(LINE_CHARACTERS) {
        Some((end, _)) => format!("{}…", line.split_at(end).0),
        None => line.to_string(),
    }
}

/// The request with each name in braces replaced; or the name that nothing is known for.
pub(super) fn filled(whole: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = whole;
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
const LINE_CHARACTERS: usize = 60;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::first_line;

    #[test]
    fn a_long_first_line_is_cut_between_characters() {
        // `ü` takes two bytes, so byte 60 of the shifted line is inside of a character.
        for shift in ["", "/"] {
            let line = |characters: usize| String::from(shift) + &"ü".repeat(characters - shift.len());
            assert_eq!(first_line(&line(60)), line(60));
            assert_eq!(first_line(&line(61)), format!("{}…", line(60)));
        }
        assert_eq!(first_line(&format!("slow:raw:{}\nHost: a", "a".repeat(61))), "a".repeat(60) + "…");
    }
}
