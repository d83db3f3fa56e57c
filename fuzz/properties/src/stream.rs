//! One connection: the responses do not depend on how the stream is split.

use std::borrow::Cow;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use imds::connection::KeepAlive;
use imds::http::{Body, Request, header};
use imds::record::DEFAULT_RECORD;
use imds::rules::Endpoint;
use imds::token::TOKEN_CHARS;
use imds::version::{LATEST, VERSIONS};
use imds::{Context, Instance, Nonce, Record, Seed};

use crate::Target;
use crate::models::stream::{NOW, answer_stream, drive, flood};
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "stream",
    property: "however a stream is split, the bytes sent are the same, with one response per request, in order; memory is bounded; if tokens are required, metadata is served only with one",
    run,
    dictionary,
    seeds,
};

/// A stream and how it is received.
#[derive(Arbitrary)]
struct Input<'a> {
    /// Bit 0 enables keep-alive and bit 1 requires tokens. Bit 2 replaces each byte 255 by a long
    /// run, so that short inputs reach the limits. If all other bits are set, the stream is also
    /// sent repeatedly without reading responses, which takes a hundred times as long.
    mode: u8,
    /// The sizes of the pieces, repeated.
    sizes: [u8; 4],
    stream: &'a [u8],
}

fn run(data: &[u8]) {
    let Ok(Input { mode, sizes, stream }) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let stretch = if mode & STRETCHES != 0 { RUN.len() } else { 1 };
    let stream = &*stretched(mode, stream);
    let keep_alive = if mode & 1 == 0 { KeepAlive::Off } else { KeepAlive::On };
    let requires_tokens = mode & 2 != 0;
    let instance = if requires_tokens { &REQUIRED } else { &OPTIONAL };
    let whole = drive(instance, keep_alive, &[stream]);
    assert!(
        whole == drive(instance, keep_alive, &pieces(stream, sizes, stretch)),
        "the result differs in pieces of {sizes:?}"
    );
    assert!(
        whole == answer_stream(instance, keep_alive, stream),
        "the result differs if each response is sent before the next request is read"
    );
    whole.assert_one_answer_each();
    assert!(keep_alive == KeepAlive::On || whole.answers.len() <= 1, "a second answer without keep-alive");
    if requires_tokens {
        assert!(whole.answers.iter().all(|answer| !answer.outside_a_session), "metadata without a token");
    }
    if mode & FLOODS == FLOODS && !stream.is_empty() {
        // No response is sent, so the connection ends at the limits. `tests/properties.rs` tests
        // floods whose responses are sent.
        let [answers, _, small, large] = sizes.map(usize::from);
        flood(instance, stream, 1000 + small + large * 256, answers & 1 != 0, false);
    }
}

fn stretched(mode: u8, stream: &[u8]) -> Cow<'_, [u8]> {
    if mode & STRETCHES == 0 || !stream.contains(&STRETCHED) {
        return stream.into();
    }
    stream.split(|&byte| byte == STRETCHED).collect::<Vec<_>>().join(RUN.as_bytes()).into()
}

/// The inverse of `stretched`, for seeds.
fn shrunk(stream: &[u8]) -> Vec<u8> {
    let mut shrunk = Vec::new();
    let mut rest = stream;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(RUN.as_bytes()) {
            shrunk.push(STRETCHED);
            rest = tail;
        } else {
            shrunk.push(first);
            rest = after;
        }
    }
    shrunk
}

fn pieces(stream: &[u8], sizes: [u8; 4], stretch: usize) -> Vec<&[u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(rest.len().min((usize::from(*size) * stretch).max(1)));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// A token that is valid for both instances, because tokens do not depend on the options.
pub fn token() -> &'static str {
    &TOKEN
}

