use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;

use super::call::Call;
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
    /// The steps in which the request compared values with its filters, at most
    /// [`imds::limits::FILTER_STEPS`].
    pub steps: u64,
    /// The XML document. EC2 sends it as `text/xml;charset=UTF-8`.
    pub body: Body,
}

impl fmt::Debug for QueryResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryResponse")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("action", &self.action)
            .field("error", &self.error.map(|code| code.name))
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// An XML document. A long one is not in memory: it is written again from the fleet before the
/// call, which shares most of its memory with the fleet after it.
#[derive(Clone)]
pub struct Body(Content);

#[derive(Clone)]
enum Content {
    Whole(Vec<u8>),
    Long(Box<Call>),
}

impl Body {
    pub(super) fn of_call(call: Call) -> Body {
        Body(Content::Long(Box::new(call)))
    }

    /// The document, if it is in memory: at most 64 KiB and an element.
    pub fn in_memory(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Whole(document) => Some(document),
            Content::Long(_) => None,
        }
    }

    /// Sends the document in chunks of about 64 KiB. A break from `send` ends it.
    pub fn send(&self, mut send: impl FnMut(&[u8]) -> ControlFlow<()>) {
        match &self.0 {
            Content::Whole(document) => {
                let _ = send(document);
            }
            Content::Long(call) => call.send(&mut send),
        }
    }

    /// The whole document, however long it is.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.0 {
            Content::Whole(document) => document,
            Content::Long(call) => {
                let mut document = Vec::new();
                call.send(&mut |chunk| {
                    document.extend_from_slice(chunk);
                    ControlFlow::Continue(())
                });
                document
            }
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(document: Vec<u8>) -> Body {
        Body(Content::Whole(document))
    }
}
