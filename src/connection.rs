//! One TCP stream as a machine: bytes in any pieces become one request at a time, answers become bytes to send.
//!
//! The machine never waits and never reads a clock. Whoever drives it says what the time is, hands over what came in, sends
//! what [`Connection::poll_transmit`] offers and comes back at [`Connection::poll_timeout`].
//!
//! **One request is out at a time: after [`Connection::poll_request`] gave one, it gives no other until
//! [`Connection::respond`] answered it.** Pipelined requests wait in the inbox, in order.

use alloc::vec::Vec;
use core::fmt;
use core::mem;

use crate::http::{Body, Content, HeadScanner, HopLimit, Persistence, Request, RequestFault, Response};
use crate::limits;
use crate::time::Timestamp;

/// One stream of requests and answers. See the [module](self) for how it is driven.
///
/// `Debug` shows how many bytes wait, not which: a token or a credential may be among them.
#[derive(Clone)]
pub struct Connection {
    /// Bytes not looked at as a request yet: `inbox[start..]`, at most [`limits::INBOX_BYTES`] of them.
    inbox: Vec<u8>,
    start: usize,
    /// The head of a request whose body is still to come, when its own bytes have left the inbox.
    head: Vec<u8>,
    /// Bytes of answers; `sent <= outbox.len()`.
    outbox: Vec<u8>,
    sent: usize,
    /// The lowest hop limit of any answer so far. It never rises again: a segment of an earlier answer that the system sends
    /// again would travel as far as a later one.
    hop_limit: Option<HopLimit>,
    stage: Stage,
    head_end: HeadScanner,
    keep_alive: KeepAlive,
    /// Why the connection ends once the outbox is sent; the reason is the flag.
    close: Option<CloseReason>,
    /// The peer sends no more.
    input_ended: bool,
    /// When the current stage of reading is over.
    read_by: Timestamp,
    /// When a byte of the outbox must have been taken; it counts while the outbox is not empty.
    send_by: Timestamp,
}

/// Whether a connection may serve more than one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepAlive {
    /// Every answer closes, as EC2's do.
    #[default]
    Off,
    /// As long as the asker wants. For load tests and embedders.
    On,
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The answer said `Connection: close`, because every answer does.
    Answered,
    /// The asker wanted it.
    Asked,
    /// What follows the head cannot be told apart from a next request.
    Unframed,
    /// The peer stopped sending and everything was answered.
    EndOfInput,
    /// The peer stopped sending in the middle of a request.
    Truncated,
    /// No request came within [`limits::IDLE_MILLIS`].
    Idle,
    /// The head took longer than [`limits::HEAD_MILLIS`].
    SlowHead,
    /// The body took longer than [`limits::BODY_MILLIS`].
    SlowBody,
    /// The peer took no byte of an answer for [`limits::SEND_MILLIS`].
    SlowReader,
    /// The server is stopping.
    Shutdown,
}

/// What happens at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The connection waited long enough for a request.
    Idle,
    /// The head must be whole.
    Head,
    /// The body must be whole.
    Body,
    /// The peer must have taken a byte.
    Send,
    /// The dropping of unread input ends.
    Drain,
}

/// Bytes to send. `Debug` shows how many.
#[derive(PartialEq, Eq)]
pub struct Transmit<'a> {
    /// The bytes, of which any number of the first may be sent.
    pub bytes: &'a [u8],
    /// The IP time to live (IPv6: hop limit) to set **before the first of them is queued**, and not to raise again. `None`:
    /// whatever the system uses.
    pub hop_limit: Option<HopLimit>,
}

/// What the driver does with the stream now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Goes on.
    Open,
    /// Everything is sent: end the sending half, go on reading (what comes is dropped) until the peer ends or
    /// [`Timer::Drain`] passes.
    Draining,
    /// Nothing more happens: close.
    Closed,
}

/// [`Connection::respond`] was called while no request was outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRequest;

impl fmt::Display for NoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no request is outstanding: call poll_request before each respond")
    }
}

