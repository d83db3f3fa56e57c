//! Edge cases of a connection: EOF, timeouts, spurious calls, pipelined requests, shutdown.

use std::iter;
use std::sync::LazyLock;

use imds::connection::{CloseReason, Connection, KeepAlive, NoRequest, State, Timer};
use imds::http::{HopLimit, Request};
use imds::record::MetadataOptionsChange;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp, limits};

#[test]
fn a_peer_that_closed_its_sending_half_gets_its_response() {
    for keep_alive in [KeepAlive::Off, KeepAlive::On] {
        let mut end_behind_the_request = Stream::new(keep_alive);
        end_behind_the_request.send(GET);
        end_behind_the_request.connection.receive_eof();
        assert_eq!(end_behind_the_request.answer(), Some(200));

        let mut end_behind_the_answer = Stream::new(keep_alive);
        end_behind_the_answer.send(GET);
        assert_eq!(end_behind_the_answer.answer(), Some(200));
        end_behind_the_answer.connection.receive_eof();

        for mut stream in [end_behind_the_request, end_behind_the_answer] {
            assert_eq!(stream.connection.state(), State::Open, "the response is not sent");
            assert!(stream.sent().ends_with("latest"));
            assert_eq!(stream.connection.state(), State::Closed);
        }
    }
}

#[test]
fn a_reset_connection_behaves_like_a_new_one() {
    for mut reused in phases() {
        let before = format!("{:?}", reused.connection);
        reused.connection.reset(now(), KeepAlive::Off);
        let mut fresh = Stream::new(KeepAlive::Off);
        for bytes in ["G", &GET[1..]] {
            assert_eq!(fresh.look(), reused.look(), "after {before}");
            fresh.send(bytes);
            reused.send(bytes);
        }
        assert_eq!((fresh.answer(), reused.answer()), (Some(200), Some(200)), "after {before}");
        assert_eq!(fresh.look(), reused.look(), "after {before}");
        assert_eq!(reused.connection.poll_transmit().unwrap().hop_limit, None, "after {before}");
    }
}

#[test]
fn every_request_before_eof_is_answered_and_the_close_reason_is_right() {
    let body = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na";
    for (sent, answers, reason) in [
        ("".to_string(), 0, CloseReason::EndOfInput),
        ("\r\n\r\n".to_string(), 0, CloseReason::EndOfInput),
        ("G".to_string(), 0, CloseReason::Truncated),
        (body.to_string(), 0, CloseReason::Truncated),
        (GET.repeat(3), 3, CloseReason::EndOfInput),
        (GET.repeat(3) + "\r\n", 3, CloseReason::EndOfInput),
        (GET.repeat(3) + "G", 3, CloseReason::Truncated),
        (GET.repeat(3) + body, 3, CloseReason::Truncated),
        (format!("{body}b{GET}"), 2, CloseReason::EndOfInput),
        (format!("{GET}{HANGS_UP}{GET}"), 2, CloseReason::Asked),
        (format!("{GET}{MALFORMED}{GET}"), 2, CloseReason::Unframed),
    ] {
        for end_first in [true, false] {
            let mut stream = Stream::new(KeepAlive::On);
            stream.send(&sent);
            if end_first {
                stream.connection.receive_eof();
            }
            let answered = iter::from_fn(|| stream.answer()).count();
            stream.connection.receive_eof();
            assert_eq!((answered, stream.connection.close_reason()), (answers, Some(reason)), "{sent:?}, {end_first}");
            stream.sent();
            assert_eq!(stream.connection.state(), State::Closed, "{sent:?}, {end_first}");
        }
    }
}

#[test]
fn one_request_is_outstanding_at_a_time() {
    let mut stream = Stream::new(KeepAlive::On);
    stream.send(&GET.repeat(2));
    assert!(stream.connection.poll_request(now()).is_some());
    assert!(stream.connection.poll_request(now()).is_none());
    let answer = stream.instance.answer(now(), &Request::parse(GET.as_bytes()), Context::new(Nonce::new(0)));
    stream.connection.respond(now(), &answer.response).unwrap();
    assert_eq!(stream.answer(), Some(200));
    assert_eq!(stream.answer(), None);
}

