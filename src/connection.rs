//! One TCP stream as a state machine.
//!
//! Bytes go in, in pieces of any size, and come out as one request at a time. Responses go in and
//! come out as bytes to send. The machine does not block and reads no clock: its driver
//!
//! * passes the time to each call,
//! * passes received bytes to [`Connection::receive`],
//! * answers what [`Connection::poll_request`] returns with [`Connection::respond`],
//! * sends what [`Connection::poll_transmit`] offers, and
//! * calls [`Connection::handle_timeout`] at the time of [`Connection::poll_timeout`].
//!
//! **At most one request is outstanding: after [`Connection::poll_request`] returned a request, it
//! returns `None` until [`Connection::respond`] is called.** Pipelined requests wait in the inbox,
//! in order.

use alloc::vec::Vec;
use core::fmt;
use core::mem;

use crate::http::{
    Body, BodyReader, Content, HeadScanner, HopLimit, KeptHeads, Persistence, Request, RequestFault, Response,
};
use crate::limits;
use crate::scratch::Scratch;
use crate::time::Timestamp;

/// A stream of requests and responses. The [module](self) describes how to drive it.
///
/// `Debug` shows the number of buffered bytes, not the bytes: they may contain a token or a
/// credential.
#[derive(Clone)]
pub struct Connection {
    /// Received bytes. `inbox[start..]` is not parsed yet, and at most [`limits::INBOX_BYTES`]
    /// long.
    inbox: Vec<u8>,
    start: usize,
    /// The head of a request whose body is still arriving, copied because its bytes left the inbox.
    head: Vec<u8>,
    /// Bytes of responses; `outbox[..sent]` is sent.
    outbox: Vec<u8>,
    sent: usize,
    /// The lowest hop limit of all responses so far. It is never raised: the system may retransmit
    /// a segment of an earlier response, which must not travel further than allowed.
    hop_limit: Option<HopLimit>,
    phase: Phase,
    scanner: HeadScanner,
    keep_alive: KeepAlive,
    /// Why the connection closes once the outbox is sent. `None`: it stays open.
    close: Option<CloseReason>,
    /// The peer has closed its sending half.
    eof: bool,
    /// When the current phase of reading times out.
    read_deadline: Timestamp,
    /// When the peer has received too little of the outbox. Unused while the outbox is empty.
    send_deadline: Timestamp,
}

/// Whether a connection may serve more than one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepAlive {
    /// The connection closes after each response, as on EC2.
    #[default]
    Off,
    /// The connection stays open as long as the client wants. For load tests and embedders.
    On,
}

named_enum! {
    /// Why a connection closes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CloseReason {
        /// The response is sent, and [`KeepAlive::Off`] closes after each response.
        Answered = "answered",
        /// The client asked for it, with `Connection: close` or as HTTP/1.0 without `keep-alive`.
        Asked = "asked",
        /// The end of the body, and so the start of the next request, is unknown.
        Unframed = "unframed",
        /// The peer stopped sending, and every request is answered.
        EndOfInput = "end-of-input",
        /// The peer stopped sending in the middle of a request.
        Truncated = "truncated",
        /// No request arrived within [`limits::IDLE_MILLIS`].
        Idle = "idle",
        /// The head took longer than [`limits::HEAD_MILLIS`].
        SlowHead = "slow-head",
        /// The body took longer than [`limits::BODY_MILLIS`].
        SlowBody = "slow-body",
        /// The peer received nothing for [`limits::SEND_MILLIS`], or less than
        /// [`limits::SEND_RATE`].
        SlowReader = "slow-reader",
        /// The server is shutting down.
        Shutdown = "shutdown",
    }
}

named_enum! {
    /// What times out.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Timer {
        /// The wait for a request.
        Idle = "idle",
        /// The arrival of the rest of a head.
        Head = "head",
        /// The arrival of the rest of a body.
        Body = "body",
        /// The sending of a response.
        Send = "send",
        /// The draining of unread input after the last response.
        Drain = "drain",
    }
}

