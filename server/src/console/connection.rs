//! A connection to the console.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::timed_stream::TimedStream;

/// Serves a connection until it ends. When `stop` is notified, it ends after the current response.
///
/// A connection over the limit must send its head sooner, and serves one request.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite,
    peer: SocketAddr,
    router: Router,
    is_overflow: bool,
    mut stop: watch::Receiver<()>,
) {
    let timeouts = if is_overflow { OVERFLOW_TIMEOUTS } else { TIMEOUTS };
    let stream = TimedStream::new(Box::pin(stream), timeouts.first_byte, timeouts.send);
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    // The timeout also runs between requests, so it closes idle connections.
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(MAX_HEAD_BYTES);
    http.keep_alive(!is_overflow);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(peer = %peer, "console connection lost: {error}");
    }
}

struct Timeouts {
    first_byte: Duration,
    head: Duration,
    /// How long the peer may read nothing.
    send: Duration,
}

/// Clients of an API connect to send. A browser that connects early connects again.
const TIMEOUTS: Timeouts =
    Timeouts { first_byte: Duration::from_secs(5), head: Duration::from_secs(10), send: Duration::from_secs(20) };
/// Silent connections must not hold the places of health checks.
const OVERFLOW_TIMEOUTS: Timeouts =
    Timeouts { first_byte: Duration::from_secs(1), head: Duration::from_secs(1), send: Duration::from_secs(2) };
const MAX_HEAD_BYTES: usize = 32 * 1024;
