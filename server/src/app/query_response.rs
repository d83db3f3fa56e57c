//! A response of the EC2 Query API.

use imds_ec2::query;

/// A status, and an XML body that contains the request id.
pub struct QueryResponse {
    pub status: u16,
    pub request_id: String,
    pub body: query::Body,
}

impl QueryResponse {
    /// Returns an error response in EC2's format.
    pub fn error(status: u16, code: &str, message: &str, request_id: String) -> QueryResponse {
        let body = query::error_body(code, message, &request_id).into();
        QueryResponse { status, request_id, body }
    }

    /// A change was undone because it could not be stored. Clients repeat a call after this error.
    pub fn not_stored() -> QueryResponse {
        let message = "The change was not made, because the state file cannot be written. The log has the reason.";
        QueryResponse::error(503, "Unavailable", message, NO_REQUEST_ID.to_owned())
    }

    /// The call panicked.
    pub fn internal_error() -> QueryResponse {
        QueryResponse::error(500, "InternalError", "An internal error has occurred", NO_REQUEST_ID.to_owned())
    }
}

/// The request id of a response that the EC2 API did not write.
pub const NO_REQUEST_ID: &str = "00000000-0000-0000-0000-000000000000";

impl From<query::QueryResponse> for QueryResponse {
    fn from(reply: query::QueryResponse) -> QueryResponse {
        QueryResponse { status: reply.status, request_id: reply.request_id, body: reply.body }
    }
}
