use alloc::vec::Vec;

use super::launch_seq::LaunchSeq;
use imds::record::Line;

/// A client token and a digest of the request that it came with. A second launch with the same
/// token and digest is a retry of the first.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientToken {
    /// The token.
    pub text: Line,
    /// A digest of the request's other parameters.
    pub digest: [u8; 32],
}

impl ClientToken {
    /// A client token and the digest of its request.
    pub fn new(text: Line, digest: [u8; 32]) -> ClientToken {
        ClientToken { text, digest }
    }
}

/// The launch that a client token was used for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TokenUse {
    pub digest: [u8; 32],
    pub launched: Vec<LaunchSeq>,
}
