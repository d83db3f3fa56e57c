use alloc::string::String;
use alloc::vec::Vec;

use crate::checks::Pace;

/// A metadata service that a run sends requests to.
pub trait Endpoint {
    /// The value of the `Host` header.
    fn host(&self) -> &str;

    /// Sends a request on a new connection and returns the response.
    ///
    /// # Errors
    ///
    /// [`NoReply::Unanswered`] if no byte of a response came, [`NoReply::LimitReached`] if the run
    /// must send no more requests.
    fn send(&mut self, request: &[u8], pace: Pace) -> Result<RawResponse, NoReply>;

    /// Lets this many milliseconds pass.
    fn wait(&mut self, millis: u64);
}

/// The bytes that were received on one connection.
#[derive(Clone)]
pub struct RawResponse {
    /// All bytes, unparsed.
    pub bytes: Vec<u8>,
    /// `true` if the server then closed the connection.
    pub closed: bool,
}

/// The reason why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReply {
    /// This request got no response, for this reason. The run continues.
    Unanswered(String),
    /// The run reached its limit on time or requests; the text says which. The remaining checks are
    /// not observed.
    LimitReached(String),
}
