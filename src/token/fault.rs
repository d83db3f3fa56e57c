use crate::time::Timestamp;

/// Why a token is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenFault {
    /// The token does not have 56 characters.
    Length,
    /// The token is not the canonical base64 of 40 bytes.
    Spelling,
    /// The token was issued for another instance.
    OtherInstance,
    /// The seal is invalid: the token is forged, altered, or from another generation.
    Forged,
    /// The token has expired.
    Expired {
        /// The first instant at which it was invalid.
        since: Timestamp,
    },
}
