use super::Body;
use crate::limits;

/// Reads a chunked body (RFC 9112 section 7.1) that arrives in pieces, and discards it.
///
/// The syntax is exactly the RFC's, and each line ends with CR LF. A more tolerant reader could
/// find another end of the body than a proxy in front of it, and so another next request. A body
/// is rejected at the first byte that no valid body has there, so the result does not depend on
/// the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkedBody {
    state: State,
    /// The number of digits in the current chunk size.
    digits: usize,
    /// The current chunk size, later the number of bytes of that chunk that have not arrived.
    size: u64,
    /// How many bytes of data the next chunks may have.
    allowed: u64,
    /// How many bytes of extensions and trailers have arrived, without line ends.
    extra: usize,
}

/// The part of the body that the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A digit of a chunk size, or what follows the size.
    Size,
    /// The semicolon of an extension, after whitespace.
    Semicolon,
    /// The start of an extension's name.
    NameStart,
    /// The name, or what follows it.
    Name,
    /// What follows the name, after whitespace.
    NameEnd,
    /// The start of an extension's value.
    ValueStart,
    /// A value that is a token, or what follows it.
    Value,
    /// A value in quotation marks.
    Quoted,
    /// The character after a backslash in quotation marks.
    Escaped,
    /// What follows the closing quotation mark.
    QuotedEnd,
    /// The LF of the line with the size.
    SizeLf,
    /// The data of a chunk.
    Data,
    /// The CR after the data.
    DataCr,
    /// The LF after the data.
    DataLf,
    /// The start of a trailer, or the empty line at the end of the body.
    TrailerStart,
    /// The name of a trailer.
    TrailerName,
    /// The value of a trailer.
    TrailerValue,
    /// The LF of a trailer.
    TrailerLf,
    /// The last byte of the body: the LF of the empty line.
    LastLf,
    /// None: the body has ended.
    Ended,
}

impl ChunkedBody {
    /// Reads a body from its first byte.
    pub const fn new() -> ChunkedBody {
        ChunkedBody { state: State::Size, digits: 0, size: 0, allowed: limits::BODY_BYTES, extra: 0 }
    }

    /// Reads the next bytes. `Some` is the number of bytes up to the end of the body; `None` means
    /// that all belong to the body, and that more follow.
    ///
    /// # Errors
    ///
    /// [`Body::Malformed`] or [`Body::TooLarge`]. The end of the body is unknown.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Body> {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if self.state == State::Data {
                let data = self.size.min(rest.len() as u64);
                rest = &rest[data as usize..];
                self.size -= data;
                if self.size == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            self.state = self.after(byte)?;
            rest = after;
            if self.state == State::Ended {
                return Ok(Some(bytes.len() - rest.len()));
            }
        }
        Ok(None)
    }

    fn after(&mut self, byte: u8) -> Result<State, Body> {
        if let (State::Size, Some(digit)) = (self.state, char::from(byte).to_digit(16)) {
            self.digits += 1;
            self.size = self.size << 4 | u64::from(digit);
            return if self.digits <= limits::CHUNK_SIZE_DIGITS { Ok(State::Size) } else { Err(Body::Malformed) };
        }
        let state = match (self.state, byte) {
            (State::Size, b'\r' | b';' | b' ' | b'\t') if self.digits > 0 => {
                self.allowed = self.allowed.checked_sub(self.size).ok_or(Body::TooLarge)?;
                match byte {
                    b'\r' => State::SizeLf,
                    b';' => State::NameStart,
                    _ => State::Semicolon,
                }
            }
            (State::SizeLf, b'\n') if self.size == 0 => State::TrailerStart,
            (State::SizeLf, b'\n') => State::Data,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => {
                self.digits = 0;
                State::Size
            }

            (State::Semicolon | State::NameStart | State::NameEnd | State::ValueStart, b' ' | b'\t') => self.state,
            (State::Name, b' ' | b'\t') => State::NameEnd,
            (State::Value | State::QuotedEnd, b' ' | b'\t') => State::Semicolon,
            (State::Semicolon | State::Name | State::NameEnd | State::Value | State::QuotedEnd, b';') => {
                State::NameStart
            }
            (State::Name | State::NameEnd, b'=') => State::ValueStart,
            (State::Name | State::Value | State::QuotedEnd, b'\r') => State::SizeLf,
            (State::NameStart | State::Name, _) if is_token(byte) => State::Name,
            (State::ValueStart | State::Value, _) if is_token(byte) => State::Value,
            (State::ValueStart, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::QuotedEnd,
            (State::Quoted, b'\\') => State::Escaped,
            (State::Quoted | State::Escaped, _) if is_text(byte) => State::Quoted,

            (State::TrailerStart, b'\r') => State::LastLf,
            (State::TrailerStart | State::TrailerName, _) if is_token(byte) => State::TrailerName,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, _) if is_text(byte) => State::TrailerValue,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::LastLf, b'\n') => State::Ended,
            _ => return Err(Body::Malformed),
        };
        if !matches!(byte, b'\r' | b'\n') {
            self.extra += 1;
            if self.extra > limits::CHUNK_EXTRA_BYTES {
                return Err(Body::TooLarge);
            }
        }
        Ok(state)
    }
}

/// `tchar` (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A character of a header value or of a quoted string: visible, whitespace, or not ASCII.
fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
