//! A parser for responses. It shares no code with the serializer in the `imds` crate, which it
//! tests.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::endpoint::RawResponse;
use imds::http::header;

/// A parsed response.
pub(super) struct ParsedResponse {
    pub version: String,
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    /// The decoded body.
    pub body: Vec<u8>,
    pub closed: bool,
    /// The problem with the length of the body, if any.
    pub length_error: Option<&'static str>,
}

impl RawResponse {
    /// Returns `Some` if `bytes` are a complete response to the request. The value is `true` if the
    /// server must close the connection after it.
    ///
    /// An endpoint can stop reading at `Some(false)`. At `Some(true)` it should wait a short time
    /// for the end of the connection.
    pub fn is_whole(request: &[u8], bytes: &[u8]) -> Option<bool> {
        let raw = RawResponse { bytes: bytes.to_vec(), closed: false };
        let response = ParsedResponse::parse(request, &raw).ok()?;
        if matches!(response.length_error, Some(TRUNCATED | UNFRAMED)) {
            return None;
        }
        let has_close = response.header(header::CONNECTION).is_some_and(|value| value.eq_ignore_ascii_case("close"));
        Some(has_close || response.version == "HTTP/1.0")
    }
}

impl ParsedResponse {
    /// Parses the response to `request`. A body without a length ends with the connection.
    ///
    /// # Errors
    ///
    /// The reason why the bytes are not an HTTP/1 response. An error in the length of the body is
    /// in [`ParsedResponse::length_error`] instead.
    pub fn parse(request: &[u8], raw: &RawResponse) -> Result<ParsedResponse, &'static str> {
        let end = raw.bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("not an HTTP response")?;
        let head = core::str::from_utf8(&raw.bytes[..end]).map_err(|_| "the head is not UTF-8")?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().splitn(3, ' ');
        let version = words.next().filter(|version| version.starts_with("HTTP/1.")).ok_or("not an HTTP/1 response")?;
        let status = words.next().and_then(|status| status.parse().ok()).ok_or("the status is not a number")?;
        let reason = words.next().unwrap_or_default();
        let headers = lines.map(|line| line.split_once(':').map(|(name, value)| (name.into(), value.trim().into())));
        let mut response = ParsedResponse {
            version: version.into(),
            status,
            reason: reason.into(),
            headers: headers.collect::<Option<_>>().ok_or("a header has no colon")?,
            body: raw.bytes[end + 4..].to_vec(),
            closed: raw.closed,
            length_error: None,
        };
        let is_chunked = response.header(header::TRANSFER_ENCODING).is_some_and(|value| value.contains("chunked"));
        let length = response.header(header::CONTENT_LENGTH).map(|value| number(value, 10));
        if request.starts_with(b"HEAD ") {
            // Bytes after the head are a body that must not be there; `Expect::SameHead` reports
            // them.
            return Ok(response);
        }
        if is_chunked {
            match dechunked(&response.body) {
                Some(body) => response.body = body,
                None => response.length_error = Some(TRUNCATED),
            }
            return Ok(response);
        }
        response.length_error = match length {
            Some(None) => Some("Content-Length is not a number"),
            Some(Some(length)) if response.body.len() < length => Some(TRUNCATED),
            Some(Some(length)) if response.body.len() > length => Some("the body is longer than its Content-Length"),
            None if !raw.closed => Some(UNFRAMED),
            Some(Some(_)) | None => None,
        };
        Ok(response)
    }

    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    /// The lines of a listing that are not empty. A body that is not UTF-8 has none.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        core::str::from_utf8(&self.body).unwrap_or_default().split('\n').filter(|line| !line.is_empty())
    }

    /// Status and length. Contains no metadata.
    pub fn summary(&self) -> String {
        format!("{} {}, {} bytes", self.status, printable(&self.reason), self.body.len())
    }
}

/// The printable ASCII of a text from the endpoint, at most 40 characters.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).take(40).collect()
}

fn dechunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = core::str::from_utf8(&rest[..end]).ok()?;
        let size = number(line.split(';').next()?.trim(), 16)?;
        rest = &rest[end + 2..];
        if size == 0 {
            // Trailers are not supported.
            return rest.starts_with(b"\r\n").then_some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

/// A number of digits only: the parsers in `core` also accept a sign.
fn number(digits: &str, radix: u32) -> Option<usize> {
    let is_digits = digits.bytes().all(|byte| char::from(byte).is_digit(radix));
    usize::from_str_radix(digits, radix).ok().filter(|_| is_digits)
}

const TRUNCATED: &str = "the body is truncated";
const UNFRAMED: &str = "the body has no length and the connection stays open";

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn parsed(head: &str, body: &str) -> ParsedResponse {
        let bytes = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").into_bytes();
        ParsedResponse::parse(b"GET / HTTP/1.1\r\n\r\n", &RawResponse { bytes, closed: true }).ok().unwrap()
    }

    #[test]
    fn chunk_sizes_are_hexadecimal_digits_only() {
        let chunked = |size| parsed("Transfer-Encoding: chunked", &format!("{size}\r\nhello\r\n0\r\n\r\n"));
        for size in ["5", "05", "5;name=value"] {
            let response = chunked(size);
            assert_eq!((response.body.as_slice(), response.length_error), (&b"hello"[..], None), "{size}");
        }
        for size in ["+5", "-5", "0x5", "", "+"] {
            assert_eq!(chunked(size).length_error, Some(TRUNCATED), "{size:?}");
        }
    }

    #[test]
    fn content_length_is_decimal_digits_only() {
        assert_eq!(parsed("Content-Length: 5", "hello").length_error, None);
        for length in ["+5", "-5", "5,5", "a", ""] {
            let response = parsed(&format!("Content-Length: {length}"), "hello");
            assert_eq!(response.length_error, Some("Content-Length is not a number"), "{length:?}");
        }
    }
}
