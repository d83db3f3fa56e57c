//! Host names with an optional port, as in Host, Origin and `--console-host`.

use std::str::FromStr;

/// A host name that the console accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    pub name: String,
    /// The console's port if `None`.
    pub port: Option<u16>,
}

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<HostName, &'static str> {
        let (name, port) =
            split(text).ok_or("expected a host name or IP address with an optional port, for example imds:8080")?;
        Ok(HostName { name: name.to_owned(), port })
    }
}

/// Splits `uri-host [ ":" port ]` (RFC 9110 section 7.2). Returns `None` if the host is empty or
/// has user information, escapes or other characters that no host of the console has.
pub fn split(text: &str) -> Option<(&str, Option<u16>)> {
    let colon = match text.strip_prefix('[') {
        Some(_) => text.find(']')? + 1,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (name, port) = text.split_at(colon);
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        None if port.is_empty() => None,
        _ => return None,
    };
    let is_permitted = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_permitted)).then_some((name, port))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_host_is_a_name_or_address_with_an_optional_port() {
        for (text, parts) in [
            ("localhost", Some(("localhost", None))),
            ("localhost:1339", Some(("localhost", Some(1339)))),
            ("127.0.0.1:80", Some(("127.0.0.1", Some(80)))),
            ("[::1]:1339", Some(("[::1]", Some(1339)))),
            ("[::1]", Some(("[::1]", None))),
            ("", None),
            (":1339", None),
            ("localhost:", None),
            ("localhost:+1", None),
            ("localhost:65536", None),
            ("localhost:1:2", None),
            ("me@localhost:1339", None),
            ("localhost/", None),
            ("*", None),
            ("[::1", None),
            ("[::1]x", None),
            ("localhost 1", None),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }
}
