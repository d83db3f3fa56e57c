use crate::time::Timestamp;

/// The session of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The first instant at which the token is invalid.
    pub expires: Timestamp,
    /// The remaining seconds, rounded up: 1 to 21,600. The response header has this value.
    pub remaining: u32,
}