#[test]
fn a_response_without_an_outstanding_request_is_rejected_and_not_sent() {
    let instance = instance();
    let answer = instance.answer(now(), &Request::parse(GET.as_bytes()), Context::new(Nonce::new(0)));
    let mut fresh = Stream::new(KeepAlive::On);
    let rejected = fresh.connection.respond(now(), &answer.response).unwrap_err();
    assert!(rejected.to_string().contains("call poll_request first"), "{rejected}");
    assert_eq!((fresh.sent().as_str(), fresh.connection.close_reason()), ("", None));
    let mut answered = Stream::new(KeepAlive::On);
    answered.send(GET);
    answered.answer();
    answered.sent();
    assert_eq!(answered.connection.respond(now(), &answer.response), Err(NoRequest));
    assert_eq!((answered.sent().as_str(), answered.connection.close_reason()), ("", None));
}

#[test]
fn a_timeout_that_is_not_due_changes_nothing() {
    for mut stream in phases() {
        let before = stream.look();
        if let Some((at, _)) = stream.connection.poll_timeout() {
            stream.connection.handle_timeout(at.saturating_sub_millis(1));
        }
        stream.connection.handle_timeout(Timestamp::EPOCH);
        assert_eq!(stream.look(), before);
    }
}

#[test]
fn advancing_past_the_offered_bytes_is_clamped() {
    let mut stream = Stream::new(KeepAlive::On);
    stream.send(GET);
    stream.answer();
    let offered = stream.offered().len();
    stream.connection.advance_transmit(now(), 1);
    assert_eq!(stream.offered().len(), offered - 1);
    stream.connection.advance_transmit(now(), usize::MAX);
    assert_eq!(stream.offered(), b"");
    stream.send(GET);
    assert_eq!(stream.answer(), Some(200));
    assert_eq!(stream.offered().len(), offered, "the next response is offered whole");
}

#[test]
fn only_sent_bytes_extend_the_send_deadline() {
    let later = now().saturating_add_millis(500);
    for mut stream in phases() {
        let before = stream.connection.poll_timeout();
        stream.connection.advance_transmit(later, if stream.offered().is_empty() { usize::MAX } else { 0 });
        assert_eq!(stream.connection.poll_timeout(), before);
    }
}

#[test]
fn a_peer_that_receives_less_than_the_minimum_rate_is_disconnected() {
    // The number of bytes, and how often the peer receives as many.
    for (bytes, seconds, is_served) in [
        (1, 29, false),
        (500, 1, false),
        (20_000, 29, false),
        (30_000, 29, true),
        (1_000, 1, true),
        (100_000, 29, true),
    ] {
        let mut stream = Stream::new(KeepAlive::On);
        let mut time = now();
        for _ in 0..3600 / seconds {
            while stream.connection.close_reason().is_none() && stream.offered().len() <= limits::OUTBOX_BYTES {
                stream.send(GET);
                stream.answer_at(time);
            }
            time = time.saturating_add_millis(seconds * 1000);
            stream.connection.handle_timeout(time);
            stream.connection.advance_transmit(time, bytes);
        }
        let closed = stream.connection.close_reason();
        assert_eq!(closed, (!is_served).then_some(CloseReason::SlowReader), "{bytes} bytes in {seconds} s");
    }
}

#[test]
fn a_deadline_for_the_first_byte_replaces_that_of_the_first_request_only() {
    let deadline = now().saturating_add_millis(20);
    let waiting = || {
        let mut stream = Stream::new(KeepAlive::On);
        stream.connection.expect_first_byte_by(deadline);
        stream
    };
    for sent in ["", "\r\n"] {
        let mut silent = waiting();
        silent.send(sent);
        assert_eq!(silent.connection.poll_timeout(), Some((deadline, Timer::Idle)));
        silent.connection.handle_timeout(deadline);
        assert_eq!(silent.connection.close_reason(), Some(CloseReason::Idle));
    }
    let due = |millis: u64, timer: Timer| Some((now().saturating_add_millis(millis), timer));
    let mut begun = waiting();
    begun.send("G");
    begun.connection.expect_first_byte_by(deadline);
    assert_eq!(begun.connection.poll_timeout(), due(limits::HEAD_MILLIS, Timer::Head));
    let mut answered = waiting();
    answered.send(GET);
    answered.answer();
    answered.sent();
    assert_eq!(answered.connection.poll_timeout(), due(limits::IDLE_MILLIS, Timer::Idle));
    let mut reused = waiting();
    reused.connection.reset(now(), KeepAlive::On);
    assert_eq!(reused.connection.poll_timeout(), due(limits::IDLE_MILLIS, Timer::Idle));
}

