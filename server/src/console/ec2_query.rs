//! `POST /`, and `GET /` with an action: the HTTP side of the EC2 Query API.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use super::rejection::{self, Rejection};
use super::shared::Shared;
use super::{body, call_response};

pub async fn ec2_query(State(shared): State<Shared>, request: Request) -> Response {
    match read_form(request).await {
        Ok(form) => {
            let response = shared.service.call_ec2(form).await;
            call_response::http_response(response, &shared.service.calls).await
        }
        Err(rejection) => rejection.query_response(),
    }
}

/// Returns the parameters of the query string and of the body, as one form.
async fn read_form(request: Request) -> Result<Vec<u8>, Rejection> {
    let (head, body) = request.into_parts();
    // The limit of a request's head also limits the query string.
    let mut form = head.uri.query().unwrap_or_default().as_bytes().to_vec();
    if head.method == Method::GET {
        return Ok(form);
    }
    if !body::has_type(&head.headers, FORM) {
        return Err(rejection::NOT_A_FORM);
    }
    let body = body::read(&head.headers, body).await?;
    if !form.is_empty() {
        form.push(b'&');
    }
    form.extend(body);
    Ok(form)
}

const FORM: &str = "application/x-www-form-urlencoded";