impl core::error::Error for NoRequest {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No byte of a request yet.
    Waiting,
    /// Some bytes of a head.
    Head,
    /// A whole head waits at the beginning of the inbox.
    Ready,
    /// The head has left the inbox, and so many bytes of its body are to come.
    Body { left: u64 },
    /// The head has left the inbox, and its body has come.
    Read,
    /// The head is refused as it stands.
    Faulty(RequestFault),
    /// A request is out to be answered.
    Out { wants_keep_alive: bool, framed: bool },
    /// No further request is read; so many more bytes are dropped before the stream is closed.
    Drain { left: usize },
    /// Nothing more is read.
    Over,
}

impl Connection {
    /// A stream that begins now.
    pub fn new(now: Timestamp, keep_alive: KeepAlive) -> Connection {
        Connection {
            inbox: Vec::new(),
            start: 0,
            head: Vec::new(),
            outbox: Vec::new(),
            sent: 0,
            hop_limit: None,
            stage: Stage::Waiting,
            head_end: HeadScanner::default(),
            keep_alive,
            close: None,
            input_ended: false,
            read_by: now.saturating_add_millis(limits::IDLE_MILLIS),
            send_by: Timestamp::MAX,
        }
    }

    /// Makes it a stream that begins now, in the memory of the last one: for whoever has many short streams, one after another.
    pub fn reset(&mut self, now: Timestamp, keep_alive: KeepAlive) {
        let buffers = [&mut self.inbox, &mut self.head, &mut self.outbox].map(|buffer| {
            empty(buffer);
            mem::take(buffer)
        });
        let [inbox, head, outbox] = buffers;
        *self = Connection { inbox, head, outbox, ..Connection::new(now, keep_alive) };
    }

    /// Takes bytes from the peer and says how many. Fewer than given means that the inbox is full: the rest is to be given
    /// again once [`Connection::poll_request`] was called. After the last request, bytes are taken and dropped.
    pub fn receive(&mut self, now: Timestamp, bytes: &[u8]) -> usize {
        match &mut self.stage {
            Stage::Over => return bytes.len(),
            Stage::Drain { left } => {
                *left = left.saturating_sub(bytes.len());
                if *left == 0 {
                    self.stage = Stage::Over;
                }
                return bytes.len();
            }
            _ if self.input_ended => return bytes.len(),
            _ => {}
        }
        if self.start > 0 {
            self.inbox.drain(..self.start);
            self.start = 0;
        }
        let dropped = self.drop_body(bytes.len() as u64);
        let fits = (bytes.len() - dropped).min(limits::INBOX_BYTES - self.inbox.len());
        self.inbox.extend_from_slice(&bytes[dropped..dropped + fits]);
        self.read_head(now);
        dropped + fits
    }

    /// The peer sends no more. What is whole is still answered.
    pub fn receive_eof(&mut self) {
        self.input_ended = true;
        match self.stage {
            Stage::Waiting => self.end(CloseReason::EndOfInput),
            Stage::Head | Stage::Body { .. } => self.end(CloseReason::Truncated),
            Stage::Drain { .. } => self.stage = Stage::Over,
            _ => {}
        }
    }