#[test]
fn a_deadline_after_a_slow_response_counts_from_its_last_byte() {
    let [first_byte, last_byte] = [20_000, 40_000].map(|millis| now().saturating_add_millis(millis));
    let body = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
    for (sent, since, millis, deadline) in [
        (GET.to_string(), last_byte, limits::IDLE_MILLIS, Timer::Idle),
        (GET.to_string() + "\r\n", last_byte, limits::IDLE_MILLIS, Timer::Idle),
        (MALFORMED.to_string(), last_byte, limits::DRAIN_MILLIS, Timer::Drain),
        (HANGS_UP.to_string() + "G", last_byte, limits::DRAIN_MILLIS, Timer::Drain),
        // The client can send the rest of a request that it has begun while it reads the response.
        (GET.to_string() + "G", now(), limits::HEAD_MILLIS, Timer::Head),
        (GET.to_string() + body, now(), limits::BODY_MILLIS, Timer::Body),
    ] {
        let mut stream = Stream::new(KeepAlive::On);
        stream.send(&sent);
        assert!(stream.answer().is_some(), "{sent:?}");
        assert_eq!(stream.answer(), None, "{sent:?}");
        let send_by = |since: Timestamp| Some((since.saturating_add_millis(limits::SEND_MILLIS), Timer::Send));
        assert_eq!(stream.connection.poll_timeout(), send_by(now()), "{sent:?}");
        stream.connection.advance_transmit(first_byte, 1);
        assert_eq!(stream.connection.poll_timeout(), send_by(now().saturating_add_millis(1)), "{sent:?}");
        stream.connection.advance_transmit(last_byte, usize::MAX);
        assert_eq!(stream.connection.poll_timeout(), Some((since.saturating_add_millis(millis), deadline)), "{sent:?}");
    }
}

#[test]
fn the_deadline_of_a_body_counts_from_the_end_of_its_head() {
    let mut stream = Stream::new(KeepAlive::On);
    let head = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
    stream.send(&head[..head.len() - 1]);
    let end = now().saturating_add_millis(5_000);
    stream.connection.receive(end, b"\n");
    assert!(stream.connection.poll_request(end).is_none());
    let due = end.saturating_add_millis(limits::BODY_MILLIS);
    assert_eq!(stream.connection.poll_timeout(), Some((due, Timer::Body)));
}

#[test]
fn the_send_deadline_counts_from_the_oldest_unsent_response() {
    let mut stream = Stream::new(KeepAlive::On);
    stream.send(&GET.repeat(3));
    let [first, second, third] = [0, 20_000, 50_000].map(|millis| now().saturating_add_millis(millis));
    let send_by = |since: Timestamp| Some((since.saturating_add_millis(limits::SEND_MILLIS), Timer::Send));
    for (time, since) in [(first, first), (second, first)] {
        stream.answer_at(time);
        assert_eq!(stream.connection.poll_timeout(), send_by(since));
    }
    stream.connection.advance_transmit(second, usize::MAX);
    assert_eq!(stream.connection.poll_timeout(), None, "a whole request waits for its response");
    stream.answer_at(third);
    assert_eq!(stream.connection.poll_timeout(), send_by(third));
}

#[test]
fn a_timeout_closes_the_connection_with_its_reason() {
    let body = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na";
    for (sent, advance_transmit, deadline, reason) in [
        ("".to_string(), 0, Timer::Idle, CloseReason::Idle),
        ("\r".to_string(), 0, Timer::Idle, CloseReason::Idle),
        ("GET".to_string(), 0, Timer::Head, CloseReason::SlowHead),
        (body.to_string(), 0, Timer::Body, CloseReason::SlowBody),
        (GET.to_string(), 0, Timer::Send, CloseReason::SlowReader),
        (GET.to_string(), 1, Timer::Send, CloseReason::SlowReader),
        (GET.to_string() + "G", 1, Timer::Send, CloseReason::SlowReader),
        (GET.to_string() + body, 1, Timer::Send, CloseReason::SlowReader),
        (HANGS_UP.to_string(), 1, Timer::Send, CloseReason::SlowReader),
        (MALFORMED.to_string(), 1, Timer::Send, CloseReason::SlowReader),
        (GET.to_string(), usize::MAX, Timer::Idle, CloseReason::Idle),
        (GET.to_string() + "G", usize::MAX, Timer::Head, CloseReason::SlowHead),
        (GET.to_string() + body, usize::MAX, Timer::Body, CloseReason::SlowBody),
        (MALFORMED.to_string(), usize::MAX, Timer::Drain, CloseReason::Unframed),
    ] {
        for shut_down in [false, true] {
            let what = format!("{sent:?}, {advance_transmit} bytes, shut down: {shut_down}");
            let mut stream = Stream::new(KeepAlive::On);
            stream.send(&sent);
            while stream.answer().is_some() {}
            stream.connection.advance_transmit(now(), advance_transmit);
            if shut_down {
                stream.connection.shut_down();
                if stream.connection.state() == State::Closed {
                    continue;
                }
            }
            let (at, what_passes) = stream.connection.poll_timeout().unwrap();
            assert_eq!(what_passes, deadline, "{what}");
            stream.connection.handle_timeout(at.saturating_sub_millis(1));
            assert_eq!(stream.connection.poll_timeout(), Some((at, deadline)), "{what}");
            stream.connection.handle_timeout(at);
            assert_eq!(stream.look(), (State::Closed, None, false, Some(reason), Vec::new()), "{what}");
            assert!(format!("{:?}", stream.connection).contains("unread: 0, unsent: 0"), "{what}");
            stream.send(GET);
            assert_eq!((stream.answer(), stream.sent().as_str()), (None, ""), "{what}");
        }
    }
}

