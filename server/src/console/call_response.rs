//! A response of the EC2 API, over HTTP.

use std::io;
use std::ops::ControlFlow;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Sender};
use tokio::{select, task};

use crate::app::call_limits::{CallLimits, Permit, Permits};
use crate::app::query_response::QueryResponse;

/// Returns the response to a call.
pub async fn http_response(response: QueryResponse, limits: &CallLimits) -> Response {
    let QueryResponse { status, request_id, body } = response;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match body.in_memory() {
        Some(_) => Body::from(body.into_bytes()),
        None => written_body(move |send| body.send(send), limits).await,
    };
    xml_response(status, &request_id, body)
}

/// Returns a response with an XML document.
pub fn xml_response(status: StatusCode, request_id: &str, document: Body) -> Response {
    (status, [("content-type", "text/xml;charset=UTF-8"), ("x-amzn-requestid", request_id)], document).into_response()
}

/// Returns a body that `write` sends in chunks, until a break. It runs in a thread of its own, at
/// most [`QUEUED_CHUNKS`] before the client has read them.
///
/// `write` has a permit to work while it runs, and none while a chunk waits for the client. So a
/// client that reads slowly delays only its own document.
async fn written_body(write: impl FnOnce(&mut SendChunk) + Send + 'static, limits: &CallLimits) -> Body {
    let writer = limits.writers.acquire().await;
    let work = limits.work.clone();
    let (sender, receiver) = mpsc::channel(QUEUED_CHUNKS);
    task::spawn_blocking(move || {
        let mut permit = wait_for_permit(&work, &sender);
        if permit.is_some() {
            write(&mut |chunk| {
                let chunk = Part::Chunk(Bytes::copy_from_slice(chunk));
                permit = None;
                if sender.blocking_send(chunk).is_ok() {
                    permit = wait_for_permit(&work, &sender);
                }
                if permit.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            drop(permit);
            // The client is gone if this fails.
            let _ = sender.blocking_send(Part::End);
        }
        drop(writer);
    });
    let chunks = stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Part::Chunk(chunk)) => Some((Ok(chunk), Some(receiver))),
            Some(Part::End) => None,
            // The thread panicked. The client sees that the response is incomplete.
            None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
        }
    });
    Body::from_stream(chunks)
}

/// Blocks the thread until it has a permit. Returns `None` if the client is gone.
fn wait_for_permit(work: &Permits, client: &Sender<Part>) -> Option<Permit> {
    Handle::current().block_on(async {
        select! {
            biased;
            () = client.closed() => None,
            permit = work.acquire() => Some(permit),
        }
    })
}

type SendChunk<'s> = dyn FnMut(&[u8]) -> ControlFlow<()> + 's;

enum Part {
    Chunk(Bytes),
    End,
}

const QUEUED_CHUNKS: usize = 2;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use axum::body::{Body, to_bytes};
    use tokio::runtime::{Builder, Runtime};
    use tokio::time::timeout;

    use super::{QUEUED_CHUNKS, SendChunk, written_body};
    use crate::app::call_limits::{CallLimits, MAX_CALLS, MAX_THREADS};

    #[test]
    fn documents_that_wait_for_their_readers_delay_no_other() {
        runtime().block_on(async {
            let limits = CallLimits::new();
            let mut unread: Vec<Body> = Vec::new();
            for _ in 1..MAX_CALLS {
                unread.push(written_body(|send| write(send, || ()), &limits).await);
            }
            let body = written_body(|send| write(send, || ()), &limits).await;
            let read = timeout(TIMEOUT, to_bytes(body, usize::MAX)).await;
            assert_eq!(read.expect("the document is written").unwrap().len(), CHUNKS * CHUNK_BYTES);
        });
    }

    #[test]
    fn at_most_two_documents_are_written_at_a_time() {
        let running = Arc::new([const { AtomicUsize::new(0) }; 2]);
        let work = {
            let running = running.clone();
            move || {
                let [now, most] = &*running;
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_micros(500));
                now.fetch_sub(1, Ordering::SeqCst);
            }
        };
        runtime().block_on(async {
            let limits = CallLimits::new();
            let read = |_| {
                let (limits, work) = (limits.clone(), work.clone());
                tokio::spawn(async move {
                    let body = written_body(move |send| write(send, work), &limits).await;
                    to_bytes(body, usize::MAX).await.unwrap().len()
                })
            };
            let reading: Vec<_> = (0..MAX_CALLS).map(read).collect();
            for length in reading {
                let length = timeout(TIMEOUT, length).await.expect("the document is written");
                assert_eq!(length.unwrap(), CHUNKS * CHUNK_BYTES);
            }
        });
        assert_eq!(running[1].load(Ordering::SeqCst), 2);
    }

    #[test]
    fn the_threads_of_clients_that_leave_end() {
        runtime().block_on(async {
            let limits = CallLimits::new();
            for _ in 0..4 * MAX_CALLS {
                let body = written_body(|send| write(send, || ()), &limits);
                drop(timeout(TIMEOUT, body).await.expect("a thread is free"));
            }
        });
    }

    fn write(send: &mut SendChunk, work: impl Fn()) {
        for _ in 0..CHUNKS {
            work();
            if send(&[0; CHUNK_BYTES]).is_break() {
                return;
            }
        }
    }

    fn runtime() -> Runtime {
        Builder::new_multi_thread().worker_threads(1).max_blocking_threads(MAX_THREADS).enable_all().build().unwrap()
    }

    const CHUNKS: usize = 4 * QUEUED_CHUNKS;
    const CHUNK_BYTES: usize = 10;
    const TIMEOUT: Duration = Duration::from_secs(20);
}
