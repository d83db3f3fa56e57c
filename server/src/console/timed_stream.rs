//! A stream that fails if its peer is too slow.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream with a deadline for the first byte that it receives, and a minimum rate at which its
/// peer reads. HTTP has the other deadlines.
pub struct TimedStream<S> {
    stream: S,
    /// Until the first byte is received.
    first_byte: Option<Pin<Box<Sleep>>>,
    sending: SendBudget,
}

/// The time that the peer may still take to read. It runs only while there is something to send.
///
/// Each byte that the peer reads adds the time that it takes at the minimum rate.
struct SendBudget {
    /// The budget at first, and the most.
    full: Duration,
    left: Duration,
    /// Since when the stream accepts nothing.
    stalled: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
}

impl<S> TimedStream<S> {
    /// `send` is how long the peer may read nothing.
    pub fn new(stream: S, first_byte: Duration, send: Duration) -> TimedStream<S> {
        TimedStream { stream, first_byte: Some(Box::pin(sleep(first_byte))), sending: SendBudget::new(send) }
    }
}

impl SendBudget {
    fn new(full: Duration) -> SendBudget {
        SendBudget { full, left: full, stalled: None, sleep: Box::pin(sleep(full)) }
    }

    /// Applies the result of a write to the budget.
    fn poll(&mut self, context: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(bytes)) => {
                let stalled = self.stalled.take().map_or(Duration::ZERO, |since| since.elapsed());
                let earned = SEND_BYTE.saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
                self.left = self.left.saturating_sub(stalled).saturating_add(earned).min(self.full);
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if self.stalled.is_none() {
                    let now = Instant::now();
                    self.stalled = Some(now);
                    self.sleep.as_mut().reset(now + self.left);
                }
                ready!(self.sleep.as_mut().poll(context));
                return Poll::Ready(Err(too_slow("the peer reads too slowly")));
            }
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        match (&result, &mut self.first_byte) {
            (Poll::Pending, Some(deadline)) => {
                ready!(deadline.as_mut().poll(context));
                Poll::Ready(Err(too_slow("the peer sends nothing")))
            }
            (Poll::Pending, None) => result,
            (Poll::Ready(_), _) => {
                self.first_byte = None;
                result
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.sending.poll(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.sending.poll(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn too_slow(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, reason)
}

/// The time of a byte at the minimum rate: 1000 bytes a second.
const SEND_BYTE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::TimedStream;

    const FIRST_BYTE: Duration = Duration::from_secs(5);
    const SEND: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn a_reader_below_the_minimum_rate_is_disconnected() {
        for (bytes, every, is_served) in [
            (0, Duration::from_secs(1), false),
            (1, Duration::from_secs(19), false),
            (100, Duration::from_millis(200), false),
            (15_000, Duration::from_secs(19), false),
            (100, Duration::from_millis(90), true),
            (19_000, Duration::from_secs(19), true),
            (20_000, Duration::from_secs(19), true),
        ] {
            let (mut stream, peer) = connected();
            let reading = tokio::spawn(read_slowly(peer, bytes, every));
            let started = Instant::now();
            // Fifteen minutes for a reader at twice the minimum rate.
            let result = stream.write_all(&vec![0; 900 * 1000]).await;
            assert_eq!(result.is_ok(), is_served, "{bytes} bytes every {every:?}");
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::TimedOut);
                assert!(started.elapsed() >= SEND);
            }
            reading.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_without_anything_to_read_takes_none_of_its_time() {
        let (mut stream, mut peer) = connected();
        let mut buffer = vec![0; 2 * BUFFERED];
        for _ in 0..10 {
            let reading = async {
                sleep(SEND - Duration::from_secs(1)).await;
                peer.read_exact(&mut buffer).await.unwrap();
            };
            let (written, ()) = tokio::join!(stream.write_all(&[0; 2 * BUFFERED]), reading);
            written.unwrap();
            sleep(Duration::from_secs(3600)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_first_byte_has_a_deadline() {
        let (mut stream, _peer) = connected();
        let started = Instant::now();
        assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(started.elapsed(), FIRST_BYTE);

        let (mut stream, mut peer) = connected();
        let (sent, received) = tokio::join!(
            async {
                sleep(FIRST_BYTE - Duration::from_millis(1)).await;
                peer.write_all(b"G").await.unwrap();
                sleep(Duration::from_secs(3600)).await;
                peer.write_all(b"E").await
            },
            async { [stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap()] }
        );
        sent.unwrap();
        assert_eq!(received, *b"GE");
    }

    async fn read_slowly(mut peer: DuplexStream, bytes: usize, every: Duration) {
        loop {
            sleep(every).await;
            if peer.read_exact(&mut vec![0; bytes]).await.is_err() {
                return;
            }
        }
    }

    fn connected() -> (TimedStream<DuplexStream>, DuplexStream) {
        let (stream, peer) = duplex(BUFFERED);
        (TimedStream::new(stream, FIRST_BYTE, SEND), peer)
    }

    const BUFFERED: usize = 32 * 1024;
}