#[test]
fn a_closed_connection_discards_input_and_returns_nothing() {
    let mut stream = Stream::new(KeepAlive::Off);
    stream.send(GET);
    stream.answer();
    stream.sent();
    let closed = stream.look();
    assert_eq!((stream.connection.state(), stream.connection.wants_read()), (State::Closed, false));
    assert_eq!(stream.connection.receive(now(), GET.as_bytes()), GET.len());
    assert_eq!(stream.answer(), None);
    stream.connection.receive_eof();
    stream.connection.advance_transmit(now(), usize::MAX);
    stream.connection.handle_timeout(Timestamp::MAX);
    stream.connection.shut_down();
    assert_eq!(stream.look(), closed);
}

#[test]
fn the_hop_limit_of_a_connection_never_rises() {
    let mut stream = Stream::new(KeepAlive::On);
    let mut offered = Vec::new();
    for (sent, hops) in [(GET, 1), (PUT, 9), (PUT, 64), (GET, 1), (PUT, 3), (PUT, 64)] {
        let hops = HopLimit::try_from(hops).unwrap();
        let change =
            MetadataOptionsChange { http_put_response_hop_limit: Some(hops), ..MetadataOptionsChange::default() };
        stream.instance.modify_options(now(), &change, now());
        stream.send(sent);
        assert_eq!(stream.answer(), Some(200));
        offered.push(stream.connection.poll_transmit().unwrap().hop_limit.map(HopLimit::get));
        stream.sent();
    }
    assert_eq!(offered, [None, Some(9), Some(9), Some(9), Some(3), Some(3)]);
}

#[test]
fn shutdown_answers_a_request_that_has_begun_and_no_later_one() {
    let mut waiting = Stream::new(KeepAlive::On);
    waiting.connection.shut_down();
    assert_eq!(waiting.connection.state(), State::Closed);

    let mut begun = Stream::new(KeepAlive::On);
    begun.send(&GET[..3]);
    let mut whole = Stream::new(KeepAlive::On);
    whole.send(&GET.repeat(2));
    let mut answered = Stream::new(KeepAlive::On);
    answered.send(&format!("{GET}{}", &GET[..3]));
    answered.answer();
    for (mut stream, rest, state) in
        [(begun, &GET[3..], State::Closed), (whole, "", State::Draining), (answered, &GET[3..], State::Closed)]
    {
        stream.connection.shut_down();
        assert_eq!(stream.connection.state(), State::Open);
        stream.send(rest);
        assert_eq!(stream.answer(), Some(200));
        assert_eq!((stream.answer(), stream.connection.close_reason()), (None, Some(CloseReason::Shutdown)));
        assert!(stream.sent().contains("\r\nConnection: close\r\n"));
        assert_eq!(stream.connection.state(), state);
    }
}

