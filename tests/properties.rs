//! Properties of arbitrary tokens, paths and streams of bytes.

#[path = "models/stream.rs"]
mod stream;
#[path = "models/token.rs"]
mod token;

use std::fmt::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use imds::connection::KeepAlive;
use imds::http::{Body, PROFILES, Request, RequestFault, Status};
use imds::limits;
use imds::record::DEFAULT_RECORD;
use imds::token::{Authority, Session, TOKEN_CHARS, TokenFault, Ttl, TtlFault};
use imds::write::ShortText;
use imds::{Context, Instance, Nonce, Record, Seed, Throttle, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use stream::{NOW, answer_stream, drive};
use token::{BITS, fault_of, fault_of_character};

/// Replaces each octet of each relevant header name by each octet that a name may contain.
#[test]
fn a_header_is_recognized_in_any_case_and_under_no_other_name() {
    type Seen = fn(&Request<'_>) -> bool;
    let names: [(&str, &str, Seen); 7] = [
        ("Host", "a", |request| request.fault == Some(RequestFault::HostRepeated)),
        ("Expect", "100-continue", |request| request.expects),
        ("Content-Length", "1", |request| request.body == Body::Length(1)),
        ("X-Forwarded-For", "a", |request| request.forwarded),
        ("Transfer-Encoding", "chunked", |request| request.body == Body::Chunked),
        ("X-aws-ec2-metadata-token", "a", |request| request.token.is_present()),
        ("X-aws-ec2-metadata-token-ttl-seconds", "1", |request| request.ttl.is_present()),
    ];
    let octets = (b'!'..=b'~').filter(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet));
    let octets: Vec<u8> = octets.collect();
    for (name, value, seen) in names {
        for (place, octet) in (0..name.len()).flat_map(|place| octets.iter().map(move |octet| (place, *octet))) {
            let mut sent = name.as_bytes().to_vec();
            sent[place] = octet;
            let sent = String::from_utf8(sent).unwrap();
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{sent}: {value}\r\n\r\n");
            let known = seen(&Request::parse(head.as_bytes()));
            assert_eq!(known, sent.eq_ignore_ascii_case(name), "{sent}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// A clock that is set forward or back delays a client by a second at most.
    #[test]
    fn a_throttle_admits_its_rate_and_recovers_after_a_second(rate in 1..50u32, at in prop::collection::vec(0..7_200_000u64, 0..200)) {
        let mut throttle = Throttle::new(rate);
        for later in at {
            throttle.admit(NOW.saturating_add_millis(later));
        }
        let next = |second: u64| NOW.saturating_add_millis(second * 1000);
        prop_assert!(throttle.admit(next(3600)) || throttle.admit(next(3601)));
        // In any second, at most a burst and the requests that become due are admitted.
        let admitted = (0..1000).filter(|millis| throttle.admit(next(3602).saturating_add_millis(*millis))).count();
        prop_assert!((rate as usize..2 * rate as usize).contains(&admitted), "{} of {} a second", admitted, rate);
    }

    /// The time may be before the issue: a clock that was set back does not extend the remaining
    /// seconds.
    #[test]
    fn a_short_text_is_truncated_at_a_character_boundary(text in "\\PC{0,12}") {
        let short = ShortText::of(&text);
        let next = text.strip_prefix(short.as_str()).expect("the start of the text").chars().next();
        prop_assert!(next.is_none_or(|next| short.as_str().len() + next.len_utf8() > 20), "{}", text);
    }

    #[test]
    fn a_token_opens_a_session_until_it_expires(
        expires in DAY..FAR,
        seconds in 0..=Ttl::MAX.seconds(),
        nonce: u64,
        left in prop_oneof![-(DAY as i64)..DAY as i64, select(&[-1000, -1, 0, 1, 999, 1000, 1001])],
    ) {
        let token = authority().issue(at(expires - u64::from(seconds) * 1000), Ttl::new(seconds).unwrap(), Nonce::new(nonce));
        let expected = match u64::try_from(left) {
            Ok(left @ 1..) => Ok(Session {
                expires: at(expires),
                remaining: (left.div_ceil(1000) as u32).min(Ttl::MAX.seconds()),
            }),
            _ => Err(TokenFault::Expired { since: at(expires) }),
        };
        let now = at(expires.saturating_add_signed(-left));
        prop_assert_eq!(authority().verify(now, token.as_bytes()), expected);
    }

    #[test]
    fn any_other_authority_rejects_a_token(issued in 0..FAR, nonce: u64) {
        let token = authority().issue(at(issued), Ttl::MAX, Nonce::new(nonce));
        let verified_by = |seed, id, generation| {
            Authority::new(&Seed::new([seed; 32]), VERSION, id, generation).verify(at(issued), token.as_bytes()).err()
        };
        prop_assert_eq!(verified_by(1, "i-1", 0), None);
        prop_assert_eq!(verified_by(1, "i-2", 0), Some(TokenFault::OtherInstance));
        prop_assert_eq!(verified_by(1, "i-1", 1), Some(TokenFault::Forged));
        prop_assert_eq!(verified_by(2, "i-1", 0), Some(TokenFault::Forged));
    }

    #[test]
    fn tokens_with_different_nonces_differ(issued in 0..FAR, nonce: u64, bit in 0..64) {
        let token = |nonce| authority().issue(at(issued), Ttl::MAX, Nonce::new(nonce));
        prop_assert_ne!(token(nonce), token(nonce ^ (1u64 << bit)));
    }

    #[test]
    fn percent_encoding_repeated_slashes_and_dot_segments_do_not_change_a_path(
        path in select(PATHS),
        encoded in prop::collection::vec(prop_oneof![Just(""), Just("upper"), Just("lower")], 100),
        slashes in prop::collection::vec(1usize..4, 100),
        dots in prop::collection::vec(select(DOTS), 100),
        trailing in 0usize..3,
    ) {
        let mut spelt = String::new();
        for (place, byte) in path.bytes().enumerate() {
            match encoded[place] {
                _ if byte == b'/' => {
                    spelt.push_str(&"/".repeat(slashes[place]));
                    spelt.push_str(dots[place]);
                }
                "upper" => write!(spelt, "%{byte:02X}").unwrap(),
                "lower" => write!(spelt, "%{byte:02x}").unwrap(),
                _ => spelt.push(char::from(byte)),
            }
        }
        spelt.push_str(&"/".repeat(trailing));
        let answer = get(&format!("/latest{path}"));
        prop_assert_eq!(answer.0, Status::Ok, "{}", path);
        prop_assert_eq!(get(&format!("/latest{spelt}")), answer, "{}", spelt);
    }

    #[test]
    fn any_path_is_200_or_404(segments in prop::collection::vec(segment(), 0..8)) {
        let (status, _) = get(&format!("/{}", segments.join("/")));
        prop_assert!(matches!(status, Status::Ok | Status::NotFound), "{:?}", status);
    }

    #[test]
    fn chunking_does_not_change_the_responses_and_replay_repeats_them(
        stream in stream(),
        one in chunking(),
        other in chunking(),
        keep_alive in select(&[KeepAlive::Off, KeepAlive::On]),
    ) {
        let whole = drive(&OPTIONAL, keep_alive, &[stream.as_slice()]);
        prop_assert_eq!(&drive(&OPTIONAL, keep_alive, &chunks(&stream, &one)), &whole);
        let same_again = instance("optional");
        prop_assert_eq!(&drive(&same_again, keep_alive, &chunks(&stream, &other)), &whole);
        prop_assert_eq!(&answer_stream(&OPTIONAL, keep_alive, &stream), &whole);
        whole.assert_one_answer_each();
    }

    #[test]
    fn the_request_after_a_chunked_body_is_answered(body in chunked_body(), chunking in chunking()) {
        let stream = format!("{CHUNKED}{body}GET /latest/nothing HTTP/1.1\r\nHost: a\r\n\r\n");
        let outcome = drive(&OPTIONAL, KeepAlive::On, &chunks(stream.as_bytes(), &chunking));
        let rules: Vec<_> = outcome.answers.iter().map(|answered| answered.rule).collect();
        prop_assert_eq!(rules, ["serve.token", "tree.unknown"]);
    }

    #[test]
    fn a_changed_chunked_body_ends_where_the_model_finds_its_end(
        body in chunked_body(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, select(CHUNK_BYTES)), 1..4),
        chunking in chunking(),
    ) {
        let mut body = body.into_bytes();
        for (place, cut, byte) in changes {
            let place = place.index(body.len() + 1);
            body.splice(place..body.len().min(place + cut), byte.iter().copied());
        }
        let stream = [CHUNKED.as_bytes(), &body, GET.as_bytes(), GET.as_bytes()].concat();
        let whole = answer_stream(&OPTIONAL, KeepAlive::On, &stream);
        prop_assert_eq!(drive(&OPTIONAL, KeepAlive::On, &chunks(&stream, &chunking)), whole);
    }

    #[test]
    fn a_connection_without_keep_alive_answers_at_most_once(stream in stream(), chunking in chunking()) {
        let off = drive(&OPTIONAL, KeepAlive::Off, &chunks(&stream, &chunking));
        let on = drive(&OPTIONAL, KeepAlive::On, &chunks(&stream, &chunking));
        prop_assert_eq!(&off.answers[..], &on.answers[..on.answers.len().min(1)]);
    }

    #[test]
    fn metadata_is_served_only_in_sessions_if_tokens_are_required(stream in stream(), chunking in chunking()) {
        let outcome = drive(&REQUIRED, KeepAlive::On, &chunks(&stream, &chunking));
        prop_assert!(outcome.answers.iter().all(|answered| !answered.outside_a_session));
    }

    #[test]
    fn chunking_does_not_change_the_responses_to_arbitrary_bytes(
        fragments in prop::collection::vec(
            prop_oneof![4 => select(FRAGMENTS).prop_map(<[u8]>::to_vec), 1 => any::<u8>().prop_map(|byte| vec![byte])],
            0..60,
        ),
        chunking in chunking(),
    ) {
        let stream = fragments.concat();
        let whole = drive(&OPTIONAL, KeepAlive::On, &[stream.as_slice()]);
        prop_assert_eq!(drive(&OPTIONAL, KeepAlive::On, &chunks(&stream, &chunking)), whole);
    }
}

/// The key is the same for all versions, so only a comparison of the version rejects these.
#[test]
fn the_ttl_of_a_token_is_1_to_5_digits_and_at_most_six_hours() {
    let [spelling, range] = [Err(TtlFault::Spelling), Err(TtlFault::Range)];
    for (value, expected) in [
        ("0", Ok(0)),
        ("7", Ok(7)),
        ("9", Ok(9)),
        ("00060", Ok(60)),
        ("12345", Ok(12_345)),
        ("21600", Ok(21_600)),
        ("21601", range),
        ("99999", range),
        ("", spelling),
        ("000001", spelling),
        ("+1", spelling),
        ("1 ", spelling),
        ("1.0", spelling),
        ("/", spelling),
        (":", spelling),
    ] {
        assert_eq!(Ttl::parse(value.as_bytes()).map(Ttl::seconds), expected, "{value:?}");
    }
}

#[test]
fn a_token_of_another_version_under_the_same_key_is_rejected() {
    let issued_with =
        |version| Authority::new(&Seed::new([1; 32]), version, "i-1", 0).issue(NOW, Ttl::MAX, Nonce::new(7));
    let verify = |version| authority().verify(NOW, issued_with(version).as_bytes()).map(|session| session.remaining);
    for profile in PROFILES {
        let expected = if profile.name == "nitro" { Ok(Ttl::MAX.seconds()) } else { Err(TokenFault::Forged) };
        assert_eq!(verify(profile.token_version), expected, "{}", profile.name);
    }
    for bit in 0..32 {
        let mut version = VERSION;
        version[bit / 8] ^= 0x80 >> (bit % 8);
        assert_eq!(verify(version), Err(TokenFault::Forged), "version {version:02x?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn a_token_with_any_bit_flipped_is_rejected(issued in 0..FAR, nonce: u64) {
        let token = authority().issue(at(issued), Ttl::MAX, Nonce::new(nonce));
        for bit in 0..BITS {
            let mut bytes = URL_SAFE.decode(token.as_bytes()).unwrap();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            let flipped = URL_SAFE.encode(bytes);
            prop_assert_eq!(authority().verify(at(issued), flipped.as_bytes()), Err(fault_of(&[bit])), "bit {}", bit);
        }
    }

    #[test]
    fn a_token_with_any_character_changed_is_rejected(issued in 0..FAR, nonce: u64) {
        let token = authority().issue(at(issued), Ttl::MAX, Nonce::new(nonce));
        for (place, character) in (0..TOKEN_CHARS).flat_map(|place| (0..=255).map(move |character| (place, character))) {
            let mut changed = token.as_bytes().to_vec();
            changed[place] = character;
            if changed != token.as_bytes() {
                let expected = fault_of_character(&token, place, character);
                prop_assert_eq!(authority().verify(at(issued), &changed), Err(expected), "{} at {}", character, place);
            }
        }
        for length in [0, TOKEN_CHARS - 1, TOKEN_CHARS + 1] {
            let cut: Vec<u8> = token.as_bytes().iter().copied().cycle().take(length).collect();
            prop_assert_eq!(authority().verify(at(issued), &cut), Err(TokenFault::Length));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// The peer sends a megabyte. The driver may neither answer nor send.
    #[test]
    fn no_stream_makes_a_connection_buffer_more_than_its_limits(
        piece in prop_oneof![
            request(),
            (0..limits::HEAD_BYTES).prop_map(padded),
            select(&["a", "a: b\r\n", "\r\n", GET]).prop_map(String::from),
        ],
        chunk in 1000usize..100_000,
        answers: bool,
        sends: bool,
    ) {
        stream::flood(&OPTIONAL, piece.as_bytes(), chunk, answers, sends);
    }
}

fn get(path: &str) -> (Status, Vec<u8>) {
    let head = format!("GET {path} HTTP/1.0\r\n\r\n");
    let answer = OPTIONAL.answer(NOW, &Request::parse(head.as_bytes()), Context::new(Nonce::new(0)));
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    (answer.response.status, bytes)
}

/// The stream in chunks of these sizes, repeated.
fn chunks<'a>(stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut chunks = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

fn chunking() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![3 => 1usize..8, 3 => 8usize..200, 1 => 200usize..50_000];
    prop_oneof![1 => Just(vec![1]), 7 => prop::collection::vec(size, 1..8)]
}

/// Some requests in a row, most of them valid.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        40 => request().prop_map(String::into_bytes),
        6 => select(ODDITIES).prop_map(|text| text.as_bytes().to_vec()),
        6 => chunked_body().prop_map(|body| format!("{CHUNKED}{body}").into_bytes()),
        3 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (0usize..2 * limits::HEAD_BYTES).prop_map(|size| padded(size).into_bytes()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn request() -> impl Strategy<Value = String> {
    let target =
        prop_oneof![select(TARGETS).prop_map(String::from), select(PATHS).prop_map(|path| format!("/latest{path}"))];
    let fields = prop::collection::vec(prop_oneof![Just(token_field()), select(FIELDS).prop_map(String::from)], 0..3);
    let body =
        prop_oneof![3 => Just(None), 1 => (0usize..100).prop_map(Some), 1 => (65_500usize..65_600).prop_map(Some)];
    (select(METHODS), target, 0..=1u8, fields, body, select(&["\r\n", "\n"])).prop_map(
        |(method, target, minor, fields, body, end)| {
            let mut lines = vec![format!("{method} {target} HTTP/1.{minor}"), "Host: a".to_string()];
            lines.extend(fields);
            lines.extend(body.map(|length| format!("Content-Length: {length}")));
            format!("{}{end}{end}{}", lines.join(end), "b".repeat(body.unwrap_or(0)))
        },
    )
}

/// A valid chunked body within the limits.
fn chunked_body() -> impl Strategy<Value = String> {
    let size = prop_oneof![8 => 1usize..40, 1 => 1000usize..9000];
    let chunk = (size, 0usize..12, any::<bool>(), select(EXTENSIONS));
    let trailers = prop::collection::vec(select(TRAILERS), 0..3);
    (prop::collection::vec(chunk, 0..6), 1usize..17, select(EXTENSIONS), trailers).prop_map(
        |(chunks, zeros, last_extension, trailers)| {
            let mut body = String::new();
            for (size, zeros, upper, extension) in chunks {
                let digits = if upper { format!("{size:X}") } else { format!("{size:x}") };
                let data = "0\r\n\r\n".repeat(size.div_ceil(5));
                write!(body, "{}{digits}{extension}\r\n{}\r\n", "0".repeat(zeros), &data[..size]).unwrap();
            }
            write!(body, "{}{last_extension}\r\n", "0".repeat(zeros)).unwrap();
            trailers.iter().for_each(|trailer| write!(body, "{trailer}\r\n").unwrap());
            body + "\r\n"
        },
    )
}

fn padded(size: usize) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\nLong: {}\r\n\r\n", "a".repeat(size))
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(SEGMENTS).prop_map(String::from),
        1 => "[a-zA-Z0-9%./:=_~-]{0,12}",
        1 => "(%[0-9a-fA-F]{2}){1,4}",
    ]
}

/// A header with a valid token.
fn token_field() -> String {
    let head = b"PUT /latest/api/token HTTP/1.0\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\r\n";
    let mut bytes = Vec::new();
    OPTIONAL.answer(NOW, &Request::parse(head), Context::new(Nonce::new(u64::MAX))).write(&mut bytes);
    let token = String::from_utf8(bytes.split_off(bytes.len() - TOKEN_CHARS)).unwrap();
    format!("X-Aws-Ec2-Metadata-Token: {token}")
}

fn authority() -> Authority {
    Authority::new(&Seed::new([1; 32]), VERSION, "i-1", 0)
}

/// The default instance with visible tags.
static OPTIONAL: LazyLock<Instance> = LazyLock::new(|| instance("optional"));
/// The same, with tokens required.
static REQUIRED: LazyLock<Instance> = LazyLock::new(|| instance("required"));

fn instance(tokens: &str) -> Instance {
    let options =
        format!(r#"{{"metadata_options": {{"instance_metadata_tags": "enabled", "http_tokens": "{tokens}"}}, "#);
    let record = Record::from_json(&DEFAULT_RECORD.replacen('{', &options, 1)).unwrap();
    Instance::new(&record, &Seed::new([7; 32]), NOW).unwrap()
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// In milliseconds.
const DAY: u64 = 86_400_000;
/// The year 2100, in milliseconds.
const FAR: u64 = 4_102_444_800_000;
const VERSION: [u8; 4] = [1, 0, 4, 0];
const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const METHODS: &[&str] = &["GET", "GET", "GET", "HEAD", "PUT", "PUT", "POST", "OPTIONS", "DELETE", "get"];
const TARGETS: &[&str] =
    &["/", "/latest/api/token", "/latest/api/token", "/nothing", "*", "http://a/latest?b", "latest", "/%"];
/// Dot segments that lead back to where they are.
const DOTS: &[&str] = &["", "", "./", "%2e/", "a/../", "a/b/%2E./.././", "%2f/.%2e/", "x%zz//%2e%2E/"];
const PATHS: &[&str] = &[
    "/user-data",
    "/meta-data",
    "/meta-data/instance-id",
    "/meta-data/iam/security-credentials/my-role",
    "/meta-data/network/interfaces/macs/02:29:96:8f:6a:2d/ipv4-associations/203.0.113.25",
    "/meta-data/public-keys/0/openssh-key",
    "/meta-data/tags/instance/Environment",
    "/dynamic/instance-identity/document",
];
const FIELDS: &[&str] = &[
    "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60",
    "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60",
    "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 0",
    "X-Aws-Ec2-Metadata-Token: AQAEAAAA",
    "X-Forwarded-For: 10.0.0.1",
    "Connection: keep-alive",
    "Connection: close",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Content-Length: 3",
    "Host: b",
    "Folded: a\r\n b",
    "Spaced : a",
];
const CHUNKED: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\nTransfer-Encoding: chunked\r\n\r\n";
const EXTENSIONS: &[&str] = &["", "", "", ";a", ";a=b", " ;\ta = \"b\"", ";a=\"\\\" ;0\";b", ";a=\"\u{e9}\""];
const TRAILERS: &[&str] = &["a:", "A: b", "Content-Length: 5", "Transfer-Encoding: chunked", "a: \"\u{e9}\" \t"];
const CHUNK_BYTES: &[&[u8]] = &[
    b"",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\r",
    b";",
    b"=",
    b"\"",
    b"\\",
    b" ",
    b"\t",
    b":",
    b"0",
    b"1",
    b"f",
    b"g",
    b"\0",
    b"\x7f",
    b"\xff",
    b"0\r\n\r\n",
    b"10000",
    b"ffffffffffffffff",
    b"a:b\r\n",
    b";a=\"",
];
const ODDITIES: &[&str] =
    &["\r\n", "\n\n", "\r", "\r\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.0", "\0", "\n\r\n"];
const FRAGMENTS: &[&[u8]] = &[
    b"GET ",
    b"PUT ",
    b"/",
    b" HTTP/1.1\r\n",
    b" HTTP/1.0\n",
    b" ",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"Host: a\r\n",
    b"Host",
    b":",
    b"Content-Length: ",
    b"1",
    b"\t",
    b"\0",
    b"\xff",
];
const SEGMENTS: &[&str] = &[
    "latest",
    "2009-04-04",
    "1.0",
    "meta-data",
    "dynamic",
    "user-data",
    "ami-id",
    "network",
    "interfaces",
    "macs",
    "02:29:96:8f:6a:2d",
    "mac",
    "public-keys",
    "0",
    "0=my-key",
    "openssh-key",
    "iam",
    "my-role",
    "tags",
    "instance",
    "..",
    "",
];
