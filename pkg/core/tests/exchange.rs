//! The functions give what the crate `imds` gives, whatever calls come before, and survive any
//! arguments.

#![expect(unsafe_code, reason = "the functions are a C ABI")]
#![expect(
    clippy::undocumented_unsafe_blocks,
    reason = "each call has a handle of `Handle`, or null, and the address and length of a slice"
)]

use std::slice;

use imds::connection::{CloseReason, Connection, KeepAlive, State};
use imds::record::{MetadataOptionsChange, read_json};
use imds::rules::RULES;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use imds_core::{
    Exchange, IMDS_ERROR_ARGUMENT, IMDS_ERROR_HANDLE, IMDS_ERROR_INCOMPLETE, IMDS_ERROR_NO_INSTANCE, IMDS_ERROR_RECORD,
    Service, Text, imds_abi_version, imds_advance_transmit, imds_answer, imds_close, imds_close_reason,
    imds_close_reason_name, imds_explain, imds_free, imds_get_options, imds_get_options_in_force, imds_handle,
    imds_handle_timeout, imds_input, imds_last_error, imds_last_error_code, imds_launch, imds_modify_options, imds_new,
    imds_open, imds_poll_change, imds_poll_timeout, imds_poll_transmit, imds_receive, imds_receive_eof, imds_rule_id,
    imds_set_generation, imds_set_nonce, imds_shut_down, imds_state, imds_timer_name, imds_wants_read,
};
use proptest::collection::vec;
use proptest::prelude::*;

const NOW: f64 = 1_767_225_600_000.0;
const RECORD: &str = r#"{ "instance_type": "t3.micro", "metadata_options": { "http_put_response_hop_limit": 2 } }"#;
const PUT: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";
const GET: &[u8] = b"GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: x\r\n\r\n";

/// A service behind its handle.
struct Handle(*mut Service);

impl Handle {
    fn launched() -> Handle {
        let handle = Handle(imds_new());
        assert_eq!(handle.launch(&[42], RECORD.as_bytes()), 0);
        handle
    }

    fn launch(&self, seed: &[u8], record: &[u8]) -> i32 {
        unsafe { imds_launch(self.0, NOW, 0, seed.as_ptr(), seed.len(), record.as_ptr(), record.len()) }
    }

    fn modify(&self, effective: f64, change: &str) -> i32 {
        unsafe { imds_modify_options(self.0, NOW, effective, change.as_ptr(), change.len()) }
    }

    fn handle(&self, now: f64, flags: u32, hops: i32, request: &[u8]) -> Option<&Exchange> {
        unsafe { imds_handle(self.0, now, flags, hops, request.as_ptr(), request.len()).as_ref() }
    }

    fn error_code(&self) -> i32 {
        unsafe { imds_last_error_code(self.0) }
    }