#[test]
fn shutdown_sends_a_queued_response_and_keeps_an_earlier_reason() {
    for (sent, advance_transmit, state, reason) in [
        ("", 0, State::Closed, CloseReason::Shutdown),
        ("\r\n\r", 0, State::Closed, CloseReason::Shutdown),
        (GET, 0, State::Closed, CloseReason::Shutdown),
        (GET, 1, State::Closed, CloseReason::Shutdown),
        (GET, usize::MAX, State::Closed, CloseReason::Shutdown),
        (HANGS_UP, 0, State::Closed, CloseReason::Asked),
        (HANGS_UP, usize::MAX, State::Closed, CloseReason::Asked),
        (MALFORMED, 0, State::Draining, CloseReason::Unframed),
        (MALFORMED, 1, State::Draining, CloseReason::Unframed),
        (MALFORMED, usize::MAX, State::Draining, CloseReason::Unframed),
    ] {
        let what = format!("{sent:?}, {advance_transmit} bytes");
        let mut stream = Stream::new(KeepAlive::On);
        stream.send(sent);
        stream.answer();
        stream.connection.advance_transmit(now(), advance_transmit);
        let unsent = stream.offered().to_vec();
        for _ in 0..2 {
            stream.connection.shut_down();
            assert_eq!(stream.connection.close_reason(), Some(reason), "{what}");
            assert_eq!(stream.offered(), unsent, "{what}");
            assert_eq!(stream.connection.state() == State::Open, !unsent.is_empty(), "{what}");
        }
        stream.send(GET);
        assert_eq!(stream.answer(), None, "{what}");
        stream.sent();
        assert_eq!((stream.connection.state(), stream.connection.close_reason()), (state, Some(reason)), "{what}");
    }
}

#[test]
fn shutdown_at_any_byte_of_a_request_still_answers_it() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
    for at in 1..=request.len() {
        let mut stream = Stream::new(KeepAlive::On);
        stream.send(&request[..at]);
        let begun = stream.answer();
        stream.connection.shut_down();
        assert_eq!(stream.connection.state(), State::Open, "{at}");
        stream.send(&request[at..]);
        assert_eq!(begun.or_else(|| stream.answer()), Some(200), "{at}");
        // Only a response that was written before the shutdown cannot announce it.
        assert_eq!(stream.sent().contains("\r\nConnection: close\r\n"), begun.is_none(), "{at}");
        let end = (stream.connection.state(), stream.connection.close_reason());
        assert_eq!(end, (State::Closed, Some(CloseReason::Shutdown)), "{at}");
    }
    let mut out = Stream::new(KeepAlive::On);
    out.send(GET);
    assert!(out.connection.poll_request(now()).is_some());
    out.connection.shut_down();
    let answer = out.instance.answer(now(), &Request::parse(GET.as_bytes()), Context::new(Nonce::new(0)));
    out.connection.respond(now(), &answer.response).unwrap();
    assert!(out.sent().contains("\r\nConnection: close\r\n"));
    assert_eq!(out.connection.state(), State::Closed);
}

#[test]
fn unread_input_is_drained_after_the_response_and_a_whole_request_closes_at_once() {
    let too_large = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n";
    let chunked = "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    let gzip = "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n";
    let waits = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let with_body = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
    for (sent, status, state, reason) in [
        (GET.to_string(), 200, State::Closed, CloseReason::Answered),
        (with_body.to_string(), 200, State::Closed, CloseReason::Answered),
        (GET.to_string() + "G", 200, State::Draining, CloseReason::Answered),
        (MALFORMED.to_string(), 400, State::Draining, CloseReason::Unframed),
        (too_large.to_string(), 413, State::Draining, CloseReason::Unframed),
        (chunked.to_string(), 200, State::Closed, CloseReason::Answered),
        (chunked.to_string() + "G", 200, State::Draining, CloseReason::Answered),
        (chunked.replace("ab", "abc"), 400, State::Draining, CloseReason::Unframed),
        (chunked.replace("2\r", "10001\r"), 413, State::Draining, CloseReason::Unframed),
        (gzip.to_string(), 400, State::Draining, CloseReason::Unframed),
        (waits.to_string(), 417, State::Draining, CloseReason::Unframed),
    ] {
        let mut stream = Stream::new(KeepAlive::Off);
        stream.send(&sent);
        assert_eq!(stream.answer(), Some(status), "{sent:?}");
        stream.sent();
        assert_eq!((stream.connection.state(), stream.connection.close_reason()), (state, Some(reason)), "{sent:?}");
    }
}