/// Bytes to send. `Debug` shows their number, not the bytes.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub struct Transmit<'a> {
    /// The bytes. Any prefix of them may be sent.
    pub bytes: &'a [u8],
    /// The IP TTL (IPv6: hop limit) to set on the socket **before the first byte is queued**, and
    /// not to raise again. `None`: the system's default.
    pub hop_limit: Option<HopLimit>,
}

/// What the driver must do with the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Continue to read and to write.
    Open,
    /// Shut down the sending half, then continue to read until the peer closes or [`Timer::Drain`]
    /// is due. The bytes are discarded.
    Draining,
    /// Close the stream.
    Closed,
}

/// [`Connection::respond`] was called while no request was outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRequest;

impl fmt::Display for NoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot respond: no request is outstanding; call poll_request first")
    }
}

impl core::error::Error for NoRequest {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No byte of a request has arrived.
    Waiting,
    /// A part of a head has arrived.
    Head,
    /// The inbox begins with a whole head.
    HeadReady,
    /// The head has left the inbox. A part of its body has not arrived.
    Body(BodyReader),
    /// The head has left the inbox. Its body has arrived, or is rejected.
    BodyRead { rejected: Option<Body> },
    /// The head is too long to be parsed.
    Faulty(RequestFault),
    /// The driver has the request and has not responded.
    AwaitingResponse { wants_keep_alive: bool, framed: bool },
    /// No further request is read. `remaining` more bytes are discarded before the stream closes.
    Drain { remaining: usize },
    /// Nothing more is read.
    Done,
}

impl Connection {
    /// A connection that was accepted at `now`.
    pub fn new(now: Timestamp, keep_alive: KeepAlive) -> Connection {
        Connection {
            inbox: Vec::new(),
            start: 0,
            head: Vec::new(),
            outbox: Vec::new(),
            sent: 0,
            hop_limit: None,
            phase: Phase::Waiting,
            scanner: HeadScanner::default(),
            keep_alive,
            close: None,
            eof: false,
            read_deadline: now.saturating_add_millis(limits::IDLE_MILLIS),
            send_deadline: Timestamp::MAX,
        }
    }

    /// Resets the connection for a new stream, reusing its buffers.
    pub fn reset(&mut self, now: Timestamp, keep_alive: KeepAlive) {
        let buffers = [&mut self.inbox, &mut self.head, &mut self.outbox].map(|buffer| {
            clear(buffer);
            mem::take(buffer)
        });
        let [inbox, head, outbox] = buffers;
        *self = Connection { inbox, head, outbox, ..Connection::new(now, keep_alive) };
    }

    /// Closes the connection at `deadline` if no byte of its first request has arrived, instead of
    /// [`limits::IDLE_MILLIS`] after its start. Later requests are not affected. Call it after
    /// [`Connection::new`] or [`Connection::reset`].
    pub fn expect_first_byte_by(&mut self, deadline: Timestamp) {
        if self.phase == Phase::Waiting {
            self.read_deadline = deadline;
        }
    }

    /// Takes received bytes and returns how many.
    ///
    /// A smaller number than `bytes.len()` means that the inbox is full: pass the rest again after
    /// [`Connection::poll_request`]. After the last request and after [`Connection::receive_eof`],
    /// all bytes are taken and discarded.
    pub fn receive(&mut self, now: Timestamp, bytes: &[u8]) -> usize {
        match &mut self.phase {
            Phase::Done => return bytes.len(),
            Phase::Drain { remaining } => {
                *remaining = remaining.saturating_sub(bytes.len());
                if *remaining == 0 {
                    self.phase = Phase::Done;
                }
                return bytes.len();
            }
            _ if self.eof => return bytes.len(),
            _ => {}
        }
        if self.start > 0 {
            self.inbox.drain(..self.start);
            self.start = 0;
        }
        let discarded = self.read_body(bytes);
        let fits = (bytes.len() - discarded).min(limits::INBOX_BYTES - self.inbox.len());
        self.inbox.extend_from_slice(&bytes[discarded..discarded + fits]);
        self.read_head(now);
        discarded + fits
    }

