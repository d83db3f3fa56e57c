//! http-parser, a parser in C that Node and Envoy used, through the crate http-muncher. It accepts
//! more than the core does, as a proxy in front of a metadata service may.

use http_muncher::{Parser, ParserHandler};

/// A request as http-parser reads it.
#[derive(Debug, Default)]
pub struct PeerRequest {
    pub method: &'static str,
    pub target: Vec<u8>,
    pub version: (u16, u16),
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// The complete requests in a stream, up to the first that is rejected, closes the connection or
/// upgrades it.
pub fn parse(stream: &[u8]) -> Vec<PeerRequest> {
    let mut found = Vec::new();
    let mut rest = stream;
    loop {
        let mut parser = Parser::request();
        let mut reading = Reading::default();
        let length = parser.parse(&mut reading, rest);
        if !reading.is_whole {
            return found;
        }
        let continues = reading.keeps_alive && !parser.is_upgrade();
        found.push(PeerRequest { method: parser.http_method(), version: parser.http_version(), ..reading.request });
        rest = &rest[length..];
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
    is_whole: bool,
    keeps_alive: bool,
}

impl ParserHandler for Reading {
    fn on_url(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.request.target.extend_from_slice(part);
        true
    }

    fn on_header_field(&mut self, _: &mut Parser, part: &[u8]) -> bool {
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
        if let Some((_, value)) = self.request.headers.last_mut() {
            value.extend_from_slice(part);
        }
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
    /// The values of all headers of this name, trimmed.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| value.trim_ascii()).collect()
    }
}
