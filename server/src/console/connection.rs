//! A connection to the console.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

/// Serves a connection until it ends. When `stop` is notified, it ends after the current response.
///
/// A connection over the limit must send its head sooner, and serves one request.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    is_overflow: bool,
    mut stop: watch::Receiver<()>,
) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // A peer that reads nothing would hold its place for ever.
    stream.set_write_timeout(Some(SEND_TIMEOUT));
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    // The timeout also runs between requests, so it closes idle connections.
    let head_timeout = if is_overflow { OVERFLOW_HEAD_TIMEOUT } else { HEAD_TIMEOUT };
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(MAX_HEAD_BYTES);
    http.keep_alive(!is_overflow);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
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

const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Silent connections must not hold the places of health checks.
const OVERFLOW_HEAD_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the peer may read nothing while there is something to send.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_HEAD_BYTES: usize = 32 * 1024;