/// Each body is sent whole, byte by byte, and in two pieces cut at each place. A body that is
/// rejected ends with the byte that makes it invalid, or soon after.
#[test]
fn a_chunked_body_ends_where_its_syntax_says() {
    let extra = |size: usize| "a".repeat(size);
    let cases: &[(String, Option<u16>)] = &[
        // Chunks.
        ("0\r\n\r\n".into(), Some(200)),
        ("000\r\n\r\n".into(), Some(200)),
        ("1\r\na\r\n0\r\n\r\n".into(), Some(200)),
        ("5\r\n0\r\n\r\n\r\n0\r\n\r\n".into(), Some(200)),
        (format!("1f\r\n{}\r\n0\r\n\r\n", extra(31)), Some(200)),
        (format!("0000000000000aBc\r\n{}\r\n0\r\n\r\n", extra(0xabc)), Some(200)),
        ("".into(), None),
        ("1".into(), None),
        ("1\r".into(), None),
        ("1\r\n".into(), None),
        ("2\r\na".into(), None),
        ("1\r\na\r".into(), None),
        ("1\r\na\r\n".into(), None),
        ("0\r\n".into(), None),
        ("0\r\n\r".into(), None),
        ("\r".into(), Some(400)),
        (";".into(), Some(400)),
        (" ".into(), Some(400)),
        ("g\r\n".into(), Some(400)),
        ("-1\r\n".into(), Some(400)),
        ("+1\r\n".into(), Some(400)),
        ("0x1\r\n".into(), Some(400)),
        ("1_0\r\n".into(), Some(400)),
        (" 1\r\n".into(), Some(400)),
        ("1 \r\na\r\n".into(), Some(400)),
        ("1,1\r\n".into(), Some(400)),
        (";a\r\n".into(), Some(400)),
        ("1\r\nab\r\n".into(), Some(400)),
        ("1\r\na0\r\n".into(), Some(400)),
        ("1\r\na\r\n\r\n".into(), Some(400)),
        ("2\r\na\r\n0\r\n\r\n".into(), Some(400)),
        ("0\r\n\r\r".into(), Some(400)),
        // Other line ends.
        ("1\n".into(), Some(400)),
        ("1\r\r".into(), Some(400)),
        ("1\ra".into(), Some(400)),
        ("1\r\na\n".into(), Some(400)),
        ("1\r\na\r\r".into(), Some(400)),
        ("1\r\na\ra".into(), Some(400)),
        ("0\r\n\n".into(), Some(400)),
        ("0\r\na:\n".into(), Some(400)),
        ("0\r\na:\r\r".into(), Some(400)),
        ("0;a=\"\n".into(), Some(400)),
        ("0\n\n".into(), Some(400)),
        ("0\n\r\n".into(), Some(400)),
        ("0\r\n\n".into(), Some(400)),
        ("0\r\r\n\r\n".into(), Some(400)),
        ("0\ra\r\n".into(), Some(400)),
        ("1\na\r\n0\r\n\r\n".into(), Some(400)),
        ("1\r\na\n0\r\n\r\n".into(), Some(400)),
        ("1\r\na\r0\r\n\r\n".into(), Some(400)),
        ("0;a\n\r\n".into(), Some(400)),
        ("0;a\nb\r\n\r\n".into(), Some(400)),
        ("0\r\na:b\n\r\n".into(), Some(400)),
        ("0\r\na:b\rc\r\n\r\n".into(), Some(400)),
        // Sizes past a limit.
        ("10001\r\n".into(), Some(413)),
        ("10001;".into(), Some(413)),
        ("10001 ".into(), Some(413)),
        ("1\r\na\r\n10000\r\n".into(), Some(413)),
        ("ffffffffffffffff\r\n".into(), Some(413)),
        ("1\r\na\r\nffffffffffffffff\r\n".into(), Some(413)),
        ("10000000000000000".into(), Some(400)),
        ("00000000000000000".into(), Some(400)),
        // Extensions.
        ("0;a\r\n\r\n".into(), Some(200)),
        ("0;a;b\r\n\r\n".into(), Some(200)),
        ("0;a=b\r\n\r\n".into(), Some(200)),
        ("0 ; a = b ; c\t;\td\r\n\r\n".into(), Some(200)),
        ("0;a=\"\"\r\n\r\n".into(), Some(200)),
        ("0;a=\"b;c=d\\\"\\\\ \u{e9}\" ;e\r\n\r\n".into(), Some(200)),
        (format!("0;{}\r\n\r\n", extra(4095)), Some(200)),
        (format!("0;{}", extra(4096)), Some(413)),
        ("0;\r\n\r\n".into(), Some(400)),
        ("0;;\r\n\r\n".into(), Some(400)),
        ("0;=a\r\n\r\n".into(), Some(400)),
        ("0;a=\r\n\r\n".into(), Some(400)),
        ("0;a=b=c\r\n\r\n".into(), Some(400)),
        ("0;a \r\n\r\n".into(), Some(400)),
        ("0;a b\r\n\r\n".into(), Some(400)),
        ("0;a=b \r\n\r\n".into(), Some(400)),
        ("0;a=b\"\"\r\n\r\n".into(), Some(400)),
        ("0;a=\"\"b\r\n\r\n".into(), Some(400)),
        ("0;a=\"\r\n".into(), Some(400)),
        ("0;a=\"\\\r\n".into(), Some(400)),
        ("0;a=\"\0".into(), Some(400)),
        ("0;a=\"\u{7f}".into(), Some(400)),
        ("0;\"a\"\r\n".into(), Some(400)),
        ("0;a\0\r\n".into(), Some(400)),
        // Trailers.
        ("0\r\na:b\r\n\r\n".into(), Some(200)),
        ("0\r\na:\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".into(), Some(200)),
        ("0\r\na: \t\u{e9} \"\r\n\r\n".into(), Some(200)),
        (format!("0\r\na:{}\r\n\r\n", extra(4094)), Some(200)),
        (format!("0\r\na:{}", extra(4095)), Some(413)),
        (format!("0;{}\r\na", extra(4095)), Some(413)),
        ("0\r\na\r\n\r\n".into(), Some(400)),
        ("0\r\n:b\r\n\r\n".into(), Some(400)),
        ("0\r\na : b\r\n\r\n".into(), Some(400)),
        ("0\r\na: b\r\n c\r\n\r\n".into(), Some(400)),
        ("0\r\na:\0\r\n\r\n".into(), Some(400)),
        ("0\r\nGET / HTTP/1.1\r\n".into(), Some(400)),
    ];
    let head = "PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\
        Transfer-Encoding: chunked\r\n\r\n";
    for (body, status) in cases {
        let sent = format!("{head}{body}");
        // A request follows a whole body.
        let behind = if *status == Some(200) { MISSING } else { "" };
        let expected = match status {
            Some(200) => vec![200, 404],
            status => Vec::from_iter(*status),
        };
        let all = format!("{sent}{behind}");
        let cuts = (head.len()..=all.len()).filter(|at| *at < head.len() + 64 || *at + 64 > all.len());
        let in_two = cuts.map(|at| vec![&all.as_bytes()[..at], &all.as_bytes()[at..]]);
        for pieces in in_two.chain([all.as_bytes().chunks(1).collect()]) {
            let mut stream = Stream::new(KeepAlive::On);
            let mut answers = Vec::new();
            for piece in pieces {
                assert_eq!(stream.connection.receive(now(), piece), piece.len());
                answers.extend(iter::from_fn(|| stream.answer()));
            }
            assert_eq!(answers, expected, "{body:?}");
            if !matches!(status, None | Some(200)) {
                stream.send(MISSING);
                assert_eq!(stream.answer(), None, "{body:?}");
            }
            let reason = match status {
                Some(200) => None,
                Some(_) => Some(CloseReason::Unframed),
                None => {
                    assert_eq!(stream.connection.poll_timeout().map(|(_, timer)| timer), Some(Timer::Body), "{body:?}");
                    stream.connection.receive_eof();
                    Some(CloseReason::Truncated)
                }
            };
            assert_eq!(stream.connection.close_reason(), reason, "{body:?}");
        }
    }
}

