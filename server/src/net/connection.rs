//! A connection to the metadata port: runs the core's state machine on a socket.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use imds::connection::{KeepAlive, State};
use imds::http::HopLimit;
use imds::{Connection, Context, Nonce, Scratch, Timestamp};
use socket2::SockRef;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::capacity::Permit;
use super::hop_limit;
use super::timer::Timer;
use crate::app::router::Route;
use crate::app::service::Service;
use crate::telemetry::access_record::AccessRecord;
use crate::telemetry::log;
use crate::terminal;

/// Serves a connection until it ends.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    route: Route,
    service: Arc<Service>,
    permit: Permit,
    mut stop: watch::Receiver<()>,
) {
    let now = service.monotonic.now();
    // A client that got 503 must reconnect, which may get it a permit to be served.
    let (keep_alive, first_byte_millis) = match permit.is_overflow() {
        false => (service.keep_alive, FIRST_BYTE_MILLIS),
        true => (KeepAlive::Off, OVERFLOW_FIRST_BYTE_MILLIS),
    };
    let mut connection = Connection::new(now, keep_alive);
    connection.expect_first_byte_by(now.saturating_add_millis(first_byte_millis));
    let mut driver = Driver {
        connection,
        keep_alive,
        stream,
        peer,
        route,
        service: &service,
        is_overflow: permit.is_overflow(),
        unprocessed: Vec::new(),
        hop_limit: None,
        is_half_closed: false,
        is_stopping: false,
    };
    let sleep = pin!(tokio::time::sleep(Duration::ZERO));
    let stop = pin!(stop.changed());
    let result = driver.run(Timer::new(sleep), stop).await;
    let reason = driver.connection.close_reason();
    log::connection_closed(reason, peer);
    if let Some(telemetry) = &service.telemetry {
        telemetry.connections.count_end(reason);
    }
    if let Err(error) = result {
        tracing::debug!(peer = %peer, "connection lost: {}", terminal::reason(&error));
    }
}

struct Driver<'a> {
    connection: Connection,
    keep_alive: KeepAlive,
    stream: TcpStream,
    peer: SocketAddr,
    route: Route,
    service: &'a Service,
    /// Whether the connection exceeds the limit.
    is_overflow: bool,
    /// Bytes that were read and that the state machine has no room for yet.
    unprocessed: Vec<u8>,
    /// The hop limit of the socket, if it was set.
    hop_limit: Option<HopLimit>,
    is_half_closed: bool,
    is_stopping: bool,
}

/// Why a connection woke up.
enum Wake {
    /// The number of bytes in the thread's buffer; 0 at the end of the stream.
    Input(usize),
    Output,
    Timer,
    Stop,
}

