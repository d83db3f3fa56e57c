//! Every limit at one below, exactly and one above.

use imds::connection::{CloseReason, Connection, KeepAlive, State, Timer};
use imds::http::{Content, HopLimit, Payload, Persistence, Profile, Response, Status};
use imds::limits::{LIMITS, Limit};
use imds::token::Ttl;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};

#[test]
fn every_limit_holds_at_one_below_exactly_and_one_above() {
    for limit in LIMITS {
        hold(limit);
    }
}

#[test]
fn documented_limits_have_their_documented_values() {
    let value = |name| LIMITS.iter().find(|limit| limit.name == name).map(|limit| limit.value);
    for (name, documented) in [
        ("ttl-seconds", 6 * 60 * 60),
        ("hop-limit", 64),
        ("head-bytes", 16 * 1024),
        ("fields", 100),
        ("target-bytes", 8 * 1024),
        ("body-bytes", 64 * 1024),
        ("chunk-size-digits", 16),
        ("chunk-extra-bytes", 4 * 1024),
        ("drain-millis", 1000),
        ("drain-bytes", 256 * 1024),
    ] {
        assert_eq!(value(name), Some(documented), "{name}");
    }
}

fn hold(limit: &Limit) {
    let size = limit.value as usize;
    match limit.name {
        "head-bytes" => {
            let head = |size: usize| padded("GET /latest HTTP/1.1\r\nHost: a\r\nX-Long: ", "a", size, "\r\n\r\n");
            assert_eq!(around(size, |size| status(&head(size))), [Some(200), Some(200), Some(431)]);
            let line = |size: usize| padded("GET /", "a", size, "");
            assert_eq!(around(size, |size| status(&line(size))), [None, None, Some(414)]);
        }
        "fields" => {
            let head = |fields: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(fields));
            assert_eq!(around(size, |fields| status(&head(fields))), [Some(200), Some(200), Some(431)]);
        }
        "target-bytes" => {
            let head = |size: usize| format!("GET {} HTTP/1.0\r\n\r\n", padded("/latest", "/", size, ""));
            assert_eq!(around(size, |size| status(&head(size))), [Some(200), Some(200), Some(414)]);
        }
        "body-bytes" => {
            let request = |size: usize| format!("GET / HTTP/1.0\r\nContent-Length: {size}\r\n\r\n{}", "a".repeat(size));
            assert_eq!(around(size, |size| status(&request(size))), [Some(200), Some(200), Some(413)]);
            let unfinished = |size: usize| request(size)[..request(size).len() - 1].to_string();
            assert_eq!(around(size, |size| status(&unfinished(size))), [None, None, Some(413)]);
            let one_chunk = |size: usize| chunked(&format!("{size:x}\r\n{}\r\n0\r\n\r\n", "a".repeat(size)));
            let two_chunks =
                |size: usize| chunked(&format!("1\r\na\r\n{:x}\r\n{}\r\n0\r\n\r\n", size - 1, "a".repeat(size - 1)));
            let small_chunks = |size: usize| chunked(&format!("{}0\r\n\r\n", "1\r\na\r\n".repeat(size)));
            for request in [&one_chunk as &dyn Fn(usize) -> String, &two_chunks, &small_chunks] {
                assert_eq!(around(size, |size| status(&request(size))), [Some(200), Some(200), Some(413)]);
            }
            let announced = |size: usize| chunked(&format!("{size:x}\r"));
            assert_eq!(around(size, |size| status(&announced(size))), [None, None, Some(413)]);
        }
        "chunk-size-digits" => {
            let request = |digits: usize| chunked(&format!("{:0>digits$}\r\na\r\n0\r\n\r\n", 1));
            assert_eq!(around(size, |digits| status(&request(digits))), [Some(200), Some(200), Some(400)]);
        }
        "chunk-extra-bytes" => {
            let extension = |size: usize| chunked(&format!("{}\r\n\r\n", padded("0;", "a", size + 1, "")));
            let trailer = |size: usize| chunked(&format!("0\r\n{}\r\n\r\n", padded("a:", " ", size, "")));
            let both =
                |size: usize| chunked(&format!("1;a\r\nb\r\n0;a\r\n{}\r\n\r\n", padded("a:", " ", size - 4, "")));
            for request in [&extension as &dyn Fn(usize) -> String, &trailer, &both] {
                assert_eq!(around(size, |size| status(&request(size))), [Some(200), Some(200), Some(413)]);
            }
        }
        "inbox-bytes" => inbox_takes_no_more_than(size),
        "outbox-bytes" => no_request_comes_while_more_waits_to_be_sent_than(size),
        "head-millis" => {
            let mut connection = Connection::new(start(), KeepAlive::Off);
            let begun = start().saturating_add_millis(5);
            connection.receive(begun, b"G");
            connection.receive(begun.saturating_add_millis(9), b"E");
            ends(&connection, begun, limit, Timer::Head, CloseReason::SlowHead);
        }
        "body-millis" => {
            let mut connection = Connection::new(start(), KeepAlive::Off);
            connection.receive(start(), b"GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\na");
            assert!(connection.poll_request(start()).is_none());
            connection.receive(start().saturating_add_millis(9), b"b");
            ends(&connection, start(), limit, Timer::Body, CloseReason::SlowBody);
        }
        "idle-millis" => {
            let mut connection = Connection::new(start(), KeepAlive::Off);
            connection.receive(start().saturating_add_millis(9), b"\r\n\r\n");
            ends(&connection, start(), limit, Timer::Idle, CloseReason::Idle);
        }
        "send-millis" => {
            let mut connection = answered(GET, start());
            ends(&connection, start(), limit, Timer::Send, CloseReason::SlowReader);
            let later = start().saturating_add_millis(9);
            connection.advance_transmit(later, 100);
            ends(&connection, later, limit, Timer::Send, CloseReason::SlowReader);
        }
        "send-rate" => {
            // The time that is left after 100 seconds in which the peer receives as many bytes.
            let left = |bytes: usize| {
                let mut connection = Connection::new(start(), KeepAlive::On);
                connection.receive(start(), GET.as_bytes());
                assert!(connection.poll_request(start()).is_some());
                connection.respond(start(), &response_of(1_000_000)).unwrap();
                let mut now = start();
                for _ in 0..100 {
                    now = now.saturating_add_millis(1000);
                    connection.advance_transmit(now, bytes);
                    connection.handle_timeout(now);
                }
                connection.poll_timeout().map(|(at, _)| at.millis_since(now))
            };
            assert_eq!(around(size, left), [Some(29_900), Some(30_000), Some(30_000)]);
            assert_eq!(left(size / 2), None, "it is over after a minute");
        }
        "drain-millis" => {
            let mut connection = answered(REFUSED, start());
            let sent = start().saturating_add_millis(9);
            connection.advance_transmit(sent, usize::MAX);
            assert_eq!(connection.state(), State::Draining);
            connection.receive(sent.saturating_add_millis(9), b"more");
            ends(&connection, sent, limit, Timer::Drain, CloseReason::Unframed);
        }
        "drain-bytes" => {
            let drained = |size| {
                let mut connection = answered(REFUSED, start());
                connection.advance_transmit(start(), usize::MAX);
                assert_eq!(connection.receive(start(), &vec![b'a'; size]), size);
                connection.state()
            };
            assert_eq!(around(size, drained), [State::Draining, State::Closed, State::Closed]);
        }
        "ttl-seconds" => {
            assert_eq!(around(size, |seconds| Ttl::new(seconds as u32).is_ok()), [true, true, false]);
            let put = |seconds| {
                format!("PUT /latest/api/token HTTP/1.0\r\nX-aws-ec2-metadata-token-ttl-seconds: {seconds}\r\n\r\n")
            };
            assert_eq!(around(size, |seconds| status(&put(seconds))), [Some(200), Some(200), Some(400)]);
        }
        "hop-limit" => {
            assert_eq!(around(size, |hops| HopLimit::try_from(hops as u64).is_ok()), [true, true, false]);
            let options = |hops| format!(r#""metadata_options": {{"http_put_response_hop_limit": {hops}}}"#);
            let record = |hops| format!(r#"{{"instance_type": "t3.micro", {}}}"#, options(hops));
            assert_eq!(around(size, |hops| Record::from_json(&record(hops)).is_ok()), [true, true, false]);
        }
        unknown => panic!("nothing here holds the limit {unknown}"),
    }
}

fn inbox_takes_no_more_than(size: usize) {
    let pipeline = GET.repeat(size / GET.len() + 2);
    let taken_of = |given: usize| {
        let mut connection = Connection::new(start(), KeepAlive::On);
        let taken = connection.receive(start(), &pipeline.as_bytes()[..given]);
        assert_eq!(connection.wants_read(), taken < size);
        taken
    };
    assert_eq!(around(size, taken_of), [size - 1, size, size]);

    // The rest is taken after a request has left the inbox.
    let mut connection = Connection::new(start(), KeepAlive::On);
    assert_eq!(connection.receive(start(), pipeline.as_bytes()), size);
    assert_eq!(connection.receive(start(), GET.as_bytes()), 0);
    assert!(connection.poll_request(start()).is_some());
    assert_eq!(connection.receive(start(), GET.repeat(2).as_bytes()), GET.len());
}

fn no_request_comes_while_more_waits_to_be_sent_than(size: usize) {
    let waiting = |size: usize| {
        let mut connection = Connection::new(start(), KeepAlive::On);
        connection.receive(start(), GET.repeat(2).as_bytes());
        assert!(connection.poll_request(start()).is_some());
        connection.respond(start(), &response_of(size)).unwrap();
        assert_eq!(connection.poll_transmit().map(|transmit| transmit.bytes.len()), Some(size));
        connection
    };
    assert_eq!(around(size, |size| waiting(size).poll_request(start()).is_some()), [true, true, false]);
    let mut connection = waiting(size + 1);
    connection.advance_transmit(start(), 1);
    assert!(connection.poll_request(start()).is_some());
}

/// `of` applied to one below the limit, to the limit, and to one above it.
fn around<T>(limit: usize, of: impl Fn(usize) -> T) -> [T; 3] {
    [limit - 1, limit, limit + 1].map(of)
}

/// A request with this chunked body.
fn chunked(body: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}

/// A text of `size` bytes: `start`, repetitions of `fill`, and `end`.
fn padded(start: &str, fill: &str, size: usize, end: &str) -> String {
    format!("{start}{}{end}", fill.repeat(size - start.len() - end.len()))
}

/// Asserts that the connection closes for this reason at the limit or later, and not a millisecond
/// earlier.
fn ends(connection: &Connection, since: Timestamp, limit: &Limit, deadline: Timer, reason: CloseReason) {
    assert_eq!(limit.unit, "ms");
    assert_eq!(connection.poll_timeout(), Some((since.saturating_add_millis(limit.value), deadline)));
    let state_after = |millis: usize| {
        let mut connection = connection.clone();
        connection.handle_timeout(since.saturating_add_millis(millis as u64));
        (connection.state() == State::Closed && connection.poll_timeout().is_none())
            .then(|| connection.close_reason())
            .flatten()
    };
    assert_eq!(around(limit.value as usize, state_after), [None, Some(reason), Some(reason)]);
}

/// The status of the response to what a client sent, if there is one.
fn status(sent: &str) -> Option<u16> {
    let mut connection = Connection::new(start(), KeepAlive::Off);
    let mut rest = sent.as_bytes();
    loop {
        let taken = connection.receive(start(), rest);
        rest = &rest[taken..];
        let status = answer(&mut connection, start());
        if status.is_some() || taken == 0 {
            return status;
        }
    }
}

fn answer(connection: &mut Connection, now: Timestamp) -> Option<u16> {
    let record = Record::from_json(r#"{"instance_type": "t3.micro"}"#).unwrap();
    let instance = Instance::new(&record, &Seed::new([7; 32]), start()).unwrap();
    let answer = instance.answer(now, &connection.poll_request(now)?, Context::new(Nonce::new(0)));
    connection.respond(now, &answer.response).unwrap();
    Some(answer.response.status.code())
}

/// A connection whose first response is not sent.
fn answered(sent: &str, now: Timestamp) -> Connection {
    let mut connection = Connection::new(now, KeepAlive::Off);
    connection.receive(now, sent.as_bytes());
    answer(&mut connection, now);
    connection
}

/// A response of `size` bytes on a connection that stays open.
fn response_of(size: usize) -> Response<Zeros> {
    let response = |body| Response::new(&Profile::NITRO, Status::Ok, start(), Payload::Content(Zeros(body)));
    let mut bytes = Vec::new();
    response(size).write(Persistence::KeepAlive, &mut bytes);
    response(2 * size - bytes.len())
}

struct Zeros(usize);

impl Content for Zeros {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.resize(out.len() + self.0, 0);
    }
}

fn start() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const REFUSED: &str = "GET\r\n\r\n";