    /// The peer closed its sending half. Whole requests in the inbox are still answered.
    pub fn receive_eof(&mut self) {
        self.eof = true;
        match self.phase {
            Phase::Waiting => self.finish(CloseReason::EndOfInput),
            Phase::Head | Phase::Body(_) => self.finish(CloseReason::Truncated),
            Phase::Drain { .. } => self.phase = Phase::Done,
            _ => {}
        }
    }

    /// The next whole request, if no request is outstanding.
    ///
    /// A head with a [`RequestFault`] is a request too, and so is one whose body is rejected. A body
    /// within its limits has arrived and is discarded, unless the client sent `Expect:
    /// 100-continue` and waits before sending it.
    pub fn poll_request(&mut self, now: Timestamp) -> Option<Request<'_>> {
        if self.outbox.len() - self.sent > limits::OUTBOX_BYTES {
            return None;
        }
        let mut request = match self.phase {
            Phase::HeadReady => Request::parse(&self.inbox[self.start..]),
            Phase::Faulty(fault) => Request::unreadable(fault),
            Phase::BodyRead { rejected } => {
                let mut request = Request::parse(&self.head);
                request.body = rejected.unwrap_or(request.body);
                let (wants_keep_alive, framed) = (request.wants_keep_alive, request.is_framed());
                self.phase = Phase::AwaitingResponse { wants_keep_alive, framed };
                return Some(request);
            }
            _ => return None,
        };
        let mut framed = request.is_framed() && !request.expects;
        let head = self.start..self.start + request.head.len();
        self.start = head.end;
        if let (Some(mut reader), true) = (BodyReader::of(request.body), framed) {
            match reader.read(&self.inbox[self.start..]) {
                Ok(Some(arrived)) => self.start += arrived,
                Ok(None) => {
                    self.start = self.inbox.len();
                    self.head.clear();
                    self.head.extend_from_slice(&self.inbox[head]);
                    self.phase = Phase::Body(reader);
                    self.read_deadline = now.saturating_add_millis(limits::BODY_MILLIS);
                    if self.eof {
                        self.close = Some(CloseReason::Truncated);
                        self.phase = Phase::Done;
                    }
                    return None;
                }
                Err(rejected) => {
                    request.body = rejected;
                    framed = false;
                }
            }
        }
        self.phase = Phase::AwaitingResponse { wants_keep_alive: request.wants_keep_alive, framed };
        Some(request)
    }

    /// Queues the response to the outstanding request.
    ///
    /// # Errors
    ///
    /// [`NoRequest`] if no request is outstanding. The connection is unchanged.
    pub fn respond<C: Content>(&mut self, now: Timestamp, response: &Response<C>) -> Result<(), NoRequest> {
        self.queue(now, response, None)
    }

    /// Queues the response to the outstanding request, like [`Connection::respond`], with less work
    /// if the scratch has a head that differs in its numbers only.
    ///
    /// # Errors
    ///
    /// [`NoRequest`] if no request is outstanding. The connection is unchanged.
    pub fn respond_with<C: Content>(
        &mut self,
        now: Timestamp,
        response: &Response<C>,
        scratch: &mut Scratch,
    ) -> Result<(), NoRequest> {
        self.queue(now, response, Some(&mut scratch.heads))
    }

    fn queue<C: Content>(
        &mut self,
        now: Timestamp,
        response: &Response<C>,
        heads: Option<&mut KeptHeads>,
    ) -> Result<(), NoRequest> {
        let Phase::AwaitingResponse { wants_keep_alive, framed } = self.phase else { return Err(NoRequest) };
        let reason = match self.keep_alive {
            _ if !framed => Some(CloseReason::Unframed),
            KeepAlive::Off => Some(CloseReason::Answered),
            KeepAlive::On if !wants_keep_alive => Some(CloseReason::Asked),
            KeepAlive::On => self.close,
        };
        if self.sent == self.outbox.len() {
            self.send_deadline = now.saturating_add_millis(limits::SEND_MILLIS);
        }
        let persistence = if reason.is_some() { Persistence::Close } else { Persistence::KeepAlive };
        response.write_with(persistence, heads, &mut self.outbox);
        self.hop_limit = match (self.hop_limit, response.hop_limit) {
            (Some(before), Some(limit)) => Some(before.min(limit)),
            (before, limit) => before.or(limit),
        };
        match reason {
            Some(reason) => self.finish_after_response(reason, framed),
            None => self.next_request(now),
        }
        Ok(())
    }

    /// The bytes to send next, if any.
    pub fn poll_transmit(&self) -> Option<Transmit<'_>> {
        let bytes = &self.outbox[self.sent..];
        (!bytes.is_empty()).then_some(Transmit { bytes, hop_limit: self.hop_limit })
    }

    /// Marks the first `bytes` of the offered bytes as sent. More than were offered is clamped.
    ///
    /// Call [`Connection::poll_request`] afterwards: a pipelined request may have waited for room
    /// in the outbox.
    pub fn advance_transmit(&mut self, now: Timestamp, bytes: usize) {
        let bytes = bytes.min(self.outbox.len() - self.sent);
        if bytes == 0 {
            return;
        }
        self.sent += bytes;
        if self.sent < self.outbox.len() {
            // Each byte adds the time that it takes at the minimum rate.
            let millis = bytes as u64 * 1000 / limits::SEND_RATE;
            let latest = now.saturating_add_millis(limits::SEND_MILLIS);
            self.send_deadline = self.send_deadline.saturating_add_millis(millis).min(latest);
            return;
        }
        clear(&mut self.outbox);
        self.sent = 0;
        // The peer cannot go on before it has the response. A response is never empty, so `respond`
        // does not set these deadlines.
        match self.phase {
            Phase::Drain { .. } => self.read_deadline = now.saturating_add_millis(limits::DRAIN_MILLIS),
            Phase::Waiting => self.read_deadline = now.saturating_add_millis(limits::IDLE_MILLIS),
            _ => {}
        }
    }

    /// When to call [`Connection::handle_timeout`], and what times out then.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Timer)> {
        if !self.outbox.is_empty() {
            return Some((self.send_deadline, Timer::Send));
        }
        let timer = match self.phase {
            Phase::Waiting => Timer::Idle,
            Phase::Head => Timer::Head,
            Phase::Body(_) => Timer::Body,
            Phase::Drain { .. } => Timer::Drain,
            Phase::HeadReady
            | Phase::BodyRead { .. }
            | Phase::Faulty(_)
            | Phase::AwaitingResponse { .. }
            | Phase::Done => {
                return None;
            }
        };
        Some((self.read_deadline, timer))
    }

    /// Closes the connection if a timeout is due. A spurious call is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let Some((at, timer)) = self.poll_timeout() else { return };
        if now < at {
            return;
        }
        match timer {
            Timer::Idle => self.finish(CloseReason::Idle),
            Timer::Head => self.finish(CloseReason::SlowHead),
            Timer::Body => self.finish(CloseReason::SlowBody),
            Timer::Drain => self.phase = Phase::Done,
            Timer::Send => {
                self.outbox = Vec::new();
                self.sent = 0;
                self.finish(CloseReason::SlowReader);
            }
        }
    }

    /// Begins a graceful shutdown: a request that has begun to arrive is answered, later ones are
    /// not read.
    pub fn shut_down(&mut self) {
        if self.phase == Phase::Waiting {
            self.finish(CloseReason::Shutdown);
        } else {
            self.close = self.close.or(Some(CloseReason::Shutdown));
        }
    }

    /// What the driver must do with the stream.
    pub fn state(&self) -> State {
        match self.phase {
            _ if !self.outbox.is_empty() => State::Open,
            Phase::Drain { .. } => State::Draining,
            Phase::Done => State::Closed,
            _ => State::Open,
        }
    }

    /// Returns `true` if [`Connection::receive`] would take a byte.
    ///
    /// While it would not, do not read from the stream: TCP then slows the peer down.
    pub fn wants_read(&self) -> bool {
        match self.phase {
            Phase::Done => false,
            Phase::Drain { .. } => true,
            _ => !self.eof && self.inbox.len() - self.start < limits::INBOX_BYTES,
        }
    }

    /// Why the connection closes now, or after the response to the current request. `None`: it
    /// stays open.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.close
    }

    /// Starts to read the next request, a part of which may be in the inbox.
    fn next_request(&mut self, now: Timestamp) {
        self.phase = Phase::Waiting;
        self.read_head(now);
        match self.phase {
            Phase::Waiting if self.eof => self.finish(CloseReason::EndOfInput),
            Phase::Head if self.eof => self.finish(CloseReason::Truncated),
            _ => {}
        }
    }

    fn finish(&mut self, reason: CloseReason) {
        self.close = Some(reason);
        self.phase = Phase::Done;
        clear(&mut self.inbox);
        self.start = 0;
        clear(&mut self.head);
    }

    /// Drains input if the peer may still be sending. Closing with unread bytes resets the TCP
    /// connection, and the peer can lose the response (RFC 9112 section 9.6).
    fn finish_after_response(&mut self, reason: CloseReason, framed: bool) {
        let unread = !framed || self.start < self.inbox.len();
        self.finish(reason);
        if unread && !self.eof {
            self.phase = Phase::Drain { remaining: limits::DRAIN_BYTES };
        }
    }

    fn read_head(&mut self, now: Timestamp) {
        if self.phase == Phase::Waiting {
            self.skip_empty_lines();
            match self.unread() {
                b"" => {
                    clear(&mut self.inbox);
                    self.start = 0;
                    return;
                }
                // It may become an empty line.
                b"\r" => return,
                _ => {}
            }
            self.phase = Phase::Head;
            self.scanner = HeadScanner::default();
            self.read_deadline = now.saturating_add_millis(limits::HEAD_MILLIS);
        }
        if self.phase != Phase::Head {
            return;
        }
        let unread = &self.inbox[self.start..];
        let within = &unread[..unread.len().min(limits::HEAD_BYTES)];
        if self.scanner.finds_end(within) {
            self.phase = Phase::HeadReady;
        } else if unread.len() > limits::HEAD_BYTES {
            self.phase = Phase::Faulty(self.scanner.too_long());
        }
    }

    /// Reads received bytes as the body's and returns how many are discarded. Whatever follows a
    /// rejected body is not a request, so it is discarded too.
    fn read_body(&mut self, bytes: &[u8]) -> usize {
        let Phase::Body(reader) = &mut self.phase else { return 0 };
        let (discarded, rejected) = match reader.read(bytes) {
            Ok(None) => return bytes.len(),
            Ok(Some(length)) => (length, None),
            Err(body) => (bytes.len(), Some(body)),
        };
        self.phase = Phase::BodyRead { rejected };
        discarded
    }

    /// RFC 9112 section 2.2: a server ignores empty lines before the request line.
    fn skip_empty_lines(&mut self) {
        loop {
            match self.unread() {
                [b'\n', ..] => self.start += 1,
                [b'\r', b'\n', ..] => self.start += 2,
                _ => return,
            }
        }
    }

    fn unread(&self) -> &[u8] {
        &self.inbox[self.start..]
    }
}

/// Clears a buffer, and frees it if a burst made it large.
fn clear(buffer: &mut Vec<u8>) {
    if buffer.capacity() > limits::HEAD_BYTES {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("phase", &self.phase)
            .field("unread", &self.unread().len())
            .field("unsent", &(self.outbox.len() - self.sent))
            .field("hop_limit", &self.hop_limit)
            .field("close", &self.close)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Transmit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit").field("bytes", &self.bytes.len()).field("hop_limit", &self.hop_limit).finish()
    }
}
