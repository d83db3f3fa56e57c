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
    property: "the core and http-parser see the same requests, as long as both accept them: method, path, version, end and the headers that matter; http-parser accepts each chunked body that the core accepts, except with a tab after `chunked` or after a chunk size, or a Content-Length as a trailer",
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
    let mut ours = 0;
    // A request is complete with its last byte, so byte by byte its end is visible.
    for (end, byte) in (1..).zip(stream) {
        assert_eq!(connection.receive(NOW, &[*byte]), 1);
        let Some(request) = connection.poll_request(NOW) else { continue };
        let is_framed = matches!(request.body, Body::None | Body::Length(_) | Body::Chunked);
        if request.fault.is_some() || request.expects || !is_framed {
            break;
        }
        match theirs.requests.get(ours) {
            // http-parser takes a tab for a part of the value, and so for another coding.
            Some(peer_request) if request.body == Body::Chunked && peer_request.has_tab_after_coding() => break,
            Some(peer_request) => {
                assert_same(&request, peer_request);
                assert_eq!(end, peer_request.end, "the end of the request");
            }
            None if theirs.requests.len() == ours && request.body == Body::Chunked => {
                if let Some((error, at)) = theirs.rejected_body {
                    assert!(
                        only_http_parser_rejects(error, &stream[at..]),
                        "http-parser rejects the body: {error}, {at}"
                    );
                }
            }
            None => {}
        }
        ours += 1;
        let answer = OPTIONAL.answer(NOW, &request, Context::new(Nonce::new(0)));
        connection.respond(NOW, &answer.response).unwrap();
        connection.advance_transmit(NOW, usize::MAX);
    }
    (ours.min(theirs.requests.len()), ours)
}

/// Returns `true` for the two parts of valid chunked bodies that http-parser does not accept. Where
/// it accepts more than the core, the core rejects the body and closes the connection.
fn only_http_parser_rejects(error: &str, rest: &[u8]) -> bool {
    match error {
        // RFC 9112 section 7.1.1 allows whitespace before an extension, http-parser only a space.
        "HPE_INVALID_CHUNK_SIZE" => rest.starts_with(b"\t"),
        // http-parser reads this trailer as a header.
        "HPE_INVALID_CONTENT_LENGTH" | "HPE_UNEXPECTED_CONTENT_LENGTH" => true,
        _ => false,
    }
}

fn assert_same(ours: &Request<'_>, theirs: &PeerRequest) {
    assert_eq!((ours.method_text, 1, ours.minor_version.into()), (theirs.method, theirs.version.0, theirs.version.1));
    assert_eq!(ours.path, path(&String::from_utf8_lossy(&theirs.target)));
    let codings = theirs.values(header::TRANSFER_ENCODING);
    match ours.body {
        Body::Chunked => {
            assert!(matches!(codings[..], [coding] if coding.eq_ignore_ascii_case(b"chunked")), "{codings:?}");
        }
        Body::Length(length) => assert_eq!((length, &codings[..]), (theirs.body.len() as u64, &[][..])),
        _ => assert_eq!((theirs.body.len(), &codings[..]), (0, &[][..])),
    }
    let hosts = theirs.values(header::HOST).len();
    assert!(hosts <= 1, "{hosts} Host headers");
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
        [.., last] => HeaderValue::Repeated(last),
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
        (both.min(2), ours.min(2), request.fault, request.token.is_present(), request.body == Body::Chunked)
    })
}
