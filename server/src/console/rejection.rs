//! What the console does not do, and the line that says why.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::reply::Reply;

#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    status: StatusCode,
    /// As a client of the EC2 API knows errors.
    code: &'static str,
    reason: &'static str,
}

impl Refusal {
    /// One line of text; EC2's XML for a POST, which is what its clients send.
    pub fn answer(self, method: &Method) -> Response {
        match *method {
            Method::POST => self.reply().into_response(),
            _ => (self.status, format!("{}\n", self.reason)).into_response(),
        }
    }

    /// The error as EC2 tells it.
    pub fn reply(self) -> Reply {
        Reply::error(self.status.as_u16(), self.code, self.reason, NO_REQUEST_ID.to_owned())
    }
}

pub const NO_HOST: Refusal = Refusal {
    status: StatusCode::BAD_REQUEST,
    code: "InvalidRequest",
    reason: "A request to the console has one Host field.",
};
pub const FOREIGN_HOST: Refusal = Refusal {
    status: StatusCode::MISDIRECTED_REQUEST,
    code: "InvalidRequest",
    reason: "This Host is not the console's: use its address, localhost, or a name that --console-host gives it.",
};
pub const FOREIGN_ORIGIN: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "This Origin is not the console's: pages of others are not let in.",
};
pub const CROSS_SITE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    code: "UnauthorizedOperation",
    reason: "Another site's page sent this (Sec-Fetch-Site): pages of others are not let in.",
};
pub const NO_FORM: Refusal = Refusal {
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    code: "InvalidRequest",
    reason: "The EC2 Query API takes application/x-www-form-urlencoded.",
};
pub const TOO_LARGE: Refusal = Refusal {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    code: "RequestEntityTooLarge",
    reason: "The body is larger than 1 MiB.",
};
pub const TOO_SLOW: Refusal = Refusal {
    status: StatusCode::REQUEST_TIMEOUT,
    code: "RequestTimeout",
    reason: "The body did not come within 10 seconds.",
};
pub const BROKEN_BODY: Refusal =
    Refusal { status: StatusCode::BAD_REQUEST, code: "InvalidRequest", reason: "The body cannot be read." };
pub const TOO_MANY_LISTENERS: Refusal = Refusal {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "RequestLimitExceeded",
    reason: "There are as many listeners to events as there can be.",
};

/// Of what never came to be a request.
const NO_REQUEST_ID: &str = "00000000-0000-0000-0000-000000000000";
