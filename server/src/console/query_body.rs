//! The body of a response of the EC2 API, over HTTP.

use std::io;
use std::ops::ControlFlow;

use axum::body::{Body, Bytes};
use futures_util::stream;
use imds_ec2::query;
use tokio::sync::mpsc;
use tokio::task;

/// Returns the body. A long document is written in a thread of its own, at most
/// [`QUEUED_CHUNKS`] before the client has read them, until the client is gone.
pub fn http_body(body: query::Body) -> Body {
    if body.in_memory().is_some() {
        return Body::from(body.into_bytes());
    }
    let (sender, receiver) = mpsc::channel(QUEUED_CHUNKS);
    task::spawn_blocking(move || {
        body.send(|chunk| match sender.blocking_send(Part::Chunk(Bytes::copy_from_slice(chunk))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        // The client is gone if this fails.
        let _ = sender.blocking_send(Part::End);
    });
    let chunks = stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Part::Chunk(chunk)) => Some((Ok(chunk), Some(receiver))),
            Some(Part::End) => None,
            // The thread has panicked. The client gets an incomplete response, not a short one.
            None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
        }
    });
    Body::from_stream(chunks)
}

enum Part {
    Chunk(Bytes),
    End,
}

const QUEUED_CHUNKS: usize = 2;
