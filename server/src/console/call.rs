//! Which requests to the console are calls of the EC2 API.

use axum::http::{Method, Uri};
use imds_ec2::query;

/// Returns whether a request is for a route under `/v1`, whose errors are JSON.
pub fn is_control(uri: &Uri) -> bool {
    uri.path().starts_with("/v1/")
}

/// Returns whether a request is a call of the EC2 API: a POST to another route than those under
/// `/v1`, or a GET whose query string has the parameter `Action`. A HEAD request is none, because its
/// client would not get the response.
pub fn is_call(method: &Method, uri: &Uri) -> bool {
    let has_action = |form: &str| query::has_action(form.as_bytes());
    match *method {
        Method::POST => !is_control(uri),
        Method::GET => uri.path() == "/" && uri.query().is_some_and(has_action),
        _ => false,
    }
}
