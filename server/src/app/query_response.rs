//! A response of the EC2 Query API.

use imds_ec2::query;

/// A status, and an XML body that contains the request id.
pub struct QueryResponse {
    pub status: u16,
    pub request_id: String,
    pub body: Vec<u8>,
}

impl QueryResponse {
    /// Returns an error response in EC2's format.
    pub fn error(status: u16, code: &str, message: &str, request_id: String) -> QueryResponse {
        let body = query::error_body(code, message, &request_id);
        QueryResponse { status, request_id, body }
    }
}

impl From<query::QueryResponse> for QueryResponse {
    fn from(reply: query::QueryResponse) -> QueryResponse {
        QueryResponse { status: reply.status, request_id: reply.request_id, body: reply.body }
    }
}
