//! Requests as this parser and http-parser read them. A difference would allow request smuggling.

use imds::connection::{Connection, KeepAlive};
use imds::http::{Body, HeaderValue, Request, header};
use imds::{Context, Nonce};

use crate::Target;
use crate::http_parser::{self, PeerRequest};
use crate::models::stream::NOW;
use crate::seeds::{Inputs, distinct_by_outcome};
use crate::stream::{MAX_SEED_BYTES, OPTIONAL, dictionary};

pub const TARGET: Target = Target {
    name: "differential",
    property: "for a stream that http-parser also accepts, both parsers see the same requests: method, path, version, end and the headers that matter",
    run,
    dictionary,
    seeds,
};

fn run(stream: &[u8]) {
    compare(stream);
}

/// The number of requests that both parsers accepted, and the number that the core accepted.
fn compare(stream: &[u8]) -> (usize, usize) {
    let theirs = http_parser::parse(stream);
    let mut connection = Connection::new(NOW, KeepAlive::On);
    let mut rest = stream;
    let mut ours = 0;
    loop {
        let taken = connection.receive(NOW, rest);
        rest = &rest[taken..];
        let Some(request) = connection.poll_request(NOW) else {
            if taken == 0 || rest.is_empty() {
                return (ours.min(theirs.len()), ours);
            }
            continue;
        };
        let is_framed = matches!(request.body, Body::None | Body::Length(_));
        if request.fault.is_some() || request.expects || !is_framed {
            return (ours.min(theirs.len()), ours);
        }
        if let Some(peer_request) = theirs.get(ours) {
            assert_same(&request, peer_request);
        }
        ours += 1;
        let answer = OPTIONAL.answer(NOW, &request, Context::new(Nonce::new(0)));
        connection.respond(NOW, &answer.response).unwrap();
        connection.advance_transmit(NOW, usize::MAX);
    }
}

fn assert_same(ours: &Request<'_>, theirs: &PeerRequest) {
    assert_eq!((ours.method_text, 1, ours.minor_version.into()), (theirs.method, theirs.version.0, theirs.version.1));
    assert_eq!(ours.path, path(&String::from_utf8_lossy(&theirs.target)));
    let length = match ours.body {
        Body::Length(length) => length,
        _ => 0,
    };
    assert_eq!(length, theirs.body.len() as u64, "the length of the body");
    assert_eq!(theirs.values(header::TRANSFER_ENCODING), [b""; 0], "the core rejects this header");
    let hosts = theirs.values(header::HOST).len();
    assert!(hosts == 1 || (hosts == 0 && ours.minor_version == 0), "{hosts} Host headers");
    assert!(ours.token == value(&theirs.values(header::TOKEN)), "the token");
    assert!(ours.ttl == value(&theirs.values(header::TOKEN_TTL)), "the token TTL");
    assert_eq!(ours.forwarded, !theirs.values(header::X_FORWARDED_FOR).is_empty());
    assert_eq!(ours.user_agent(), theirs.values(header::USER_AGENT).first().copied());
    assert_eq!(theirs.values(header::EXPECT), [b""; 0], "the core rejects this header");
}

fn value<'a>(values: &[&'a [u8]]) -> HeaderValue<'a> {
    match values {
        [] => HeaderValue::Absent,
        [value] => HeaderValue::One(value),
        [first, rest @ ..] if rest.iter().all(|value| value == first) => HeaderValue::Repeated(first),
        _ => HeaderValue::Different,
    }
}

/// The path of an absolute or origin-form target, without the query.
fn path(target: &str) -> &str {
    let target = target.split('?').next().unwrap_or_default();
    match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
    }
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let pairs = inputs.sent.windows(2).map(<[Vec<u8>]>::concat);
    let inputs = inputs.sent.iter().cloned().chain(inputs.streams.iter().cloned()).chain(pairs);
    distinct_by_outcome(inputs.filter(|bytes| bytes.len() <= MAX_SEED_BYTES), |stream| {
        let request = Request::parse(stream);
        let (both, ours) = compare(stream);
        (both.min(2), ours.min(2), request.fault, request.token.is_present())
    })
}
