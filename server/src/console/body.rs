//! Reads the body of a request, up to a size and within a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::rejection::{self, Rejection};

/// Reads a body.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Rejection> {
    if content_length(headers) > MAX_BYTES as u64 && headers.contains_key(EXPECT) {
        // The client waits for `100 Continue` before it sends the body.
        return Err(rejection::TOO_LARGE);
    }
    timeout(TIMEOUT, read_all(body)).await.unwrap_or(Err(rejection::TOO_SLOW))
}

async fn read_all(body: Body) -> Result<Vec<u8>, Rejection> {
    let mut read = Vec::new();
    let mut length = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(|_| rejection::BROKEN_BODY)?;
        length += chunk.len();
        if length <= MAX_BYTES {
            read.extend_from_slice(&chunk);
        } else if length > MAX_DISCARDED_BYTES {
            break;
        }
    }
    // A body that is too large is read and discarded; otherwise the client, still sending, would
    // miss the response.
    if length > MAX_BYTES { Err(rejection::TOO_LARGE) } else { Ok(read) }
}

/// Returns whether this is the only content type, whatever its parameters are.
pub fn has_type(headers: &HeaderMap, content_type: &str) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter().map(|value| value.as_bytes());
    let essence = types.next().and_then(|value| value.split(|&byte| byte == b';').next());
    let is_type = |essence: &[u8]| essence.trim_ascii().eq_ignore_ascii_case(content_type.as_bytes());
    types.next().is_none() && essence.is_some_and(is_type)
}

fn content_length(headers: &HeaderMap) -> u64 {
    headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0)
}

const MAX_BYTES: usize = 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BYTES;