#[test]
fn drained_bytes_are_no_request_and_eof_closes() {
    let mut stream = Stream::new(KeepAlive::On);
    stream.send(MALFORMED);
    assert_eq!(stream.answer(), Some(400));
    stream.send(GET);
    assert_eq!(stream.answer(), None, "before the response is sent");
    stream.sent();
    stream.send(GET);
    assert_eq!((stream.answer(), stream.connection.state()), (None, State::Draining));
    assert_eq!(stream.connection.poll_timeout().map(|(_, what)| what), Some(Timer::Drain));
    stream.connection.receive_eof();
    assert_eq!((stream.answer(), stream.connection.state()), (None, State::Closed));
}

#[test]
fn discarded_bytes_are_not_buffered() {
    let mut drained = Stream::new(KeepAlive::Off);
    drained.send(MALFORMED);
    drained.answer();
    let mut body = Stream::new(KeepAlive::Off);
    body.send("GET / HTTP/1.0\r\nContent-Length: 65536\r\n\r\n");
    body.answer();
    let mut chunked = Stream::new(KeepAlive::Off);
    chunked.send("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n");
    chunked.answer();
    let mut rejected = Stream::new(KeepAlive::Off);
    rejected.send("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n");
    rejected.answer();
    let mut closed = Stream::new(KeepAlive::Off);
    closed.connection.receive_eof();
    // The response to the request before the end is still due.
    let mut closed_behind_a_request = Stream::new(KeepAlive::On);
    closed_behind_a_request.send(GET);
    closed_behind_a_request.connection.receive_eof();
    let bytes = GET.repeat(65536 / GET.len());
    for mut stream in [drained, body, chunked, rejected, closed, closed_behind_a_request] {
        let made = allocation_counter::measure(|| stream.send(&bytes));
        assert_eq!(made.count_total, 0);
        // At most the request before the end.
        stream.answer();
        assert_eq!(stream.answer(), None);
    }
}

