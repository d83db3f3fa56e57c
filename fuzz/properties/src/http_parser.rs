//! http-parser, a parser in C that Node and Envoy used, through the crate http-muncher. It accepts
//! more than the core does, as a proxy in front of a metadata service may.

use http_muncher::{Parser, ParserHandler};
use imds::http::header;

/// A request as http-parser reads it.
#[derive(Debug, Default)]
pub struct PeerRequest {
    pub method: &'static str,
    pub target: Vec<u8>,
    pub version: (u16, u16),
    /// Without trailers.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    /// Where the request ends in the stream.
    pub end: usize,
}

/// A stream as http-parser reads it.
#[derive(Debug, Default)]
pub struct PeerStream {
    /// The complete requests, up to the first that is rejected, closes the connection or upgrades
    /// it.
    pub requests: Vec<PeerRequest>,
    /// Why the body of the next request is rejected, and where.
    pub rejected_body: Option<(&'static str, usize)>,
}

/// Parses a stream.
pub fn parse(stream: &[u8]) -> PeerStream {
    let mut found = PeerStream::default();
    let mut end = 0;
    loop {
        let mut parser = Parser::request();
        let mut reading = Reading::default();
        end += parser.parse(&mut reading, &stream[end..]);
        if !reading.is_whole {
            if reading.in_body && parser.has_error() {
                found.rejected_body = Some((parser.error(), end));
            }
            return found;
        }
        let continues = reading.keeps_alive && !parser.is_upgrade();
        let (method, version) = (parser.http_method(), parser.http_version());
        found.requests.push(PeerRequest { method, version, end, ..reading.request });
        if !continues {
            return found;
        }
    }
}

#[derive(Default)]
struct Reading {
    request: PeerRequest,
    /// `true` after a callback for a header name: the next one is for more of the name, or for its
    /// value.
    in_name: bool,
    /// The head has ended.
    in_body: bool,
    is_whole: bool,
    keeps_alive: bool,
}

impl ParserHandler for Reading {
    fn on_url(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.request.target.extend_from_slice(part);
        true
    }

    fn on_header_field(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        if self.in_body {
            // A trailer.
            return true;
        }
        if !self.in_name {
            self.request.headers.push(Default::default());
        }
        self.in_name = true;
        if let Some((name, _)) = self.request.headers.last_mut() {
            name.extend_from_slice(part);
        }
        true
    }

    fn on_header_value(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.in_name = false;
        if let (false, Some((_, value))) = (self.in_body, self.request.headers.last_mut()) {
            value.extend_from_slice(part);
        }
        true
    }

    fn on_headers_complete(&mut self, _: &mut Parser) -> bool {
        self.in_body = true;
        true
    }

    fn on_body(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.request.body.extend_from_slice(part);
        true
    }

    /// Stops the parser, because it returns the method only between two calls.
    fn on_message_complete(&mut self, parser: &mut Parser) -> bool {
        self.is_whole = true;
        self.keeps_alive = parser.should_keep_alive();
        false
    }
}

impl PeerRequest {
    /// Returns `true` if a tab follows the value of `Transfer-Encoding`. Whitespace before a value is
    /// not a part of it.
    pub fn has_tab_after_coding(&self) -> bool {
        let named = |name: &[u8]| name.eq_ignore_ascii_case(header::TRANSFER_ENCODING.as_bytes());
        self.headers.iter().any(|(name, value)| named(name) && value.contains(&b'\t'))
    }

    /// The values of all headers of this name, trimmed.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| value.trim_ascii()).collect()
    }
}