    fn error(&self) -> String {
        text(unsafe { imds_last_error(self.0) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        unsafe { imds_free(self.0) };
    }
}

fn text(text: *const Text) -> String {
    let text = unsafe { text.as_ref() }.expect("not null");
    String::from_utf8(bytes(text.bytes, text.length).to_vec()).expect("UTF-8")
}

fn bytes<'a>(address: *const u8, length: usize) -> &'a [u8] {
    if address.is_null() { &[] } else { unsafe { slice::from_raw_parts(address, length) } }
}

fn response(exchange: &Exchange) -> &[u8] {
    bytes(exchange.response, exchange.response_length)
}

fn rule(handle: &Handle, exchange: &Exchange) -> String {
    text(unsafe { imds_rule_id(handle.0, exchange.rule) })
}

#[test]
fn a_token_opens_a_session_until_its_generation_ends() {
    let handle = Handle::launched();
    let put = handle.handle(NOW, 0, -1, PUT).unwrap();
    assert_eq!((put.status, put.no_response, put.hop_limit, put.protocol, put.close_reason), (200, 0, 2, 2, 1));
    let token = String::from_utf8(response(put)[put.response_length - 56..].to_vec()).unwrap();
    let get = format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    let decided = |now| rule(&handle, handle.handle(now, 0, -1, get.as_bytes()).unwrap());
    assert_eq!(decided(NOW + 59_999.0), "serve.v2");
    assert_eq!(decided(NOW + 60_000.0), "token.expired");
    assert_eq!(unsafe { imds_set_generation(handle.0, 7) }, 0);
    assert_eq!(decided(NOW), "token.forged");
}

#[test]
fn a_nonce_makes_each_token_unique() {
    let handle = Handle::launched();
    let token = || response(handle.handle(NOW, 0, -1, PUT).unwrap()).to_vec();
    let (first, second) = (token(), token());
    assert_ne!(first, second);
    assert_eq!(unsafe { imds_set_nonce(handle.0, 0) }, 0);
    assert_eq!(token(), first);
}

#[test]
fn an_empty_record_is_the_default_one() {
    let handle = Handle(imds_new());
    let body = |path: &str| {
        let get = format!("GET /latest/meta-data/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
        String::from_utf8(response(handle.handle(NOW, 0, -1, get.as_bytes()).unwrap()).to_vec()).unwrap()
    };
    assert_eq!(handle.launch(&[1], b""), 0);
    assert!(body("iam/security-credentials/").ends_with("\r\n\r\nmy-role"));
}

#[test]
fn a_change_of_the_options_is_pending_until_it_takes_effect() {
    let handle = Handle::launched();
    assert_eq!(handle.modify(NOW + 1000.0, r#"{"http_tokens":"required","http_endpoint":"enabled"}"#), 0);
    let options = |now| {
        let options = unsafe { imds_get_options(handle.0, now).as_ref() }.unwrap();
        (options.pending, options.http_tokens_required, options.http_put_response_hop_limit, options.http_endpoint)
    };
    let in_force = |now| {
        let options = unsafe { imds_get_options_in_force(handle.0, now).as_ref() }.unwrap();
        (options.pending, options.http_tokens_required, options.http_put_response_hop_limit, options.http_endpoint)
    };
    assert_eq!(in_force(NOW + 999.0), (1, 0, 2, 1));
    assert_eq!(in_force(NOW + 1000.0), (0, 1, 2, 1));
    assert_eq!(options(NOW + 999.0), (1, 1, 2, 1));
    assert_eq!(handle.handle(NOW + 999.0, 0, -1, GET).unwrap().status, 200);
    assert_eq!(options(NOW + 1000.0), (0, 1, 2, 1));
    assert_eq!(handle.handle(NOW + 1000.0, 0, -1, GET).unwrap().status, 401);
}

#[test]
fn a_client_that_no_response_reaches_gets_none() {
    let handle = Handle::launched();
    let exchange = handle.handle(NOW, 0, 3, PUT).unwrap();
    assert_eq!((exchange.no_response, exchange.status, exchange.response_length), (2, 200, 0));
    assert!(exchange.response.is_null());
    assert_eq!(handle.handle(NOW, 0, 2, PUT).unwrap().no_response, 0);
    let connection = unsafe { imds_open(handle.0, NOW, 0, 3) };
    assert_eq!(unsafe { imds_receive(handle.0, connection, NOW, PUT.as_ptr(), PUT.len()) }, PUT.len() as isize);
    assert_eq!(unsafe { imds_answer(handle.0, connection, NOW, NOW, 0).as_ref() }.unwrap().no_response, 2);
    assert!(unsafe { imds_poll_transmit(handle.0, connection) }.is_null());
    let timeout = unsafe { imds_poll_timeout(handle.0, connection).as_ref() }.unwrap();
    assert_eq!(unsafe { imds_state(handle.0, connection) }, 0, "open until the timeout");
    assert_eq!(unsafe { imds_handle_timeout(handle.0, connection, timeout.at) }, 0);
    assert_eq!(unsafe { imds_state(handle.0, connection) }, 2);
    assert_eq!(handle.handle(NOW, 2, -1, PUT).unwrap().no_response, 1, "IPv6 is disabled");
    assert_eq!(handle.handle(NOW, 0, -1, &GET[..20]).unwrap().no_response, 3);
    assert_eq!(handle.handle(NOW, 4, -1, GET).unwrap().status, 503);

    let connection = unsafe { imds_open(handle.0, NOW, 2, -1) };
    assert_eq!(unsafe { imds_receive(handle.0, connection, NOW, GET.as_ptr(), GET.len()) }, GET.len() as isize);
    assert_eq!(unsafe { imds_answer(handle.0, connection, NOW, NOW, 0).as_ref() }.unwrap().no_response, 1);
    assert!(unsafe { imds_answer(handle.0, connection, NOW, NOW, 0) }.is_null());
    assert_eq!(unsafe { imds_state(handle.0, connection) }, 2);
    assert_eq!(handle.modify(NOW, r#"{"http_protocol_ipv6":"enabled"}"#), 0);
    assert_eq!(handle.handle(NOW, 2, -1, GET).unwrap().status, 200);
}

#[test]
fn explain_finds_the_changes_that_turn_a_decision() {
    let handle = Handle::launched();
    assert_eq!(handle.modify(NOW, r#"{"http_tokens":"required"}"#), 0);
    let found = unsafe { imds_explain(handle.0, NOW, 0, -1, GET.as_ptr(), GET.len()) };
    let mut changes = Vec::new();
    while let Some(change) = unsafe { imds_poll_change(handle.0).as_ref() } {
        changes.push((text(&change.id), RULES[change.rule as usize].id, change.status, change.reaches));
        assert!(!text(&change.text).is_empty());
    }
    assert_eq!(changes.len() as i32, found);
    assert_eq!(changes[0], ("option.http-tokens".to_owned(), "serve.v1", 200, 1));
    let incomplete = unsafe { imds_explain(handle.0, NOW, 0, -1, GET.as_ptr(), 5) };
    assert_eq!((incomplete, handle.error().starts_with("the request is incomplete")), (IMDS_ERROR_INCOMPLETE, true));
}

#[test]
fn a_failed_call_names_its_reason() {
    let handle = Handle(imds_new());
    let mut failures = vec![
        (handle.launch(&[], RECORD.as_bytes()), handle.error()),
        (handle.launch(&[0; 33], RECORD.as_bytes()), handle.error()),
        (handle.launch(&[1], b"{}"), handle.error()),
        (handle.launch(&[1], b"{\"instance_type\":\"t3.micro\",\"role\":\"a/b\"}"), handle.error()),
        (handle.launch(&[1], b"\xff"), handle.error()),
        (handle.modify(NOW, "{}"), handle.error()),
    ];
    assert_eq!(handle.launch(&[1], RECORD.as_bytes()), 0);
    assert_eq!(handle.error(), "");
    failures.extend([
        (handle.modify(f64::INFINITY, "{}"), handle.error()),
        (handle.modify(f64::NAN, "{}"), handle.error()),
        (handle.modify(NOW, r#"{"http_token":"required"}"#), handle.error()),
        (unsafe { imds_receive(handle.0, 5, NOW, GET.as_ptr(), GET.len()) } as i32, handle.error()),
        (unsafe { imds_receive(handle.0, 5, NOW, std::ptr::null(), 1) } as i32, handle.error()),
        (unsafe { imds_receive(handle.0, 5, NOW, GET.as_ptr(), usize::MAX) } as i32, handle.error()),
        (unsafe { imds_receive(handle.0, 5, -1.0, GET.as_ptr(), 0) } as i32, handle.error()),
    ]);
    let expected = [
        (IMDS_ERROR_ARGUMENT, "seed: expected 1 to 32 bytes"),
        (IMDS_ERROR_ARGUMENT, "seed: expected 1 to 32 bytes"),
        (IMDS_ERROR_RECORD, "missing key `instance_type`"),
        (IMDS_ERROR_RECORD, "role: "),
        (IMDS_ERROR_RECORD, "the JSON is not UTF-8"),
        (IMDS_ERROR_NO_INSTANCE, "no instance: call imds_launch first"),
        (IMDS_ERROR_ARGUMENT, "effective: expected milliseconds since 1970"),
        (IMDS_ERROR_ARGUMENT, "effective: expected milliseconds since 1970"),
        (IMDS_ERROR_RECORD, "http_token: unknown key"),
        (IMDS_ERROR_HANDLE, "connection: it is freed, or was never opened"),
        (IMDS_ERROR_ARGUMENT, "bytes: the address is null, or the length too large"),
        (IMDS_ERROR_ARGUMENT, "bytes: the address is null, or the length too large"),
        (IMDS_ERROR_ARGUMENT, "time: expected milliseconds since 1970"),
    ];
    assert_eq!(failures.len(), expected.len());
    for ((code, reason), (expected_code, expected_reason)) in failures.iter().zip(expected) {
        assert_eq!(*code, expected_code, "{reason}");
        assert!(reason.starts_with(expected_reason), "{reason}");
    }
    assert!(handle.handle(NOW, 1, -1, GET).is_none() && handle.error().starts_with("flags: "));
    assert_eq!(handle.error_code(), IMDS_ERROR_ARGUMENT);
    assert!(handle.handle(NOW, 0, -1, GET).is_some());
    assert_eq!((handle.error_code(), handle.error().as_str()), (0, ""), "after a call that succeeded");
    assert!(handle.handle(NOW, 0, 256, GET).is_none() && handle.error().starts_with("hops: "));
}

#[test]
fn a_null_handle_is_an_error() {
    let null = std::ptr::null_mut();
    assert_eq!(imds_abi_version(), 1);
    unsafe {
        imds_free(null);
        assert!(imds_last_error(null).is_null());
        assert_eq!(imds_last_error_code(null), IMDS_ERROR_HANDLE);
        assert!(imds_input(null, 1).is_null());
        assert_eq!(imds_set_nonce(null, 1), IMDS_ERROR_HANDLE);
        assert_eq!(imds_open(null, NOW, 0, -1), 0);
        assert!(imds_handle(null, NOW, 0, -1, GET.as_ptr(), GET.len()).is_null());
        assert_eq!(imds_receive(null, 1, NOW, GET.as_ptr(), GET.len()), IMDS_ERROR_HANDLE as isize);
    }
}

#[test]
fn names_exist_for_exactly_the_numbers_of_the_header() {
    let handle = Handle::launched();
    for (index, rule) in RULES.iter().enumerate() {
        assert_eq!(text(unsafe { imds_rule_id(handle.0, index as u32) }), rule.id);
    }
    assert!(unsafe { imds_rule_id(handle.0, RULES.len() as u32) }.is_null());
    assert_eq!(text(unsafe { imds_close_reason_name(handle.0, 4) }), "end-of-input");
    assert_eq!(text(unsafe { imds_timer_name(handle.0, 5) }), "drain");
    for beyond in [0, 11, u32::MAX] {
        assert!(unsafe { imds_close_reason_name(handle.0, beyond) }.is_null());
        assert!(unsafe { imds_timer_name(handle.0, beyond) }.is_null());
    }
}

#[test]
fn the_input_is_memory_of_the_requested_length() {
    let handle = Handle::launched();
    for length in [GET.len(), 10, 100_000, GET.len()] {
        let at = unsafe { imds_input(handle.0, length) };
        unsafe { slice::from_raw_parts_mut(at, length) }.fill(b'x');
    }
    let at = unsafe { imds_input(handle.0, GET.len()) };
    unsafe { at.copy_from_nonoverlapping(GET.as_ptr(), GET.len()) };
    assert_eq!(unsafe { imds_handle(handle.0, NOW, 0, -1, at, GET.len()).as_ref() }.unwrap().status, 200);
    assert!(unsafe { imds_input(handle.0, usize::MAX) }.is_null());
    assert_eq!(handle.error(), "the memory is exhausted");
    assert!(unsafe { imds_input(handle.0, 0) }.is_null());
    assert_eq!(handle.error(), "");
}

/// A call on one of a few connections, some of which are freed.
#[derive(Debug, Clone)]
enum Call {
    Open(bool),
    Close(usize),
    Receive(usize, Vec<u8>),
    Eof(usize),
    Answer(usize, bool),
    Advance(usize, usize),
    Timeout(usize, u32),
    ShutDown(usize),
    Modify(bool),
}

fn call() -> impl Strategy<Value = Call> {
    let piece = prop_oneof![
        Just(GET.to_vec()),
        Just(PUT.to_vec()),
        (0..GET.len()).prop_map(|end| GET[..end].to_vec()),
        (0..GET.len()).prop_map(|start| GET[start..].to_vec()),
        Just(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec()),
        vec(any::<u8>(), 0..40),
        Just(vec![b'x'; 40_000]),
    ];
    let which = 0usize..6;
    prop_oneof![
        2 => any::<bool>().prop_map(Call::Open),
        1 => which.clone().prop_map(Call::Close),
        6 => (which.clone(), piece).prop_map(|(which, bytes)| Call::Receive(which, bytes)),
        1 => which.clone().prop_map(Call::Eof),
        6 => (which.clone(), any::<bool>()).prop_map(|(which, throttled)| Call::Answer(which, throttled)),
        4 => (which.clone(), 0usize..5000).prop_map(|(which, bytes)| Call::Advance(which, bytes)),
        2 => (which.clone(), 0u32..70_000).prop_map(|(which, millis)| Call::Timeout(which, millis)),
        1 => which.prop_map(Call::ShutDown),
        1 => any::<bool>().prop_map(Call::Modify),
    ]
}

proptest! {
    #[test]
    fn calls_give_what_the_crate_gives(calls in vec(call(), 1..80)) {
        let handle = Handle::launched();
        let mut now = NOW as u64;
        let mut instance =
            Instance::new(&Record::from_json(RECORD).unwrap(), &seed(), Timestamp::from_millis(now).unwrap()).unwrap();
        let mut nonce = 0;
        // The last handles, and the model of each connection that is open.
        let mut open: Vec<(u32, Option<Connection>)> = Vec::new();
        for call in calls {
            let at = Timestamp::from_millis(now).unwrap();
            let time = now as f64;
            let (Call::Close(which) | Call::Receive(which, _) | Call::Eof(which) | Call::Answer(which, _)
                | Call::Advance(which, _) | Call::Timeout(which, _) | Call::ShutDown(which)) = call else {
                match call {
                    Call::Open(keep_alive) => {
                        let key = unsafe { imds_open(handle.0, time, keep_alive.into(), -1) };
                        prop_assert!(key != 0 && open.iter().all(|(other, _)| *other != key));
                        let keep_alive = if keep_alive { KeepAlive::On } else { KeepAlive::Off };
                        open.insert(0, (key, Some(Connection::new(at, keep_alive))));
                    }
                    Call::Modify(required) => {
                        let json = if required { r#"{"http_tokens":"required"}"# } else { r#"{"http_tokens":"optional"}"# };
                        let change: MetadataOptionsChange = read_json(json).unwrap();
                        instance.modify_options(at, &change, at.saturating_add_millis(500));
                        let code = unsafe {
                            imds_modify_options(handle.0, time, time + 500.0, json.as_ptr(), json.len())
                        };
                        prop_assert_eq!(code, 0);
                    }
                    _ => unreachable!(),
                }
                continue;
            };
            let Some((key, model)) = open.get_mut(which) else { continue };
            let key = *key;
            let Some(connection) = model else {
                // A freed connection: every call is an error.
                prop_assert_eq!(unsafe { imds_close(handle.0, key) }, IMDS_ERROR_HANDLE);
                prop_assert_eq!(unsafe { imds_receive(handle.0, key, time, GET.as_ptr(), 1) }, IMDS_ERROR_HANDLE as isize);
                let answer = unsafe { imds_answer(handle.0, key, time, time, 0) };
                let transmit = unsafe { imds_poll_transmit(handle.0, key) };
                prop_assert!(answer.is_null() && transmit.is_null());
                prop_assert_eq!(handle.error_code(), IMDS_ERROR_HANDLE);
                prop_assert_eq!(unsafe { imds_state(handle.0, key) }, IMDS_ERROR_HANDLE);
                prop_assert_eq!(handle.error(), "connection: it is freed, or was never opened");
                continue;
            };
            match call {
                Call::Close(_) => {
                    prop_assert_eq!(unsafe { imds_close(handle.0, key) }, 0);
                    *model = None;
                    continue;
                }
                Call::Receive(_, bytes) => {
                    let taken = unsafe { imds_receive(handle.0, key, time, bytes.as_ptr(), bytes.len()) };
                    prop_assert_eq!(taken, connection.receive(at, &bytes) as isize);
                }
                Call::Eof(_) => {
                    prop_assert_eq!(unsafe { imds_receive_eof(handle.0, key) }, 0);
                    connection.receive_eof();
                }
                Call::Answer(_, throttled) => {
                    let flags = if throttled { 4 } else { 0 };
                    let exchange = unsafe { imds_answer(handle.0, key, time - 7.0, time, flags).as_ref() };
                    // The connection may have a clock of its own.
                    let earlier = at.saturating_sub_millis(7);
                    let request = connection.poll_request(earlier);
                    prop_assert_eq!(exchange.is_some(), request.is_some());
                    if let (Some(exchange), Some(request)) = (exchange, request) {
                        let answer = instance.answer(at, &request, Context::new(Nonce::new(nonce)).throttled(throttled));
                        nonce += 1;
                        let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
                        connection.respond(earlier, &answer.response).unwrap();
                        prop_assert_eq!(response(exchange), &connection.poll_transmit().unwrap().bytes[queued..]);
                        prop_assert_eq!(exchange.passed, answer.trace.passed());
                        prop_assert_eq!(exchange.rule as usize, answer.trace.rule_index());
                        prop_assert_eq!(exchange.status, u32::from(answer.rule().status().code()));
                    }
                }
                Call::Advance(_, bytes) => {
                    prop_assert_eq!(unsafe { imds_advance_transmit(handle.0, key, time, bytes) }, 0);
                    connection.advance_transmit(at, bytes);
                }
                Call::Timeout(_, millis) => {
                    now += u64::from(millis);
                    let at = Timestamp::from_millis(now).unwrap();
                    prop_assert_eq!(unsafe { imds_handle_timeout(handle.0, key, now as f64) }, 0);
                    connection.handle_timeout(at);
                }
                Call::ShutDown(_) => {
                    prop_assert_eq!(unsafe { imds_shut_down(handle.0, key) }, 0);
                    connection.shut_down();
                }
                Call::Open(_) | Call::Modify(_) => unreachable!(),
            }
            let transmit = unsafe { imds_poll_transmit(handle.0, key).as_ref() };
            let expected = connection.poll_transmit();
            prop_assert_eq!(transmit.map(|it| bytes(it.bytes, it.length)), expected.as_ref().map(|it| it.bytes));
            prop_assert_eq!(
                transmit.map(|it| it.hop_limit),
                expected.map(|it| it.hop_limit.map_or(0, |limit| limit.get().into()))
            );
            let timeout = unsafe { imds_poll_timeout(handle.0, key).as_ref() };
            prop_assert_eq!(
                timeout.map(|it| (it.at, text(unsafe { imds_timer_name(handle.0, it.timer) }))),
                connection.poll_timeout().map(|(at, timer)| (at.millis() as f64, timer.name().to_owned()))
            );
            let state = match connection.state() { State::Open => 0, State::Draining => 1, State::Closed => 2 };
            prop_assert_eq!(unsafe { imds_state(handle.0, key) }, state);
            let close = connection.close_reason().map_or(0, |reason| {
                CloseReason::ALL.iter().position(|other| *other == reason).unwrap() as i32 + 1
            });
            prop_assert_eq!(unsafe { imds_close_reason(handle.0, key) }, close);
            prop_assert_eq!(unsafe { imds_wants_read(handle.0, key) }, i32::from(connection.wants_read()));
        }
    }

    #[test]
    fn no_arguments_panic(
        times in any::<[f64; 2]>(), flags in any::<u32>(), hops in any::<i32>(), key in any::<u32>(),
        bytes in vec(any::<u8>(), 0..200), number in any::<u64>(),
    ) {
        let handle = Handle::launched();
        let key = [key, unsafe { imds_open(handle.0, NOW, 0, -1) }][number as usize % 2];
        let [now, effective] = times;
        let (at, length) = (bytes.as_ptr(), bytes.len());
        unsafe {
            imds_open(handle.0, now, flags, hops);
            imds_handle(handle.0, now, flags, hops, at, length);
            imds_explain(handle.0, now, flags, hops, at, length);
            imds_modify_options(handle.0, now, effective, at, length);
            imds_get_options(handle.0, now);
            imds_set_nonce(handle.0, number);
            imds_set_generation(handle.0, number);
            imds_receive(handle.0, key, now, at, length);
            imds_answer(handle.0, key, now, effective, flags);
            imds_advance_transmit(handle.0, key, now, number as usize);
            imds_handle_timeout(handle.0, key, now);
            imds_shut_down(handle.0, key);
            imds_rule_id(handle.0, flags);
            imds_launch(handle.0, now, number, at, length, at, length);
            imds_poll_change(handle.0);
            imds_close(handle.0, key);
        }
    }
}

fn seed() -> Seed {
    Seed::parse_hex("2a").unwrap()
}
