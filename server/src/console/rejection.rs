//! Requests that the console rejects, each with a reason in one line.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use imds::record::json::write_compact;
use imds_ec2::query;

use super::call::{is_call, is_control};
use super::call_response::xml_response;
use crate::app::query_response::NO_REQUEST_ID;
use crate::control::ErrorBody;

#[derive(Debug, Clone, Copy)]
pub struct Rejection {
    status: StatusCode,
    /// The error code in EC2's XML.
    code: &'static str,
    reason: &'static str,
}

impl Rejection {
    /// Returns EC2's XML for a call of the EC2 API, JSON for a route under `/v1`, and a line of text
    /// for other requests.
    pub fn response(self, request: &Request) -> Response {
        if is_control(request.uri()) {
            return self.json_response();
        }
        if is_call(request.method(), request.uri()) { self.query_response() } else { self.text() }
    }

    /// Returns JSON.
    pub fn json_response(self) -> Response {
        let error = ErrorBody { code: self.code.to_owned(), message: self.reason.to_owned() };
        (self.status, [(CONTENT_TYPE, "application/json")], write_compact(&error)).into_response()
    }

    /// Returns a line of text.
    pub fn text(self) -> Response {
        (self.status, format!("{}\n", self.reason)).into_response()
    }

    /// Returns EC2's XML.
    pub fn query_response(self) -> Response {
        let body = query::error_body(self.code, self.reason, NO_REQUEST_ID);
        xml_response(self.status, NO_REQUEST_ID, Body::from(body))
    }
}

pub const NOT_ONE_HOST: Rejection = Rejection {
    status: StatusCode::BAD_REQUEST,
    code: "InvalidRequest",
    reason: "A request to the console must have exactly one Host header.",
};
pub const FOREIGN_HOST: Rejection = Rejection {
    status: StatusCode::MISDIRECTED_REQUEST,
    code: "InvalidRequest",
    reason: "The console does not accept this Host: use its address, localhost, or a name that --console-host permits.",
};
pub const FOREIGN_ORIGIN: Rejection = Rejection {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "The console does not accept this Origin: pages of other sites cannot use it.",
};
pub const CROSS_SITE: Rejection = Rejection {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "A page of another site sent this request (Sec-Fetch-Site): pages of other sites cannot use the console.",
};
pub const GET_OF_BROWSER: Rejection = Rejection {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "A browser cannot call the EC2 API with GET, because any page can make it send one: use POST.",
};
pub const CHANGE_BY_BROWSER: Rejection = Rejection {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "A browser's call (User-Agent: Mozilla) needs a header that other pages cannot send: sign it, or add X-Amz-Date.",
};
pub const NOT_A_FORM: Rejection = Rejection {
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    code: "InvalidRequest",
    reason: "The EC2 Query API accepts only Content-Type application/x-www-form-urlencoded.",
};
pub const NOT_JSON: Rejection = Rejection {
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    code: "InvalidRequest",
    reason: "The routes under /v1 accept only Content-Type application/json.",
};
pub const TOO_MANY_CALLS: Rejection = Rejection {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "RequestLimitExceeded",
    reason: "The limit of calls per second (--api-rate) is reached: repeat the call later.",
};
pub const NOT_STORED: Rejection = Rejection {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "Unavailable",
    reason: "The change was not made, because the state file cannot be written. The log has the reason.",
};
pub const INTERNAL_ERROR: Rejection = Rejection {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "InternalError",
    reason: "An internal error has occurred.",
};
pub const TOO_LARGE: Rejection = Rejection {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    code: "RequestEntityTooLarge",
    reason: "The body is larger than 1 MiB.",
};
pub const TOO_SLOW: Rejection = Rejection {
    status: StatusCode::REQUEST_TIMEOUT,
    code: "RequestTimeout",
    reason: "The body did not arrive within 10 seconds.",
};
pub const BROKEN_BODY: Rejection =
    Rejection { status: StatusCode::BAD_REQUEST, code: "InvalidRequest", reason: "The body cannot be read." };
pub const TOO_MANY_CONNECTIONS: Rejection = Rejection {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "RequestLimitExceeded",
    reason: "The limit of concurrent connections to the console is reached: close some, or reuse them.",
};
pub const TOO_MANY_LISTENERS: Rejection = Rejection {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "RequestLimitExceeded",
    reason: "The limit of 16 concurrent listeners to events is reached.",
};
