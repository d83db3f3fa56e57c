//! `POST /`: the EC2 Query API. Here is how its bytes come and go; what it does is the service's.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::Shared;
use super::refusal::{self, Refusal};
use crate::reply::Reply;

pub async fn query(State(shared): State<Shared>, request: Request) -> Reply {
    let service = shared.service;
    match form(request).await {
        Ok(form) => service.ec2(&form),
        Err(refusal) => refusal.reply(),
    }
}

/// The whole body, within its bounds.
async fn form(request: Request) -> Result<Vec<u8>, Refusal> {
    let (head, body) = request.into_parts();
    if !is_form(&head.headers) {
        return Err(refusal::NO_FORM);
    }
    if announced(&head.headers) > FORM_BYTES as u64 && head.headers.contains_key(EXPECT) {
        // It waits for a word before it sends all that.
        return Err(refusal::TOO_LARGE);
    }
    timeout(FORM_TIME, read(body)).await.unwrap_or(Err(refusal::TOO_SLOW))
}

async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut form = Vec::new();
    let mut length = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece: Bytes = piece.map_err(|_| refusal::BROKEN_BODY)?;
        length += piece.len();
        if length <= FORM_BYTES {
            form.extend_from_slice(&piece);
        } else if length > DROPPED_BYTES {
            break;
        }
    }
    // What is too large is read on and dropped, or the client, still sending, would miss the answer.
    if length > FORM_BYTES { Err(refusal::TOO_LARGE) } else { Ok(form) }
}

/// A form, and said to be nothing else. A page of another site can send one as well, but at the fence it has been refused.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter().map(|value| value.as_bytes());
    let essence = types.next().and_then(|value| value.split(|&byte| byte == b';').next());
    types.next().is_none() && essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(FORM))
}

fn announced(headers: &HeaderMap) -> u64 {
    headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0)
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let fields = [("content-type", "text/xml;charset=UTF-8"), ("x-amzn-requestid", &self.request_id)];
        (status, fields, self.body).into_response()
    }
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";
const FORM_BYTES: usize = 1024 * 1024;
const FORM_TIME: Duration = Duration::from_secs(10);
const DROPPED_BYTES: usize = 16 * FORM_BYTES;
