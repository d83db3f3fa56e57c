//! One connection: the core's machine on a socket.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use imds::connection::{KeepAlive, State};
use imds::http::HopLimit;
use imds::{Connection, Context, Nonce, Timestamp};
use socket2::SockRef;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::entry::Entry;
use crate::log;
use crate::places::Place;
use crate::route::Route;
use crate::service::Service;
use crate::tell;
use crate::timer::Timer;

/// Serves one connection to its end.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    route: Route,
    service: Arc<Service>,
    place: Place,
    mut stop: watch::Receiver<()>,
) {
    let now = service.steady.now();
    // Whoever is told to come again comes by a new connection, which may find a better place.
    let keep_alive = if place.refused { KeepAlive::Off } else { service.keep_alive };
    let mut driver = Driver {
        connection: Connection::new(now, keep_alive),
        stream,
        peer,
        route,
        service: &service,
        refused: place.refused,
        rest: Vec::new(),
        hop_limit: None,
        half_closed: false,
        stopping: false,
    };
    let sleep = pin!(tokio::time::sleep(Duration::ZERO));
    let stop = pin!(stop.changed());
    let ended = driver.run(Timer::new(sleep), stop).await;
    log::closed(driver.connection.close_reason(), peer);
    if let Err(error) = ended {
        tracing::debug!(peer = %peer, "connection lost: {}", tell::reason(&error));
    }
}

struct Driver<'a> {
    connection: Connection,
    stream: TcpStream,
    peer: SocketAddr,
    route: Route,
    service: &'a Service,
    /// Whether there are more connections than places to serve them.
    refused: bool,
    /// What was read and the machine has no room for yet.
    rest: Vec<u8>,
    /// What the socket is set to.
    hop_limit: Option<HopLimit>,
    half_closed: bool,
    stopping: bool,
}

/// What a connection waited for.
enum Wake {
    /// So many bytes have come into the thread's buffer; none: the peer sends no more.
    Input(usize),
    Output,
    Timer,
    Stop,
}

