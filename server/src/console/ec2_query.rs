//! `POST /`, and `GET /` with an action: the HTTP side of the EC2 Query API.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, Method};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::rejection::{self, Rejection};
use super::shared::Shared;
use crate::app::query_response::QueryResponse;

pub async fn ec2_query(State(shared): State<Shared>, request: Request) -> QueryResponse {
    match read_form(request).await {
        Ok(form) => shared.service.call_ec2(form).await,
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
    if !is_form(&head.headers) {
        return Err(rejection::NOT_A_FORM);
    }
    if content_length(&head.headers) > MAX_FORM_BYTES as u64 && head.headers.contains_key(EXPECT) {
        // The client waits for `100 Continue` before it sends the body.
        return Err(rejection::TOO_LARGE);
    }
    let body = timeout(FORM_TIMEOUT, read_body(body)).await.unwrap_or(Err(rejection::TOO_SLOW))?;
    if !form.is_empty() {
        form.push(b'&');
    }
    form.extend(body);
    Ok(form)
}

async fn read_body(body: Body) -> Result<Vec<u8>, Rejection> {
    let mut form = Vec::new();
    let mut length = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(|_| rejection::BROKEN_BODY)?;
        length += chunk.len();
        if length <= MAX_FORM_BYTES {
            form.extend_from_slice(&chunk);
        } else if length > MAX_DISCARDED_BYTES {
            break;
        }
    }
    // A body that is too large is read and discarded; otherwise the client, still sending, would
    // miss the response.
    if length > MAX_FORM_BYTES { Err(rejection::TOO_LARGE) } else { Ok(form) }
}

/// Returns whether the only content type is that of a form.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter().map(|value| value.as_bytes());
    let essence = types.next().and_then(|value| value.split(|&byte| byte == b';').next());
    types.next().is_none() && essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(FORM))
}

fn content_length(headers: &HeaderMap) -> u64 {
    headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0)
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";
const MAX_FORM_BYTES: usize = 1024 * 1024;
const FORM_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_DISCARDED_BYTES: usize = 16 * MAX_FORM_BYTES;
