use core::mem;

/// A content type that the service sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// Metadata, including JSON documents, and tokens.
    TextPlain,
    /// Error pages.
    TextHtml,
    /// User data.
    OctetStream,
}

impl ContentType {
    /// The value of `Content-Type`.
    pub const fn value(self) -> &'static str {
        match self {
            ContentType::TextPlain => "text/plain",
            ContentType::TextHtml => "text/html",
            ContentType::OctetStream => "application/octet-stream",
        }
    }
}

/// Whether the connection stays open after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// The response has `Connection: close`.
    Close,
    /// The response has `Connection: keep-alive` on HTTP/1.0 and no `Connection` on HTTP/1.1.
    KeepAlive,
}

/// Where the numbers of a head are. A number that the head does not have has no digits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NumberPlaces {
    pub token_ttl: NumberPlace,
    pub content_length: NumberPlace,
}

/// A number in a head, and where its digits are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NumberPlace {
    pub number: u64,
    pub at: usize,
    pub digits: usize,
}

/// Writes a response head into a buffer that is at least as long.
pub(super) struct Head<'a> {
    buffer: &'a mut [u8],
    longest: usize,
}

impl<'a> Head<'a> {
    pub fn new(buffer: &'a mut [u8]) -> Head<'a> {
        Head { longest: buffer.len(), buffer }
    }

    #[inline(always)]
    pub fn push(&mut self, bytes: &[u8]) {
        let (to, rest) = mem::take(&mut self.buffer).split_at_mut(bytes.len());
        to.copy_from_slice(bytes);
        self.buffer = rest;
    }

    /// Appends a header line.
    #[inline(always)]
    pub fn push_header(&mut self, name: &str, value: &[u8]) {
        self.push(name.as_bytes());
        self.push(b": ");
        self.push(value);
        self.push(b"\r\n");
    }

    /// Appends a header line with a number.
    #[inline(always)]
    pub fn push_number(&mut self, name: &str, number: u64) -> NumberPlace {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number).as_bytes();
        self.push_header(name, digits);
        NumberPlace { number, at: self.length() - digits.len() - 2, digits: digits.len() }
    }

    /// The number of bytes written.
    pub fn length(&self) -> usize {
        self.longest - self.buffer.len()
    }
}
