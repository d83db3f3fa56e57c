//! What a stream of bytes brings over a connection, read twice: by [`drive`] through the machine, in pieces, and by
//! [`at_leisure`] with all of it at hand and nothing to remember.

use imds::connection::{CloseReason, Connection, KeepAlive, State};
use imds::http::{Body, Persistence, Request, RequestFault, header};
use imds::limits;
use imds::rules::{Outcome, Rule};
use imds::{Context, Instance, Nonce, Timestamp};

/// What a stream brought.
#[derive(Debug, Default, PartialEq)]
pub struct Brought {
    pub bytes: Vec<u8>,
    pub answers: Vec<Answered>,
    pub close: Option<CloseReason>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// The rule that decided.
    pub rule: &'static str,
    pub status: u16,
    /// Whether the body is left out.
    pub is_head: bool,
    /// Whether metadata was served to somebody without a session.
    pub outside_a_session: bool,
}

/// Hands the chunks over one after the other, what was not taken again, and then the end; answers and sends all that it can.
pub fn drive(instance: &Instance, keep_alive: KeepAlive, chunks: &[&[u8]]) -> Brought {
    let mut connection = Connection::new(NOW, keep_alive);
    let mut brought = Brought::default();
    for mut rest in chunks.iter().copied() {
        while !rest.is_empty() {
            let taken = connection.receive(NOW, rest);
            rest = &rest[taken..];
            // Neither is due, and neither may do anything.
            connection.handle_timeout(NOW);
            connection.advance_transmit(NOW, 0);
            let answered = answer_all(&mut connection, instance, &mut brought);
            assert!(taken > 0 || answered, "nothing is taken and nothing answered");
        }
    }
    connection.receive_eof();
    answer_all(&mut connection, instance, &mut brought);
    assert_eq!(connection.state(), State::Closed, "everything is answered, and the peer has ended");
    brought.close = connection.close_reason();
    brought
}

fn answer_all(connection: &mut Connection, instance: &Instance, brought: &mut Brought) -> bool {
    let before = brought.answers.len();
    while let Some(answered) = answer(connection, instance, brought.answers.len() as u64) {
        brought.answers.push(answered);
        let bytes = connection.poll_transmit().map_or(&[][..], |transmit| transmit.bytes);
        brought.bytes.extend_from_slice(bytes);
        let sent = bytes.len();
        connection.advance_transmit(NOW, sent);
    }
    brought.answers.len() > before
}

/// Answers the next request, if there is one.
fn answer(connection: &mut Connection, instance: &Instance, nonce: u64) -> Option<Answered> {
    let request = connection.poll_request(NOW)?;
    let answer = instance.answer(NOW, &request, Context::new(Nonce::new(nonce)));
    let answered = Answered::of(answer.rule(), &request, answer.session.is_some());
    connection.respond(NOW, &answer.response).unwrap();
    Some(answered)
}

/// The same, by whoever has the whole stream at hand.
pub fn at_leisure(instance: &Instance, keep_alive: KeepAlive, stream: &[u8]) -> Brought {
    let mut brought = Brought::default();
    let mut rest = stream;
    while brought.close.is_none() {
        while let [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] = rest {
            rest = after;
        }
        let within = &rest[..rest.len().min(limits::HEAD_BYTES)];
        let (request, length) = match head_length(within) {
            _ if matches!(rest, b"" | b"\r") => {
                brought.close = Some(CloseReason::EndOfInput);
                break;
            }
            Some(length) => (Request::parse(&rest[..length]), length),
            None if rest.len() <= limits::HEAD_BYTES => {
                brought.close = Some(CloseReason::Truncated);
                break;
            }
            None if within.contains(&b'\n') => (Request::unreadable(RequestFault::HeadSize), 0),
            None => (Request::unreadable(RequestFault::TargetLength), 0),
        };
        let body = match request.body {
            _ if request.fault.is_some() || request.expects => None,
            Body::None => Some(0),
            Body::Length(length) => Some(length as usize),
            Body::TooLarge | Body::Encoded => None,
        };
        let head = &rest[..length];
        rest = match rest[length..].get(body.unwrap_or(0)..) {
            Some(after) => after,
            None => {
                brought.close = Some(CloseReason::Truncated);
                break;
            }
        };
        let answer = instance.answer(NOW, &request, Context::new(Nonce::new(brought.answers.len() as u64)));
        brought.answers.push(Answered::of(answer.rule(), &request, answer.session.is_some()));
        brought.close = match keep_alive {
            _ if body.is_none() => Some(CloseReason::Unframed),
            KeepAlive::Off => Some(CloseReason::Answered),
            KeepAlive::On => (!wants_keep_alive(head, request.minor_version)).then_some(CloseReason::Asked),
        };
        let persistence = if brought.close.is_some() { Persistence::Close } else { Persistence::KeepAlive };
        answer.response.write(persistence, &mut brought.bytes);
    }
    brought
}

/// Up to the first empty line that is not the first line.
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

/// RFC 9112 section 9.3, of a head in which nothing is wrong.
fn wants_keep_alive(head: &[u8], minor_version: u8) -> bool {
    let text = String::from_utf8_lossy(head);
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    let options: Vec<String> = fields
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

impl Brought {
    /// Holds that the bytes are one answer for each that was given, in the same order, and nothing else.
    pub fn assert_one_answer_each(&self) {
        let mut rest = self.bytes.as_slice();
        for answered in &self.answers {
            let end = rest.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head") + 4;
            let head = std::str::from_utf8(&rest[..end]).expect("a head is text");
            let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
            assert_eq!(status, Some(answered.status), "{head}");
            let mut lengths = head.lines().filter_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize =
                lengths.next().and_then(|length| length.parse().ok()).expect("an answer says its length");
            assert_eq!(lengths.next(), None, "{head}");
            rest = &rest[end + if answered.is_head { 0 } else { length }..];
        }
        assert_eq!(rest, b"", "bytes behind the last answer");
    }
}

/// Sends a megabyte of these pieces, or as much of it as is taken, to a driver that may neither answer nor send, and holds that the
/// connection keeps no more than its limits.
pub fn flood(instance: &Instance, piece: &[u8], chunk: usize, answers: bool, sends: bool) {
    let stream = piece.repeat(FLOOD / piece.len());
    let mut connection = Connection::new(NOW, KeepAlive::On);
    let made = allocation_counter::measure(|| {
        for mut rest in stream.chunks(chunk) {
            while !rest.is_empty() {
                let taken = connection.receive(NOW, rest);
                rest = &rest[taken..];
                let answered = answers && answer(&mut connection, instance, 0).is_some();
                let offered = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
                assert!(offered <= limits::OUTBOX_BYTES + LARGEST_ANSWER, "{offered} bytes wait to be sent");
                if sends {
                    connection.advance_transmit(NOW, offered);
                }
                if taken == 0 && !answered {
                    return;
                }
            }
        }
    });
    // A vector that grows has up to twice the room that it needs, and moves from the old to the new.
    let kept = limits::INBOX_BYTES + limits::HEAD_BYTES + limits::OUTBOX_BYTES + LARGEST_ANSWER;
    assert!(made.bytes_max <= 3 * kept as u64, "{} bytes", made.bytes_max);
}

/// 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp::saturating_from_millis(1_767_225_600_000);
const FLOOD: usize = 1 << 20;
const LARGEST_ANSWER: usize = 4096;
