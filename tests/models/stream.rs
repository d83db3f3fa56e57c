//! Two readings of one stream of bytes: [`drive`] sends it through a [`Connection`] in chunks, and
//! [`answer_stream`] reads it whole, without a connection and a scratch. Both must give the same
//! outcome.

use imds::connection::{CloseReason, Connection, KeepAlive, State};
use imds::http::{Body, Persistence, Request, RequestFault, header};
use imds::limits;
use imds::rules::{Outcome, Rule};
use imds::{Context, Instance, Nonce, Scratch, Timestamp};

/// The responses to the requests of a stream.
#[derive(Debug, Default, PartialEq)]
pub struct StreamOutcome {
    pub bytes: Vec<u8>,
    pub answers: Vec<Answered>,
    pub close: Option<CloseReason>,
}

/// The facts of one response that the tests compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// The rule that decided.
    pub rule: &'static str,
    pub status: u16,
    /// Whether the body is left out.
    pub is_head: bool,
    /// Whether metadata was served without a session.
    pub outside_a_session: bool,
}

/// Sends the chunks to a connection, then the end of input. Answers each request and sends each
/// response at once.
pub fn drive(instance: &Instance, keep_alive: KeepAlive, chunks: &[&[u8]]) -> StreamOutcome {
    let mut connection = Connection::new(NOW, keep_alive);
    let mut scratch = Scratch::new();
    let mut outcome = StreamOutcome::default();
    for mut rest in chunks.iter().copied() {
        while !rest.is_empty() {
            let taken = connection.receive(NOW, rest);
            rest = &rest[taken..];
            // No timeout is due and no byte is sent: neither call may change anything.
            connection.handle_timeout(NOW);
            connection.advance_transmit(NOW, 0);
            let answered = answer_all(&mut connection, instance, &mut scratch, &mut outcome);
            assert!(taken > 0 || answered, "no byte is taken and no request answered");
        }
    }
    connection.receive_eof();
    answer_all(&mut connection, instance, &mut scratch, &mut outcome);
    assert_eq!(connection.state(), State::Closed, "every request is answered, and the client has closed");
    outcome.close = connection.close_reason();
    outcome
}

fn answer_all(
    connection: &mut Connection,
    instance: &Instance,
    scratch: &mut Scratch,
    outcome: &mut StreamOutcome,
) -> bool {
    let before = outcome.answers.len();
    while let Some(answered) = answer(connection, instance, scratch, outcome.answers.len() as u64) {
        outcome.answers.push(answered);
        let bytes = connection.poll_transmit().map_or(&[][..], |transmit| transmit.bytes);
        outcome.bytes.extend_from_slice(bytes);
        let sent = bytes.len();
        connection.advance_transmit(NOW, sent);
    }
    outcome.answers.len() > before
}

/// Answers the next request, if there is one.
fn answer(connection: &mut Connection, instance: &Instance, scratch: &mut Scratch, nonce: u64) -> Option<Answered> {
    let request = connection.poll_request(NOW)?;
    let answer = instance.answer_with(NOW, &request, Context::new(Nonce::new(nonce)), scratch);
    let answered = Answered::of(answer.rule(), &request, answer.session.is_some());
    connection.respond_with(NOW, &answer.response, scratch).unwrap();
    Some(answered)
}

/// Answers the requests of a whole stream, without a connection.
pub fn answer_stream(instance: &Instance, keep_alive: KeepAlive, stream: &[u8]) -> StreamOutcome {
    let mut outcome = StreamOutcome::default();
    let mut rest = stream;
    while outcome.close.is_none() {
        while let [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] = rest {
            rest = after;
        }
        let within = &rest[..rest.len().min(limits::HEAD_BYTES)];
        let (mut request, length) = match head_length(within) {
            _ if matches!(rest, b"" | b"\r") => {
                outcome.close = Some(CloseReason::EndOfInput);
                break;
            }
            Some(length) => (Request::parse(&rest[..length]), length),
            None if rest.len() <= limits::HEAD_BYTES => {
                outcome.close = Some(CloseReason::Truncated);
                break;
            }
            None if within.contains(&b'\n') => (Request::unreadable(RequestFault::HeadSize), 0),
            None => (Request::unreadable(RequestFault::TargetLength), 0),
        };
        let after_head = &rest[length..];
        let body = match request.body {
            _ if request.fault.is_some() || request.expects => Err(Unreadable::Rejected(request.body)),
            Body::None => Ok(0),
            Body::Length(length) if length as usize <= after_head.len() => Ok(length as usize),
            Body::Length(_) => Err(Unreadable::Truncated),
            Body::Chunked => chunked_length(after_head),
            other => Err(Unreadable::Rejected(other)),
        };
        let head = &rest[..length];
        rest = match body {
            Ok(length) => &after_head[length..],
            Err(Unreadable::Rejected(body)) => {
                request.body = body;
                after_head
            }
            Err(Unreadable::Truncated) => {
                outcome.close = Some(CloseReason::Truncated);
                break;
            }
        };
        let answer = instance.answer(NOW, &request, Context::new(Nonce::new(outcome.answers.len() as u64)));
        outcome.answers.push(Answered::of(answer.rule(), &request, answer.session.is_some()));
        outcome.close = match keep_alive {
            _ if body.is_err() => Some(CloseReason::Unframed),
            KeepAlive::Off => Some(CloseReason::Answered),
            KeepAlive::On => (!wants_keep_alive(head, request.minor_version)).then_some(CloseReason::Asked),
        };
        let persistence = if outcome.close.is_some() { Persistence::Close } else { Persistence::KeepAlive };
        answer.response.write(persistence, &mut outcome.bytes);
    }
    outcome
}

