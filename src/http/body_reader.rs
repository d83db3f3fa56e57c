use super::Body;
use super::chunked::ChunkedBody;

/// Finds the end of a body that arrives in pieces. The body is discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyReader {
    /// The number of bytes that have not arrived.
    Length(u64),
    /// The parser of a chunked body.
    Chunked(ChunkedBody),
}

impl BodyReader {
    /// A reader of a body that is framed and not empty.
    pub fn of(body: Body) -> Option<BodyReader> {
        match body {
            Body::Length(length) => Some(BodyReader::Length(length)),
            Body::Chunked => Some(BodyReader::Chunked(ChunkedBody::new())),
            Body::None | Body::TooLarge | Body::Malformed => None,
        }
    }

    /// Reads the next bytes. `Some` is the number of bytes up to the end of the body; `None` means
    /// that all of them belong to the body and that it continues.
    ///
    /// # Errors
    ///
    /// [`Body::Malformed`] or [`Body::TooLarge`]: the end of the body is unknown.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Body> {
        match self {
            BodyReader::Length(remaining) => {
                let arrived = (*remaining).min(bytes.len() as u64);
                *remaining -= arrived;
                Ok((*remaining == 0).then_some(arrived as usize))
            }
            BodyReader::Chunked(body) => body.read(bytes),
        }
    }
}
