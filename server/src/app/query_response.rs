//! An answer of the EC2 Query API.

use imds_ec2::query;

/// A status, and XML with the request's id.
pub struct Reply {
    pub status: u16,
    pub request_id: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// An error as EC2 tells it.
    pub fn error(status: u16, code: &str, message: &str, request_id: String) -> Reply {
        let body = query::refusal(code, message, &request_id);
        Reply { status, request_id, body }
    }
}

impl From<query::Reply> for Reply {
    fn from(reply: query::Reply) -> Reply {
        Reply { status: reply.status, request_id: reply.request_id, body: reply.body }
    }
}