/// Parts of requests. `differential` uses the same dictionary.
pub fn dictionary() -> Vec<String> {
    let headers = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::EXPECT,
        header::HOST,
        header::TOKEN,
        header::TOKEN_TTL,
        header::TRANSFER_ENCODING,
        header::USER_AGENT,
        header::X_FORWARDED_FOR,
    ];
    let headers = headers.iter().flat_map(|name| [format!("{name}: "), format!("\r\n{name}:")]);
    let methods = ["GET ", "HEAD ", "PUT ", "POST ", "OPTIONS "].map(String::from);
    let rest = [
        "HTTP/1.1",
        "HTTP/1.0",
        "\r\n",
        "\r\n\r\n",
        "\n\n",
        "\t",
        "\r",
        "\0",
        "%2e",
        "http://a/",
        "*",
        "?",
        "0",
        "1",
        "60",
        "21600",
    ];
    let chunks = [
        "0\r\n\r\n",
        "1\r\na\r\n",
        "0;a=\"b\"\r\n",
        "0\r\na: b\r\n\r\n",
        "ffffffffffffffff\r\n",
        "0000000000000000",
        "Transfer-Encoding: chunked\r\n\r\n",
        " ;",
        "\\\"",
        "10000",
    ];
    let values =
        ["close", "keep-alive", "chunked", "100-continue", Endpoint::TOKEN_PATH, LATEST, VERSIONS[0], "/meta-data/"];
    let token = format!("{}: {}\r\n", header::TOKEN, token());
    headers
        .chain(methods)
        .chain(rest.map(String::from))
        .chain(chunks.map(String::from))
        .chain(values.map(String::from))
        .chain([token])
        .collect()
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let inputs = inputs.sent.iter().chain(&inputs.streams).map(|stream| shrunk(stream));
    let inputs = inputs.filter(|stream| stream.len() <= MAX_SEED_BYTES).flat_map(|stream| {
        let mode = if stream.contains(&STRETCHED) { STRETCHES } else { 0 };
        [1, 3].map(|bits| [&[mode | bits, 1, 7, 64, 3], stream.as_slice()].concat())
    });
    let mut seeds = distinct_by_outcome(inputs, |data| {
        let keep_alive = if data[0] & 1 == 0 { KeepAlive::Off } else { KeepAlive::On };
        let instance = if data[0] & 2 == 0 { &OPTIONAL } else { &REQUIRED };
        let stream = stretched(data[0], &data[5..]);
        let result = drive(instance, keep_alive, &[&stream]);
        let rules: Vec<&str> = result.answers.iter().map(|answer| answer.rule).take(1).collect();
        (rules, result.close, Request::parse(&stream).body == Body::Chunked)
    });
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_bytes();
    seeds.extend([0, 1].map(|answers| [&[FLOODS | 1, answers, 0, 0, 255], get].concat()));
    seeds
}

/// The default instance with visible tags, and optional tokens.
pub static OPTIONAL: LazyLock<Instance> = LazyLock::new(|| instance("optional"));
/// The same instance, with required tokens.
static REQUIRED: LazyLock<Instance> = LazyLock::new(|| instance("required"));
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let head = format!("PUT {} HTTP/1.0\r\n{}: 60\r\n\r\n", Endpoint::TOKEN_PATH, header::TOKEN_TTL);
    let mut bytes = Vec::new();
    OPTIONAL.answer(NOW, &Request::parse(head.as_bytes()), Context::new(Nonce::new(u64::MAX))).write(&mut bytes);
    String::from_utf8(bytes.split_off(bytes.len() - TOKEN_CHARS)).expect("a token is ASCII")
});

fn instance(tokens: &str) -> Instance {
    let options =
        format!(r#"{{"metadata_options": {{"instance_metadata_tags": "enabled", "http_tokens": "{tokens}"}}, "#);
    let record = Record::from_json(&DEFAULT_RECORD.replacen('{', &options, 1)).expect("a record");
    Instance::new(&record, &Seed::new([7; 32]), NOW).expect("an instance")
}

const STRETCHES: u8 = 0b100;
const STRETCHED: u8 = 0xff;
static RUN: LazyLock<String> = LazyLock::new(|| "a".repeat(1500));
const FLOODS: u8 = 0b1111_1000;
/// Short inputs run more often.
pub const MAX_SEED_BYTES: usize = 4096;
