/// The body of a request: what the head announces, and what is wrong with the part that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// No body, or `Content-Length: 0`.
    None,
    /// A body of this many bytes, at most [`BODY_BYTES`](crate::limits::BODY_BYTES).
    Length(u64),
    /// `Transfer-Encoding: chunked`: the body itself marks its end.
    Chunked,
    /// A body of more than [`BODY_BYTES`](crate::limits::BODY_BYTES), or a chunked body with more
    /// than [`CHUNK_EXTRA_BYTES`](crate::limits::CHUNK_EXTRA_BYTES) of extensions and trailers.
    TooLarge,
    /// A chunked body whose syntax is invalid.
    Malformed,
}

impl Body {
    /// Returns `true` if the end of the body is known or will be found.
    pub(crate) fn is_framed(self) -> bool {
        matches!(self, Body::None | Body::Length(_) | Body::Chunked)
    }
}