/// The length of the head: up to the first empty line that is not the first line.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut length = 0;
    for (number, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        length += line.len();
        if number > 0 && matches!(line, b"\n" | b"\r\n") {
            return Some(length);
        }
    }
    None
}

/// The length of the chunked body at the start of `bytes`.
///
/// This is the grammar of RFC 9112 section 7.1 as functions that call each other, each for a rule.
fn chunked_length(bytes: &[u8]) -> Result<usize, Unreadable> {
    let mut body = Chunks { rest: bytes, extra: 0 };
    let mut data = 0;
    loop {
        let size = body.size()?;
        if size > limits::BODY_BYTES - data {
            return Err(Unreadable::Rejected(Body::TooLarge));
        }
        data += size;
        body.extensions()?;
        if size == 0 {
            break;
        }
        body.rest = body.rest.get(size as usize..).ok_or(Unreadable::Truncated)?;
        body.line_end()?;
    }
    while body.peek()? != b'\r' {
        body.token()?;
        body.extra(|byte| byte == b':')?;
        while body.peek()? != b'\r' {
            body.extra(is_text)?;
        }
        body.line_end()?;
    }
    body.line_end()?;
    Ok(bytes.len() - body.rest.len())
}

/// Why the end of a body is not found.
enum Unreadable {
    /// The body continues after the end of the stream.
    Truncated,
    /// The request is answered at once, with this body.
    Rejected(Body),
}

struct Chunks<'a> {
    rest: &'a [u8],
    /// The bytes of extensions and trailers.
    extra: usize,
}

impl Chunks<'_> {
    fn peek(&self) -> Result<u8, Unreadable> {
        self.rest.first().copied().ok_or(Unreadable::Truncated)
    }

    fn byte(&mut self, is_valid: impl Fn(u8) -> bool) -> Result<u8, Unreadable> {
        let byte = self.peek()?;
        if !is_valid(byte) {
            return Err(Unreadable::Rejected(Body::Malformed));
        }
        self.rest = &self.rest[1..];
        Ok(byte)
    }

    /// A byte that counts towards the limit of extensions and trailers.
    fn extra(&mut self, is_valid: impl Fn(u8) -> bool) -> Result<u8, Unreadable> {
        let byte = self.byte(is_valid)?;
        self.extra += 1;
        if self.extra > limits::CHUNK_EXTRA_BYTES {
            return Err(Unreadable::Rejected(Body::TooLarge));
        }
        Ok(byte)
    }

    fn line_end(&mut self) -> Result<(), Unreadable> {
        self.byte(|byte| byte == b'\r')?;
        self.byte(|byte| byte == b'\n')?;
        Ok(())
    }

    /// `chunk-size`, and a byte after it that is not a digit.
    fn size(&mut self) -> Result<u64, Unreadable> {
        let mut digits = String::new();
        while digits.is_empty() || self.peek()?.is_ascii_hexdigit() {
            digits.push(self.byte(|byte| byte.is_ascii_hexdigit() && digits.len() < 16)?.into());
        }
        if !b"\r; \t".contains(&self.peek()?) {
            return Err(Unreadable::Rejected(Body::Malformed));
        }
        Ok(u64::from_str_radix(&digits, 16).expect("at most 16 digits"))
    }

    /// `chunk-ext`, and the end of the line.
    fn extensions(&mut self) -> Result<(), Unreadable> {
        while self.peek()? != b'\r' {
            self.blanks()?;
            self.extra(|byte| byte == b';')?;
            self.blanks()?;
            self.token()?;
            let blanks = self.blanks()?;
            match self.peek()? {
                b'=' => {
                    self.extra(|_| true)?;
                    self.blanks()?;
                    if self.peek()? == b'"' { self.quoted()? } else { self.token()? }
                }
                b'\r' if blanks > 0 => return Err(Unreadable::Rejected(Body::Malformed)),
                _ => {}
            }
        }
        self.line_end()
    }

    /// `BWS`, and its length.
    fn blanks(&mut self) -> Result<usize, Unreadable> {
        let mut count = 0;
        while b" \t".contains(&self.peek()?) {
            self.extra(|_| true)?;
            count += 1;
        }
        Ok(count)
    }

    fn token(&mut self) -> Result<(), Unreadable> {
        let is_valid = |byte: u8| byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&byte);
        self.extra(is_valid)?;
        while is_valid(self.peek()?) {
            self.extra(is_valid)?;
        }
        Ok(())
    }

    /// `quoted-string`.
    fn quoted(&mut self) -> Result<(), Unreadable> {
        self.extra(|byte| byte == b'"')?;
        loop {
            match self.extra(is_text)? {
                b'"' => return Ok(()),
                b'\\' => self.extra(is_text)?,
                _ => continue,
            };
        }
    }
}