impl Driver<'_> {
    async fn run(&mut self, mut timer: Timer<'_>, mut stop: Pin<&mut impl Future>) -> io::Result<()> {
        if self.keep_alive == KeepAlive::On {
            // Otherwise the end of the stream follows the response, and sends it without delay.
            self.stream.set_nodelay(true)?;
        }
        let mut now = self.service.monotonic.now();
        // Most requests have arrived by now. Without this read, a new connection always waits for
        // the event loop, with its timer set.
        let mut arrived = self.read_arrived()?;
        loop {
            let wake = if let Some(length) = arrived.take() {
                Wake::Input(length)
            } else {
                if let Some((deadline, _)) = self.connection.poll_timeout() {
                    timer.set(now, deadline);
                }
                self.wait(&mut timer, stop.as_mut()).await?
            };
            now = self.service.monotonic.now();
            match wake {
                Wake::Input(length) => self.receive(now, length),
                Wake::Output | Wake::Timer => {}
                Wake::Stop => {
                    self.is_stopping = true;
                    self.connection.shut_down();
                }
            }
            self.answer_and_send(now)?;
            // Also after other wakes: a peer that never stops sending would starve the timer.
            self.connection.handle_timeout(now);
            match self.connection.state() {
                State::Open => {}
                State::Draining => self.half_close()?,
                State::Closed => return Ok(()),
            }
        }
    }

    async fn wait(&mut self, timer: &mut Timer<'_>, mut stop: Pin<&mut impl Future>) -> io::Result<Wake> {
        let wants_read = self.unprocessed.is_empty() && self.connection.wants_read();
        let wants_write = self.connection.poll_transmit().is_some();
        poll_fn(|context| {
            if !self.is_stopping && stop.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(Wake::Stop));
            }
            if wants_read && let Poll::Ready(length) = self.poll_read(context) {
                return Poll::Ready(length.map(Wake::Input));
            }
            if wants_write && let Poll::Ready(ready) = self.stream.poll_write_ready(context) {
                return Poll::Ready(ready.map(|()| Wake::Output));
            }
            if timer.poll_expired(context).is_ready() {
                return Poll::Ready(Ok(Wake::Timer));
            }
            Poll::Pending
        })
        .await
    }

    /// Reads what has arrived into the thread's buffer, whether or not the event loop knows of it.
    fn read_arrived(&self) -> io::Result<Option<usize>> {
        BUFFER.with_borrow_mut(|buffer| match (&*SockRef::from(&self.stream)).read(buffer) {
            Ok(length) => Ok(Some(length)),
            Err(error) if is_temporary(&error) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Sends as much as the socket accepts, whether or not the event loop knows that it does.
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match (&*SockRef::from(&self.stream)).write(bytes) {
            // The event loop has to learn that the socket is full.
            Err(error) if is_temporary(&error) => self.stream.try_write(bytes),
            sent => sent,
        }
    }

    /// Reads into the thread's buffer, so that an idle connection holds none. Unlike `try_read`,
    /// `poll_read` knows after a short read that the socket is empty, which saves a system call.
    fn poll_read(&mut self, context: &mut task::Context<'_>) -> Poll<io::Result<usize>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            let ready = Pin::new(&mut self.stream).poll_read(context, &mut read);
            ready.map_ok(|()| read.filled().len())
        })
    }

    /// Passes the bytes in the thread's buffer to the state machine. There is no `await` since
    /// `poll_read`, so this is the same thread and buffer.
    fn receive(&mut self, now: Timestamp, length: usize) {
        if length == 0 {
            return self.connection.receive_eof();
        }
        BUFFER.with_borrow(|buffer| {
            let accepted = self.connection.receive(now, &buffer[..length]);
            self.unprocessed.extend_from_slice(&buffer[accepted..length]);
        });
    }

    /// Answers all complete requests and sends as much as the socket accepts.
    fn answer_and_send(&mut self, now: Timestamp) -> io::Result<()> {
        loop {
            if !self.unprocessed.is_empty() {
                let accepted = self.connection.receive(now, &self.unprocessed);
                self.unprocessed.drain(..accepted);
                if self.unprocessed.is_empty() {
                    self.unprocessed = Vec::new();
                }
            }
            // A response adds output; sent output makes room for the next request.
            let has_answered = self.answer(now)?;
            let has_sent = self.send(now)?;
            if !has_answered && !has_sent {
                return Ok(());
            }
        }
    }

    /// Answers all complete requests and returns whether there were any.
    ///
    /// # Errors
    ///
    /// The instance was stopped or terminated.
    fn answer(&mut self, monotonic_now: Timestamp) -> io::Result<bool> {
        let service = self.service;
        let telemetry = service.telemetry.as_deref();
        let fleet = service.fleet.load();
        let mut has_answered = false;
        while let Some(request) = self.connection.poll_request(monotonic_now) {
            let now = service.clock.now();
            let is_logged = log::is_on();
            let started = (is_logged || telemetry.is_some()).then(Instant::now);
            let throttled = self.is_overflow || service.is_throttled();
            let Some(instance) = self.route.find(&fleet, now) else {
                return Err(io::Error::other("the instance is stopped or terminated"));
            };
            let context = Context::new(Nonce::new(service.next_nonce())).throttled(throttled);
            let answer =
                SCRATCH.with_borrow_mut(|scratch| instance.instance().answer_with(now, &request, context, scratch));
            if let Some(telemetry) = telemetry {
                telemetry.answers.count(&request, &answer, self.peer.ip());
            }
            let is_observed = is_logged || telemetry.is_some_and(|telemetry| telemetry.events.has_listeners());
            let record = is_observed.then(|| AccessRecord::new(&request, &answer));
            let response = &answer.response;
            SCRATCH
                .with_borrow_mut(|scratch| self.connection.respond_with(monotonic_now, response, scratch))
                .map_err(io::Error::other)?;
            if let Some(started) = started {
                self.report(now, started.elapsed(), instance.id(), record, is_logged);
            }
            has_answered = true;
        }
        Ok(has_answered)
    }

    /// Reports a response that is ready to send to the metrics, the log and the event listeners.
    fn report(&self, now: Timestamp, latency: Duration, instance: &str, record: Option<AccessRecord>, is_logged: bool) {
        let telemetry = self.service.telemetry.as_deref();
        if let Some(telemetry) = telemetry {
            telemetry.answers.observe_latency(latency);
        }
        let Some(record) = record else { return };
        if is_logged {
            log::response(&record, latency, instance, self.peer);
        }
        if let Some(telemetry) = telemetry.filter(|telemetry| telemetry.events.has_listeners()) {
            telemetry.events.send_decision(now, latency, instance, self.peer, record);
        }
    }

    /// Sends as much as the socket accepts and returns whether that was anything.
    fn send(&mut self, now: Timestamp) -> io::Result<bool> {
        let mut has_sent = false;
        while let Some(transmit) = self.connection.poll_transmit() {
            if transmit.hop_limit != self.hop_limit {
                self.hop_limit = transmit.hop_limit;
                if let Some(limit) = transmit.hop_limit {
                    hop_limit::set(&self.stream, self.peer, limit).inspect_err(|error| {
                        let reason = terminal::reason(error);
                        tracing::error!(peer = %self.peer, "response not sent: cannot set the hop limit: {reason}");
                    })?;
                }
            }
            match self.write(transmit.bytes) {
                Ok(sent) => {
                    self.connection.advance_transmit(now, sent);
                    has_sent = true;
                }
                Err(error) if is_temporary(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(has_sent)
    }

    /// Closes the sending side, so that the peer sees the end of the response while the server
    /// still reads and discards input.
    fn half_close(&mut self) -> io::Result<()> {
        if !self.is_half_closed {
            self.is_half_closed = true;
            SockRef::from(&self.stream).shutdown(Shutdown::Write)?;
        }
        Ok(())
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

thread_local! {
    static BUFFER: RefCell<[u8; BUFFER_BYTES]> = const { RefCell::new([0; BUFFER_BYTES]) };
    /// Of the thread, so that connections share it and an idle one holds none.
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
}

/// Chosen: the clients of the metadata service send a request as soon as they are connected. Apache's
/// mod_reqtimeout waits as long; how long EC2 waits is unknown. After a response, a connection of a
/// pool has the time of the core's `IDLE_MILLIS`.
const FIRST_BYTE_MILLIS: u64 = 20_000;
/// Silent connections must not hold the places of those whose requests are rejected.
const OVERFLOW_FIRST_BYTE_MILLIS: u64 = 1_000;
/// Room for a whole request head, or for dozens of pipelined requests.
const BUFFER_BYTES: usize = 16 * 1024;