#[test]
fn the_buffers_of_a_burst_are_freed() {
    let mut stream = Stream::new(KeepAlive::On);
    // A full inbox, and responses several times as long.
    let requests = limits::INBOX_BYTES / GET.len();
    let held = allocation_counter::measure(|| {
        stream.send(&GET.repeat(requests));
        let mut answered = 0;
        while answered < requests {
            answered += iter::from_fn(|| stream.answer()).count();
            stream.connection.advance_transmit(now(), usize::MAX);
        }
    });
    assert_eq!(stream.connection.poll_timeout().map(|(_, deadline)| deadline), Some(Timer::Idle));
    assert!(held.bytes_max > 2 * LITTLE as u64, "not a burst: {} bytes", held.bytes_max);
    assert!(held.bytes_current <= LITTLE, "{} bytes are held", held.bytes_current);
}

/// A connection to an instance, at a fixed time.
struct Stream {
    connection: Connection,
    instance: Instance,
}

impl Stream {
    fn new(keep_alive: KeepAlive) -> Stream {
        Stream { connection: Connection::new(now(), keep_alive), instance: instance() }
    }

    fn send(&mut self, bytes: &str) {
        assert_eq!(self.connection.receive(now(), bytes.as_bytes()), bytes.len());
    }

    /// Answers the next request, if there is one, and returns the status.
    fn answer(&mut self) -> Option<u16> {
        self.answer_at(now())
    }

    fn answer_at(&mut self, now: Timestamp) -> Option<u16> {
        let answer = self.instance.answer(now, &self.connection.poll_request(now)?, Context::new(Nonce::new(0)));
        self.connection.respond(now, &answer.response).unwrap();
        Some(answer.response.status.code())
    }

    fn offered(&self) -> &[u8] {
        self.connection.poll_transmit().map_or(&[], |transmit| transmit.bytes)
    }

    /// Sends all offered bytes.
    fn sent(&mut self) -> String {
        let text = String::from_utf8(self.offered().to_vec()).unwrap();
        self.connection.advance_transmit(now(), text.len());
        text
    }

    /// Everything that a driver can observe.
    fn look(&self) -> Look {
        let connection = &self.connection;
        (
            connection.state(),
            connection.poll_timeout(),
            connection.wants_read(),
            connection.close_reason(),
            self.offered().to_vec(),
        )
    }
}

/// State, timeout, `wants_read`, close reason, and unsent bytes.
type Look = (State, Option<(Timestamp, Timer)>, bool, Option<CloseReason>, Vec<u8>);

/// A stream in each phase.
fn phases() -> Vec<Stream> {
    let sent = |bytes: &str| {
        let mut stream = Stream::new(KeepAlive::On);
        stream.send(bytes);
        stream
    };
    let answered = |bytes: &str| {
        let mut stream = sent(bytes);
        stream.answer();
        stream
    };
    let read = |bytes: &str| {
        let mut stream = answered(bytes);
        stream.sent();
        stream
    };
    vec![
        sent(""),
        sent("GET"),
        sent(GET),
        answered("GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\n"),
        answered(GET),
        answered(MALFORMED),
        read(GET),
        read(HANGS_UP),
        read(MALFORMED),
    ]
}

fn instance() -> Instance {
    static INSTANCE: LazyLock<Instance> = LazyLock::new(|| {
        let record = Record::from_json(r#"{"instance_type": "t3.micro"}"#).unwrap();
        Instance::new(&record, &Seed::new([7; 32]), now()).unwrap()
    });
    INSTANCE.clone()
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap()
}

/// How many bytes an idle connection may hold: a head, and a response as long.
const LITTLE: i64 = 2 * 16 * 1024;
const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const MALFORMED: &str = "GET\r\n\r\n";
const MISSING: &str = "GET /latest/nothing HTTP/1.1\r\nHost: a\r\n\r\n";
const HANGS_UP: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const PUT: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\r\n";
