use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::error::ErrorCode;

/// The response to a request. `Debug` omits the body, which can contain confidential user data.
#[derive(Clone)]
#[non_exhaustive]
pub struct QueryResponse {
    /// The HTTP status.
    pub status: u16,
    /// The id of the request, which the body contains too.
    pub request_id: String,
    /// The action, if the request names a known one.
    pub action: Option<&'static str>,
    /// The error, if the request is rejected.
    pub error: Option<&'static ErrorCode>,
    /// The XML document. EC2 sends it as `text/xml;charset=UTF-8`.
    pub body: Vec<u8>,
}

impl fmt::Debug for QueryResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryResponse")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("action", &self.action)
            .field("error", &self.error.map(|code| code.name))
            .finish_non_exhaustive()
    }
}