    /// The next whole request, if there is one and the last one is answered. A head that is refused as it stands is one too.
    ///
    /// A body within its limit has been read and dropped by then, unless the asker waits for a word before sending it.
    pub fn poll_request(&mut self, now: Timestamp) -> Option<Request<'_>> {
        if self.outbox.len() - self.sent > limits::OUTBOX_BYTES {
            return None;
        }
        let (request, length) = match self.stage {
            Stage::Ready => Request::parse_first(&self.inbox[self.start..]),
            Stage::Faulty(fault) => (Request::unreadable(fault), 0),
            Stage::Read => {
                let request = Request::parse(&self.head);
                self.stage = Stage::Out { wants_keep_alive: request.wants_keep_alive, framed: true };
                return Some(request);
            }
            _ => return None,
        };
        let framed = request.is_framed() && !request.expects;
        let head = self.start..self.start + length;
        self.start = head.end;
        if let (Body::Length(length), true) = (request.body, framed) {
            let here = ((self.inbox.len() - self.start) as u64).min(length);
            self.start += here as usize;
            if here < length {
                self.head.clear();
                self.head.extend_from_slice(&self.inbox[head]);
                self.stage = Stage::Body { left: length - here };
                self.read_by = now.saturating_add_millis(limits::BODY_MILLIS);
                if self.input_ended {
                    self.close = Some(CloseReason::Truncated);
                    self.stage = Stage::Over;
                }
                return None;
            }
        }
        self.stage = Stage::Out { wants_keep_alive: request.wants_keep_alive, framed };
        Some(request)
    }

    /// Queues the response to the request that [`Connection::poll_request`] returned last.
    ///
    /// # Errors
    ///
    /// [`NoRequest`] if no request is outstanding. The connection is unchanged then.
    pub fn respond<C: Content>(&mut self, now: Timestamp, response: &Response<C>) -> Result<(), NoRequest> {
        let Stage::Out { wants_keep_alive, framed } = self.stage else { return Err(NoRequest) };
        let reason = match self.keep_alive {
            _ if !framed => Some(CloseReason::Unframed),
            KeepAlive::Off => Some(CloseReason::Answered),
            KeepAlive::On if !wants_keep_alive => Some(CloseReason::Asked),
            KeepAlive::On => self.close,
        };
        if self.sent == self.outbox.len() {
            self.send_by = now.saturating_add_millis(limits::SEND_MILLIS);
        }
        let persistence = if reason.is_some() { Persistence::Close } else { Persistence::KeepAlive };
        response.write(persistence, &mut self.outbox);
        self.hop_limit = match (self.hop_limit, response.hop_limit) {
            (Some(before), Some(limit)) => Some(before.min(limit)),
            (before, limit) => before.or(limit),
        };
        match reason {
            Some(reason) => self.end_after_answer(reason, framed),
            None => self.begin(now),
        }
        Ok(())
    }

    /// The bytes to send next, if any.
    pub fn poll_transmit(&self) -> Option<Transmit<'_>> {
        let bytes = &self.outbox[self.sent..];
        (!bytes.is_empty()).then_some(Transmit { bytes, hop_limit: self.hop_limit })
    }

    /// So many of the offered bytes are sent; more than were offered cannot be. Where the next request waited for them to go,
    /// [`Connection::poll_request`] gives it now.
    pub fn advance_transmit(&mut self, now: Timestamp, bytes: usize) {
        let bytes = bytes.min(self.outbox.len() - self.sent);
        if bytes == 0 {
            return;
        }
        self.sent += bytes;
        self.send_by = now.saturating_add_millis(limits::SEND_MILLIS);
        if self.sent == self.outbox.len() {
            empty(&mut self.outbox);
            self.sent = 0;
            // The peer cannot go on before it has the response. A response is never empty, so
            // `respond` does not set these deadlines.
            match self.stage {
                Stage::Drain { .. } => self.read_by = now.saturating_add_millis(limits::DRAIN_MILLIS),
                Stage::Waiting => self.read_by = now.saturating_add_millis(limits::IDLE_MILLIS),
                _ => {}
            }
        }
    }

    /// When to call [`Connection::handle_timeout`], and what will have run out then.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Timer)> {
        if !self.outbox.is_empty() {
            return Some((self.send_by, Timer::Send));
        }
        let reading = match self.stage {
            Stage::Waiting => Timer::Idle,
            Stage::Head => Timer::Head,
            Stage::Body { .. } => Timer::Body,
            Stage::Drain { .. } => Timer::Drain,
            Stage::Ready | Stage::Read | Stage::Faulty(_) | Stage::Out { .. } | Stage::Over => return None,
        };
        Some((self.read_by, reading))
    }

    /// Ends what has run out. Calling it early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let Some((at, deadline)) = self.poll_timeout() else { return };
        if now < at {
            return;
        }
        match deadline {
            Timer::Idle => self.end(CloseReason::Idle),
            Timer::Head => self.end(CloseReason::SlowHead),
            Timer::Body => self.end(CloseReason::SlowBody),
            Timer::Drain => self.stage = Stage::Over,
            Timer::Send => {
                self.outbox = Vec::new();
                self.sent = 0;
                self.end(CloseReason::SlowReader);
            }
        }
    }

    /// The server is stopping: a request that has begun is answered, none after it is read.
    pub fn shut_down(&mut self) {
        if self.stage == Stage::Waiting {
            self.end(CloseReason::Shutdown);
        } else {
            self.close = self.close.or(Some(CloseReason::Shutdown));
        }
    }

    /// What to do with the stream.
    pub fn state(&self) -> State {
        match self.stage {
            _ if !self.outbox.is_empty() => State::Open,
            Stage::Drain { .. } => State::Draining,
            Stage::Over => State::Closed,
            _ => State::Open,
        }
    }

    /// Whether `receive` would take a byte. While it would not, nothing is read and the peer feels it.
    pub fn wants_read(&self) -> bool {
        match self.stage {
            Stage::Over => false,
            Stage::Drain { .. } => true,
            _ => !self.input_ended && self.inbox.len() - self.start < limits::INBOX_BYTES,
        }
    }

    /// Why the connection ends, or will once the request that has begun is answered.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.close
    }

    /// The answer left the connection open: the next request begins, perhaps with bytes that wait already.
    fn begin(&mut self, now: Timestamp) {
        self.stage = Stage::Waiting;
        self.read_head(now);
        match self.stage {
            Stage::Waiting if self.input_ended => self.end(CloseReason::EndOfInput),
            Stage::Head if self.input_ended => self.end(CloseReason::Truncated),
            _ => {}
        }
    }

    fn end(&mut self, reason: CloseReason) {
        self.close = Some(reason);
        self.stage = Stage::Over;
        empty(&mut self.inbox);
        self.start = 0;
        empty(&mut self.head);
    }

    /// The answer is in the outbox. Where the peer may still be sending, that is dropped for a while: closing on unread bytes
    /// resets the connection and can take the answer away from the peer (RFC 9112 section 9.6).
    fn end_after_answer(&mut self, reason: CloseReason, framed: bool) {
        let unread = !framed || self.start < self.inbox.len();
        self.end(reason);
        if unread && !self.input_ended {
            self.stage = Stage::Drain { left: limits::DRAIN_BYTES };
        }
    }

    fn read_head(&mut self, now: Timestamp) {
        if self.stage == Stage::Waiting {
            self.skip_empty_lines();
            // A carriage return alone may still become an empty line.
            match self.unread() {
                b"" => {
                    empty(&mut self.inbox);
                    self.start = 0;
                    return;
                }
                b"\r" => return,
                _ => {}
            }
            self.stage = Stage::Head;
            self.head_end = HeadScanner::default();
            self.read_by = now.saturating_add_millis(limits::HEAD_MILLIS);
        }
        if self.stage != Stage::Head {
            return;
        }
        let unread = &self.inbox[self.start..];
        let within = &unread[..unread.len().min(limits::HEAD_BYTES)];
        if self.head_end.is_in(within) {
            self.stage = Stage::Ready;
        } else if unread.len() > limits::HEAD_BYTES {
            self.stage = Stage::Faulty(self.head_end.too_long());
        }
    }

    /// How many of so many bytes belong to the body.
    fn drop_body(&mut self, bytes: u64) -> usize {
        let Stage::Body { left } = &mut self.stage else { return 0 };
        let dropped = bytes.min(*left);
        *left -= dropped;
        if *left == 0 {
            self.stage = Stage::Read;
        }
        dropped as usize
    }

    /// RFC 9112 section 2.2: empty lines before a request line are ignored. They do not begin a request.
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

/// Empties it, and gives back the memory of a burst: a connection that waits holds little.
fn empty(bytes: &mut Vec<u8>) {
    if bytes.capacity() > limits::HEAD_BYTES {
        *bytes = Vec::new();
    } else {
        bytes.clear();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("stage", &self.stage)
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