impl Driver<'_> {
    async fn run(&mut self, mut timer: Timer<'_>, mut stop: Pin<&mut impl Future>) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut now = self.service.steady.now();
        loop {
            if let Some((at, _)) = self.connection.poll_timeout() {
                timer.set(now, at);
            }
            let wake = self.wait(&mut timer, stop.as_mut()).await?;
            now = self.service.steady.now();
            match wake {
                Wake::Input(length) => self.receive(now, length),
                Wake::Output | Wake::Timer => {}
                Wake::Stop => {
                    self.stopping = true;
                    self.connection.shut_down();
                }
            }
            self.answer_and_send(now)?;
            // After every wake: the timer is not heard over a peer that never stops sending.
            self.connection.handle_timeout(now);
            match self.connection.state() {
                State::Open => {}
                State::Draining => self.half_close()?,
                State::Closed => return Ok(()),
            }
        }
    }

    async fn wait(&mut self, timer: &mut Timer<'_>, mut stop: Pin<&mut impl Future>) -> io::Result<Wake> {
        let reading = self.rest.is_empty() && self.connection.wants_read();
        let writing = self.connection.poll_transmit().is_some();
        poll_fn(|context| {
            if !self.stopping && stop.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(Wake::Stop));
            }
            if reading && let Poll::Ready(length) = self.poll_read(context) {
                return Poll::Ready(length.map(Wake::Input));
            }
            if writing && let Poll::Ready(ready) = self.stream.poll_write_ready(context) {
                return Poll::Ready(ready.map(|()| Wake::Output));
            }
            if timer.poll_ring(context).is_ready() {
                return Poll::Ready(Ok(Wake::Timer));
            }
            Poll::Pending
        })
        .await
    }

    /// Reads into the thread's buffer, so that a connection that waits holds none. By `poll_read` rather than `try_read`: where
    /// it reads less than the buffer holds it knows that there is no more, and the system is not asked again.
    fn poll_read(&mut self, context: &mut task::Context<'_>) -> Poll<io::Result<usize>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            let ready = Pin::new(&mut self.stream).poll_read(context, &mut read);
            ready.map_ok(|()| read.filled().len())
        })
    }

    /// Hands over what was read. Nothing is awaited in between, so the thread and its buffer are the same.
    fn receive(&mut self, now: Timestamp, length: usize) {
        if length == 0 {
            return self.connection.receive_eof();
        }
        BUFFER.with_borrow(|buffer| {
            let taken = self.connection.receive(now, &buffer[..length]);
            self.rest.extend_from_slice(&buffer[taken..length]);
        });
    }

    /// Answers whatever is whole and sends as much of that as the system takes.
    fn answer_and_send(&mut self, now: Timestamp) -> io::Result<()> {
        loop {
            if !self.rest.is_empty() {
                let taken = self.connection.receive(now, &self.rest);
                self.rest.drain(..taken);
                if self.rest.is_empty() {
                    self.rest = Vec::new();
                }
            }
            // Either can make way for the other: an answer for sending, an answer sent for the next request.
            let answered = self.answer(now)?;
            let sent = self.send(now)?;
            if !answered && !sent {
                return Ok(());
            }
        }
    }

    /// Whether there was a request to answer. An error is that nobody is there to answer it.
    fn answer(&mut self, steady: Timestamp) -> io::Result<bool> {
        let service = self.service;
        let watch = service.watch.as_deref();
        let fleet = service.fleet.now();
        let mut answered = false;
        while let Some(request) = self.connection.poll_request(steady) {
            let now = service.clock.now();
            let logged = log::is_on();
            let started = (logged || watch.is_some()).then(Instant::now);
            let throttled = self.refused || service.is_throttled(now);
            let Some(member) = self.route.find(&fleet, now) else {
                return Err(io::Error::other("the instance is stopped or terminated"));
            };
            let context = Context::new(Nonce::new(service.nonce())).throttled(throttled);
            let answer = member.instance().answer(now, &request, context);
            if let Some(watch) = watch {
                watch.answers.count(&request, &answer, self.peer.ip());
            }
            let told = logged || watch.is_some_and(|watch| watch.events.are_watched());
            let entry = told.then(|| Entry::new(&request, &answer));
            self.connection.respond(steady, &answer.response).map_err(io::Error::other)?;
            if let Some(started) = started {
                self.tell(now, started.elapsed(), member.id(), entry, logged);
            }
            answered = true;
        }
        Ok(answered)
    }

    /// Tells of an answer that is ready to be sent: how long it took, and what it was where anyone listens.
    fn tell(&self, now: Timestamp, took: Duration, instance: &str, entry: Option<Entry>, logged: bool) {
        let watch = self.service.watch.as_deref();
        if let Some(watch) = watch {
            watch.answers.took(took);
        }
        let Some(entry) = entry else { return };
        if logged {
            log::answered(&entry, took, instance, self.peer);
        }
        if let Some(watch) = watch.filter(|watch| watch.events.are_watched()) {
            watch.events.decided(now, took, instance, self.peer, entry);
        }
    }

    /// Whether anything could be sent.
    fn send(&mut self, now: Timestamp) -> io::Result<bool> {
        let mut any = false;
        while let Some(transmit) = self.connection.poll_transmit() {
            if transmit.hop_limit != self.hop_limit {
                self.hop_limit = transmit.hop_limit;
                if let Some(limit) = transmit.hop_limit {
                    set_hop_limit(&self.stream, self.peer, limit).inspect_err(|error| {
                        let reason = tell::reason(error);
                        tracing::error!(peer = %self.peer, "answer not sent: cannot set the hop limit: {reason}");
                    })?;
                }
            }
            match self.stream.try_write(transmit.bytes) {
                Ok(sent) => {
                    self.connection.advance_transmit(now, sent);
                    any = true;
                }
                Err(error) => {
                    would_block(error)?;
                    break;
                }
            }
        }
        Ok(any)
    }

    /// Ends the sending half, so that the peer sees the answer's end while what it still sends is dropped.
    fn half_close(&mut self) -> io::Result<()> {
        if !self.half_closed {
            self.half_closed = true;
            SockRef::from(&self.stream).shutdown(Shutdown::Write)?;
        }
        Ok(())
    }
}

/// How far what is sent from here on travels, and what the system sends again of what was sent before.
fn set_hop_limit(stream: &TcpStream, peer: SocketAddr, limit: HopLimit) -> io::Result<()> {
    let socket = SockRef::from(stream);
    match peer {
        SocketAddr::V4(_) => socket.set_ttl_v4(limit.get().into()),
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(limit.get().into()),
    }
}

/// There is nothing to read, or no room to write: not an error of the stream.
fn would_block(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
        _ => Err(error),
    }
}

thread_local! {
    static BUFFER: RefCell<[u8; BUFFER_BYTES]> = const { RefCell::new([0; BUFFER_BYTES]) };
}

/// A whole head, or a good many pipelined requests.
const BUFFER_BYTES: usize = 16 * 1024;
