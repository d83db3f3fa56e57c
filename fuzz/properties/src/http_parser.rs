//! Another reading of HTTP requests: http-parser in C, which Node and Envoy stood on, by way of http-muncher. It takes more than
//! the core does, as whoever stands in front of a metadata service may.

use http_muncher::{Parser, ParserHandler};

/// A request as the peer sees it.
#[derive(Debug, Default)]
pub struct Seen {
    pub method: &'static str,
    pub target: Vec<u8>,
    pub version: (u16, u16),
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// The whole requests that the peer finds in a stream, up to the first that it refuses, that closes or that ends HTTP.
pub fn read(stream: &[u8]) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut rest = stream;
    loop {
        let mut parser = Parser::request();
        let mut reading = Reading::default();
        let length = parser.parse(&mut reading, rest);
        if !reading.is_whole {
            return found;
        }
        let goes_on = reading.keeps_alive && !parser.is_upgrade();
        found.push(Seen { method: parser.http_method(), version: parser.http_version(), ..reading.seen });
        rest = &rest[length..];
        if !goes_on {
            return found;
        }
    }
}

#[derive(Default)]
struct Reading {
    seen: Seen,
    /// Whether the last thing that came was part of a name: then what comes is more of it, or its value.
    in_name: bool,
    is_whole: bool,
    keeps_alive: bool,
}

impl ParserHandler for Reading {
    fn on_url(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.seen.target.extend_from_slice(part);
        true
    }

    fn on_header_field(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        if !self.in_name {
            self.seen.fields.push(Default::default());
        }
        self.in_name = true;
        if let Some((name, _)) = self.seen.fields.last_mut() {
            name.extend_from_slice(part);
        }
        true
    }

    fn on_header_value(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.in_name = false;
        if let Some((_, value)) = self.seen.fields.last_mut() {
            value.extend_from_slice(part);
        }
        true
    }

    fn on_body(&mut self, _: &mut Parser, part: &[u8]) -> bool {
        self.seen.body.extend_from_slice(part);
        true
    }

    /// Stops there, for the parser tells the method only between two calls of it.
    fn on_message_complete(&mut self, parser: &mut Parser) -> bool {
        self.is_whole = true;
        self.keeps_alive = parser.should_keep_alive();
        false
    }
}

impl Seen {
    /// The values of all fields of a name, blanks around them gone.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| value.trim_ascii()).collect()
    }
}
