//! Splits the bytes of a message into named parts, for display.
//!
//! Requests and responses have the same syntax (RFC 9112 section 2.1): a start line of three parts,
//! header lines, an empty line and a body. Every byte of a message is in exactly one span; bytes
//! outside of the syntax are [`Part::Other`].

use alloc::vec::Vec;
use core::ops::Range;

/// A range of bytes and the part of the message that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The range, in bytes from the start of the message.
    pub range: Range<usize>,
    /// The part.
    pub part: Part,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// `GET`
    Method,
    /// The request target without its query.
    Path,
    /// The query, with its `?`.
    Query,
    /// `HTTP/1.1`
    Version,
    /// `200`
    Status,
    /// `Not Found`
    Reason,
    /// The name of a header.
    HeaderName,
    /// The value of a header, trimmed.
    HeaderValue,
    /// Whitespace and colons between parts.
    Separator,
    /// The end of a line.
    LineEnd,
    /// The empty line that ends the head.
    HeadEnd,
    /// The bytes after the head.
    Body,
    /// Bytes of a head that are not HTTP.
    Other,
}

impl Part {
    /// Stable name, for example `field-name`.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Method => "method",
            Part::Path => "path",
            Part::Query => "query",
            Part::Version => "version",
            Part::Status => "status",
            Part::Reason => "reason",
            Part::HeaderName => "field-name",
            Part::HeaderValue => "field-value",
            Part::Separator => "separator",
            Part::LineEnd => "line-end",
            Part::HeadEnd => "head-end",
            Part::Body => "body",
            Part::Other => "other",
        }
    }
}

/// The spans of a request, in order.
pub fn of_request(bytes: &[u8]) -> Vec<Span> {
    let mut spans = Spans::default();
    spans.message(bytes, |spans, line| {
        let mut words = line.splitn(3, |byte| *byte == b' ');
        spans.push(Part::Method, words.next().unwrap_or_default().len());
        if let Some(target) = words.next() {
            spans.push(Part::Separator, 1);
            let path = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
            spans.push(Part::Path, path);
            spans.push(Part::Query, target.len() - path);
        }
        if let Some(version) = words.next() {
            spans.push(Part::Separator, 1);
            spans.push(Part::Version, version.len());
        }
    });
    spans.list
}

/// The spans of a response, in order.
pub fn of_response(bytes: &[u8]) -> Vec<Span> {
    let mut spans = Spans::default();
    spans.message(bytes, |spans, line| {
        let mut words = line.splitn(3, |byte| *byte == b' ');
        for (index, part) in [Part::Version, Part::Status, Part::Reason].into_iter().enumerate() {
            let Some(word) = words.next() else { return };
            spans.push(Part::Separator, usize::from(index > 0));
            spans.push(part, word.len());
        }
    });
    spans.list
}

/// Consecutive spans: each begins where the previous one ends.
#[derive(Default)]
struct Spans {
    list: Vec<Span>,
    end: usize,
}

impl Spans {
    /// Appends a span of the next `length` bytes, unless it is empty.
    fn push(&mut self, part: Part, length: usize) {
        if length > 0 {
            self.list.push(Span { range: self.end..self.end + length, part });
            self.end += length;
        }
    }

    fn message(&mut self, bytes: &[u8], start_line: impl FnOnce(&mut Spans, &[u8])) {
        let mut start_line = Some(start_line);
        while self.end < bytes.len() {
            let rest = &bytes[self.end..];
            let Some(feed) = memchr::memchr(b'\n', rest) else {
                self.line(rest, &mut start_line);
                return;
            };
            let line = &rest[..feed];
            let text = line.strip_suffix(b"\r").unwrap_or(line);
            let end = feed + 1 - text.len();
            if text.is_empty() && start_line.is_none() {
                self.push(Part::HeadEnd, end);
                self.push(Part::Body, bytes.len() - self.end);
                return;
            }
            self.line(text, &mut start_line);
            self.push(Part::LineEnd, end);
        }
    }

    fn line(&mut self, text: &[u8], start_line: &mut Option<impl FnOnce(&mut Spans, &[u8])>) {
        if text.is_empty() {
            // RFC 9112 section 2.2: empty lines before a start line are ignored.
            return;
        }
        if let Some(start_line) = start_line.take() {
            return start_line(self, text);
        }
        let Some(colon) = text.iter().position(|byte| *byte == b':') else {
            return self.push(Part::Other, text.len());
        };
        let value = text[colon + 1..].trim_ascii();
        let before = text[colon + 1..].len() - text[colon + 1..].trim_ascii_start().len();
        self.push(Part::HeaderName, colon);
        self.push(Part::Separator, 1 + before);
        self.push(Part::HeaderValue, value.len());
        self.push(Part::Separator, text.len() - colon - 1 - before - value.len());
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    fn shown(bytes: &str, spans: &[Span]) -> Vec<String> {
        spans.iter().map(|span| format!("{} {:?}", span.part.name(), &bytes[span.range.clone()])).collect()
    }

    #[test]
    fn every_byte_of_a_message_is_in_one_span() {
        for message in [
            "GET /latest/?x HTTP/1.1\r\nHost: a \r\n\r\nbody",
            "\r\nPUT /\nno colon\n folded\r\n:\r\n\r\n",
            "GET",
            "",
            "\n\n\n",
            "HTTP/1.1 404 Not Found\r\nA:b\r\n\r\n",
            "a b c d\r\n\u{0}: \t \r\n",
        ] {
            for spans in [of_request(message.as_bytes()), of_response(message.as_bytes())] {
                let mut end = 0;
                for span in &spans {
                    assert_eq!(span.range.start, end, "{message:?}: {spans:?}");
                    assert!(span.range.end > end);
                    end = span.range.end;
                }
                assert_eq!(end, message.len(), "{message:?}: {spans:?}");
            }
        }
    }

    #[test]
    fn spans_have_the_names_of_their_parts() {
        let request = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";
        assert_eq!(
            shown(request, &of_request(request.as_bytes())),
            [
                "method \"GET\"",
                "separator \" \"",
                "path \"/a\"",
                "query \"?b\"",
                "separator \" \"",
                "version \"HTTP/1.1\"",
                "line-end \"\\r\\n\"",
                "field-name \"Host\"",
                "separator \": \"",
                "field-value \"x\"",
                "line-end \"\\r\\n\"",
                "head-end \"\\r\\n\"",
            ]
        );
        let response = "HTTP/1.1 404 Not Found\r\n\r\nno";
        assert_eq!(
            shown(response, &of_response(response.as_bytes()))[..5],
            ["version \"HTTP/1.1\"", "separator \" \"", "status \"404\"", "separator \" \"", "reason \"Not Found\""]
        );
    }
}