/// `HTAB`, `SP`, `VCHAR` or `obs-text`.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

/// RFC 9112 section 9.3, for a head without a fault.
fn wants_keep_alive(head: &[u8], minor_version: u8) -> bool {
    let text = String::from_utf8_lossy(head);
    let headers = text.lines().filter_map(|line| line.split_once(':'));
    let options: Vec<String> = headers
        .filter(|(name, _)| name.eq_ignore_ascii_case(header::CONNECTION))
        .flat_map(|(_, value)| value.split(','))
        .map(|option| option.trim().to_ascii_lowercase())
        .collect();
    let has = |wanted: &str| options.iter().any(|option| option == wanted);
    !has("close") && (minor_version == 1 || has("keep-alive"))
}

impl Answered {
    fn of(rule: &Rule, request: &Request<'_>, in_session: bool) -> Answered {
        Answered {
            rule: rule.id,
            status: rule.status().code(),
            is_head: request.is_head(),
            outside_a_session: rule.outcome == Outcome::Serve && !in_session,
        }
    }
}

impl StreamOutcome {
    /// Asserts that the bytes are exactly one response for each answered request, in order.
    pub fn assert_one_answer_each(&self) {
        let mut rest = self.bytes.as_slice();
        for answered in &self.answers {
            let end = rest.windows(4).position(|window| window == b"\r\n\r\n").expect("a response has a head") + 4;
            let head = std::str::from_utf8(&rest[..end]).expect("a head is text");
            let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
            assert_eq!(status, Some(answered.status), "{head}");
            let mut lengths = head.lines().filter_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize =
                lengths.next().and_then(|length| length.parse().ok()).expect("a response has a Content-Length");
            assert_eq!(lengths.next(), None, "{head}");
            rest = &rest[end + if answered.is_head { 0 } else { length }..];
        }
        assert_eq!(rest, b"", "bytes after the last response");
    }
}

/// Sends up to 1 MiB of repetitions of `piece` to a connection and asserts that it keeps no more
/// than its limits, whether or not requests are answered and responses sent.
pub fn flood(instance: &Instance, piece: &[u8], chunk: usize, answers: bool, sends: bool) {
    let stream = piece.repeat(FLOOD / piece.len());
    let mut connection = Connection::new(NOW, KeepAlive::On);
    let mut scratch = Scratch::new();
    let made = allocation_counter::measure(|| {
        for mut rest in stream.chunks(chunk) {
            while !rest.is_empty() {
                let taken = connection.receive(NOW, rest);
                rest = &rest[taken..];
                let answered = answers && answer(&mut connection, instance, &mut scratch, 0).is_some();
                let offered = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
                assert!(offered <= limits::OUTBOX_BYTES + LARGEST_ANSWER, "{offered} bytes are queued");
                if sends {
                    connection.advance_transmit(NOW, offered);
                }
                if taken == 0 && !answered {
                    return;
                }
            }
        }
    });
    // A growing vector has up to twice the needed capacity, and copies from the old to the new.
    let kept = limits::INBOX_BYTES + limits::HEAD_BYTES + limits::OUTBOX_BYTES + LARGEST_ANSWER;
    assert!(made.bytes_max <= 3 * kept as u64, "{} bytes", made.bytes_max);
}

/// 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp::saturating_from_millis(1_767_225_600_000);
const FLOOD: usize = 1 << 20;
const LARGEST_ANSWER: usize = 4096;
