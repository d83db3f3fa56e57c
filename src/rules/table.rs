use super::{Endpoint, Facts, Input, Outcome, Rule, TokenField, TtlField, Verdict};
use crate::http::{Body, CheckOrder, Method, RequestFault, Stage, Status};
use crate::source::Source;
use crate::token::{TokenFault, TtlFault};

/// Makes the table and the function that evaluates the checks, from the same rows.
///
/// The checks are not in the table: inlined one after the other they compile to a few comparisons
/// each. Calls through the table cost nearly a tenth of a response's instructions.
macro_rules! rules {
    ($(#[$doc:meta])* $($kind:ident($stage:expr, $id:expr, $name:expr, $question:expr, $inputs:expr, $outcome:expr, $source:expr, $check:expr $(,)?)),* $(,)?) => {
        $(#[$doc])*
        pub static RULES: &[Rule] = &[$($kind($id, $name, $question, &$inputs, $outcome, $source)),*];

        /// The stage of each rule.
        pub(super) static STAGES: &[Stage] = &[$($stage),*];
        const IDS: &[&str] = &[$($id),*];

        #[inline(always)]
        fn evaluate_all(facts: &Facts<'_>) -> Findings {
            let mut findings = Findings { passes: 0, decides: 0 };
            let mut bit = 1u64;
            $(
                let check: fn(&Facts<'_>) -> Verdict = $check;
                match check(facts) {
                    Verdict::Decides => findings.decides |= bit,
                    Verdict::Passes => findings.passes |= bit,
                    Verdict::DoesNotApply | Verdict::NotReached => {}
                }
                bit <<= 1;
            )*
            let _ = bit;
            findings
        }
    };
}

/// Evaluates every check alone, whatever the order.
///
/// For the requests that clients send, most facts are constants, and the compiler evaluates most
/// checks.
#[inline(always)]
pub(super) fn evaluate(facts: &Facts<'_>) -> Findings {
    let is_usual = facts.fault.is_none()
        && facts.endpoint_enabled
        && !(facts.throttled || facts.forwarded || facts.expects)
        && !matches!(facts.body, Body::TooLarge | Body::Malformed);
    // A copy, so that the facts of a usual request stay in registers.
    let unusual = || evaluate_unusual(&Facts { ..*facts });
    if !is_usual {
        return unusual();
    }
    let usual = Facts {
        fault: None,
        endpoint_enabled: true,
        throttled: false,
        forwarded: false,
        expects: false,
        body: Body::None,
        ..*facts
    };
    match (facts.method, facts.endpoint) {
        (Method::Get, Endpoint::Tree) => {
            let get = |token: TokenField| {
                let ttl = TtlField::Absent;
                evaluate_all(&Facts { method: Method::Get, endpoint: Endpoint::Tree, ttl, token, ..usual })
            };
            match facts.token {
                TokenField::Valid(session) => get(TokenField::Valid(session)),
                TokenField::Absent => get(TokenField::Absent),
                TokenField::Invalid(TokenFault::Forged) => get(TokenField::Invalid(TokenFault::Forged)),
                TokenField::Invalid(TokenFault::Expired { since }) => {
                    get(TokenField::Invalid(TokenFault::Expired { since }))
                }
                _ => unusual(),
            }
        }
        (Method::Put, Endpoint::Token) => match facts.ttl {
            TtlField::Valid(ttl) if facts.token == TokenField::Absent => evaluate_all(&Facts {
                method: Method::Put,
                endpoint: Endpoint::Token,
                ttl: TtlField::Valid(ttl),
                token: TokenField::Absent,
                ..usual
            }),
            _ => unusual(),
        },
        _ => unusual(),
    }
}

#[cold]
fn evaluate_unusual(facts: &Facts<'_>) -> Findings {
    evaluate_all(facts)
}

/// The verdicts of all rules, each as if no other rule decided. Bit i is rule i.
pub(super) struct Findings {
    pub passes: u64,
    pub decides: u64,
}

/// The rules of each stage, in the order of [`Stage`]. Bit i is rule i.
pub(super) const STAGE_RULES: [u64; CheckOrder::LENGTH + 1] = {
    let mut rules = [0; CheckOrder::LENGTH + 1];
    let mut rule = 0;
    while rule < STAGES.len() {
        rules[STAGES[rule] as usize] |= 1 << rule;
        rule += 1;
    }
    rules
};
const _: () = assert!(STAGES.len() <= 64, "a trace has a bit for each rule");

/// The rule that looks the path up. Its check only says whether it applies.
pub(super) const LOOKUP: u64 = bit_of("tree.unknown");
/// The last rule about the token.
pub(super) const TOKEN_EXPIRED: u64 = bit_of("token.expired");

const fn bit_of(id: &str) -> u64 {
    let id = id.as_bytes();
    let mut rule = 0;
    loop {
        let known = IDS[rule].as_bytes();
        let mut same = 0;
        while same < id.len() && same < known.len() && id[same] == known[same] {
            same += 1;
        }
        if same == id.len() && same == known.len() {
            return 1 << rule;
        }
        rule += 1;
    }
}

rules![
    /// All rules, in the order in which EC2 evaluates them.
    ///
    /// The order of another dialect is another [`CheckOrder`] of the same rules.
    /// While tokens are required, a request without a token gets a 401 whatever its version, path
    /// and method (recorded 2026-09-26 on a t3.nano, radkawar/stackd). Only the token path is
    /// exempt: its methods are checked without a token. Where no exchange shows the order, this
    /// project chose it: the head's syntax, whether the endpoint is enabled, headers, throttling,
    /// proxies and `Expect` before the token; the method, the body, the TTL and last the path after
    /// it.
    reject(
        Stage::Head,
        "head.line",
        "The request line is malformed",
        "Is the first line a method, a target and a version?",
        [Input::RequestLine],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3: the response to an invalid request line is 400"),
        |f| if_fault(f, RequestFault::Line),
    ),
    reject(
        Stage::Head,
        "head.target-length",
        "The target is too long",
        "Is the target at most 8 KiB?",
        [Input::TargetLength],
        Status::UriTooLong,
        Source::chosen("RFC 9112 section 3 recommends support for at least 8,000 octets"),
        |f| if_fault(f, RequestFault::TargetLength),
    ),
    reject(
        Stage::Head,
        "head.size",
        "The head is too large",
        "Is the head at most 16 KiB?",
        [Input::HeadSize],
        Status::RequestHeaderFieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the limit is h11's"),
        |f| if_fault(f, RequestFault::HeadSize),
    ),
    reject(
        Stage::Head,
        "head.field-count",
        "There are too many headers",
        "Are there at most 100 headers?",
        [Input::Headers],
        Status::RequestHeaderFieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the limit is hyper's and Apache's"),
        |f| if_fault(f, RequestFault::HeaderCount),
    ),
    reject(
        Stage::Head,
        "head.version",
        "The HTTP version is not supported",
        "Is the version HTTP/1.0 or HTTP/1.1?",
        [Input::Version],
        Status::VersionNotSupported,
        Source::chosen("RFC 9110 section 15.6.6"),
        |f| if_fault(f, RequestFault::Version),
    ),
    reject(
        Stage::Endpoint,
        "endpoint.disabled",
        "The endpoint is disabled",
        "Is HttpEndpoint enabled?",
        [Input::HttpEndpoint],
        Status::Forbidden,
        Source::seen(1, "ansible#68098: an empty 403; AWS: \"or the IMDS is turned off\""),
        |f| reject_if(!f.endpoint_enabled),
    ),
    reject(
        Stage::Headers,
        "field.syntax",
        "A header is malformed",
        "Is every header a name, directly followed by a colon, and a value on one line?",
        [Input::Headers],
        Status::BadRequest,
        Source::chosen("RFC 9112 sections 5.1 and 5.2: rejected with 400"),
        |f| if_fault(f, RequestFault::HeaderSyntax),
    ),
    reject(
        Stage::Headers,
        "field.host-repeated",
        "Host is repeated",
        "Is there at most one Host header?",
        [Input::Host],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3.2: rejected with 400"),
        |f| if_fault(f, RequestFault::HostRepeated),
    ),
    reject(
        Stage::Headers,
        "field.content-length",
        "Content-Length is not a number, or two values differ",
        "Is Content-Length a single number?",
        [Input::ContentLength],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.3: an unrecoverable error, rejected with 400"),
        |f| if_fault(f, RequestFault::ContentLength),
    ),
    reject(
        Stage::Headers,
        "field.length-and-encoding",
        "Both Content-Length and Transfer-Encoding are present",
        "Is at most one of Content-Length and Transfer-Encoding present?",
        [Input::ContentLength, Input::TransferEncoding],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.1: a sign of request smuggling"),
        |f| if_fault(f, RequestFault::LengthAndEncoding),
    ),
    reject(
        Stage::Headers,
        "field.transfer-encoding",
        "Transfer-Encoding is not only chunked, or the version is HTTP/1.0",
        "If Transfer-Encoding is present, is it only chunked, and is the version HTTP/1.1?",
        [Input::TransferEncoding, Input::Version],
        Status::BadRequest,
        Source::chosen(
            "RFC 9112 section 6.3: 400 if chunked is not the last coding, and no client sends another; section 6.1 allows 501 too",
        ),
        |f| if_fault(f, RequestFault::TransferEncoding),
    ),
    reject(
        Stage::Throttle,
        "throttle",
        "Too many requests",
        "Is the request within the rate limit?",
        [Input::Throttled],
        Status::ServiceUnavailable,
        Source::documented("AWS: \"503 – The request could not be completed. Retry the request.\"; cloud-init#5577"),
        |f| reject_if(f.throttled),
    ),
    reject(
        Stage::Forwarded,
        "forwarded.put",
        "A PUT came through a proxy",
        "Is a PUT without X-Forwarded-For?",
        [Input::Method, Input::ForwardedFor],
        Status::Forbidden,
        Source::seen(
            2,
            "botocore log of 2022-02-13; recorded 2026-09-26 on a t3.nano (radkawar/stackd); AWS: PUT requests that contain an X-Forwarded-For header are rejected",
        ),
        |f| when(f.method == Method::Put, f.forwarded),
    ),
    reject(
        Stage::Forwarded,
        "forwarded.session",
        "A request with a token came through a proxy",
        "Is a request with a token without X-Forwarded-For?",
        [Input::Token, Input::ForwardedFor],
        Status::Forbidden,
        Source::seen(2, "kube2iam#279, kiam#359; such a GET without a token is served (seen once)"),
        |f| when(f.token.is_present(), f.forwarded),
    ),
    reject(
        Stage::Expect,
        "expect",
        "The client sent Expect",
        "Is there no Expect header?",
        [Input::Expect],
        Status::ExpectationFailed,
        Source::seen(2, "s3fs-fuse#1605, s3fs-fuse#1765: 417 to Expect: 100-continue on the token PUT"),
        |f| reject_if(f.expects),
    ),
    reject(
        Stage::Token,
        "token.missing",
        "A token is required",
        "If HttpTokens is required, is there a token?",
        [Input::HttpTokens, Input::Token, Input::Path],
        Status::Unauthorized,
        Source::seen(
            15,
            "six on Nitro, with unknown versions and a PUT recorded 2026-09-26 on a t3.nano (radkawar/stackd); on Xen the article and eight pasted copies; AWS",
        ),
        |f| when(f.endpoint == Endpoint::Tree && f.tokens_required, !f.token.is_present()),
    ),
    reject(
        Stage::Token,
        "token.length",
        "The token does not have 56 characters",
        "Does the token have 56 characters?",
        [Input::Token, Input::Path],
        Status::Unauthorized,
        Source::inferred("every token seen has 56; an invalid token is 401 in optional mode too"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Length)),
    ),
    reject(
        Stage::Token,
        "token.spelling",
        "The token is not canonical base64",
        "Is the token canonical, padded, URL-safe base64?",
        [Input::Token, Input::Path],
        Status::Unauthorized,
        Source::chosen("each token has exactly one encoding, the one of every token seen"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Spelling)),
    ),
    reject(
        Stage::Token,
        "token.other-instance",
        "The token belongs to another instance",
        "Was the token issued for this instance?",
        [Input::Token, Input::Path, Input::Instance],
        Status::Unauthorized,
        Source::documented("AWS: a token is specific to an instance"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::OtherInstance)),
    ),
    reject(
        Stage::Token,
        "token.forged",
        "The token's seal is invalid",
        "Did this instance seal the token since its last start?",
        [Input::Token, Input::Path, Input::Instance],
        Status::Unauthorized,
        Source::documented("AWS: \"401 - Unauthorized – The GET request uses an invalid token\""),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Forged)),
    ),
    reject(
        Stage::Token,
        "token.expired",
        "The token has expired",
        "Is the token still valid?",
        [Input::Token, Input::Path, Input::Clock],
        Status::Unauthorized,
        Source::seen(
            1,
            "a token with a TTL of 0 at once, recorded 2026-09-26 on a t3.nano (radkawar/stackd); AWS: after it has expired, create a new one",
        ),
        |f| token(f, |token| matches!(token, TokenField::Invalid(TokenFault::Expired { .. }))),
    ),
    reject(
        Stage::Method,
        "put.path",
        "PUT on a path other than the token path",
        "Is a PUT to /latest/api/token?",
        [Input::Method, Input::Path, Input::Instance],
        Status::Forbidden,
        Source::seen(
            2,
            "PUT /2009-04-04/api/token with a token, recorded 2026-09-26 on a t3.nano (radkawar/stackd); aws-beam/aws_credentials#47",
        ),
        |f| when(f.method == Method::Put, f.endpoint != Endpoint::Token),
    ),
    reject(
        Stage::Method,
        "token.method",
        "The token path allows only PUT and OPTIONS",
        "Is the method on the token path PUT or OPTIONS?",
        [Input::Method, Input::Path, Input::Instance],
        Status::MethodNotAllowed,
        Source::seen(3, "google-auth-library-ruby#421 and two more, with Allow: OPTIONS, PUT"),
        |f| when(f.endpoint == Endpoint::Token, !matches!(f.method, Method::Put | Method::Options)),
    ),
    reject(
        Stage::Method,
        "tree.forbidden",
        "Metadata allows only GET and HEAD, and OPTIONS to list them",
        "Is the method on a metadata path GET, HEAD or, on Nitro, OPTIONS?",
        [Input::Method, Input::Path, Input::Instance],
        Status::Forbidden,
        Source::seen(3, "two POST and a DELETE, recorded 2026-09-26 on a t3.nano (radkawar/stackd): 403 without Allow"),
        |f| when(f.endpoint == Endpoint::Tree && f.forbids_methods, !f.reads() && !f.lists_methods()),
    ),
    reject(
        Stage::Method,
        "tree.method",
        "Metadata allows only GET and HEAD",
        "Is the method on a metadata path GET or HEAD?",
        [Input::Method, Input::Path, Input::Instance],
        Status::MethodNotAllowed,
        Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\"; POST as GET on Xen was seen once"),
        |f| when(f.endpoint == Endpoint::Tree && !f.forbids_methods, !f.reads() && !f.lists_methods()),
    ),
    reject(
        Stage::Body,
        "body.chunk-syntax",
        "The chunked body is malformed",
        "If the body is chunked, are its chunks and trailers well-formed?",
        [Input::TransferEncoding],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 7.1; lines end with CR LF only, because readers disagree about others"),
        |f| reject_if(f.body == Body::Malformed),
    ),
    reject(
        Stage::Body,
        "body.size",
        "The body is too large",
        "Is the body at most 64 KiB, and are its chunk extensions and trailers at most 4 KiB?",
        [Input::ContentLength, Input::TransferEncoding],
        Status::PayloadTooLarge,
        Source::chosen("no client sends a body of this size"),
        |f| reject_if(f.body == Body::TooLarge),
    ),
    reject(
        Stage::Ttl,
        "ttl.missing",
        "PUT without a token TTL header",
        "Does the PUT have a token TTL header?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::documented("AWS: \"400 - Missing or Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Absent),
    ),
    reject(
        Stage::Ttl,
        "ttl.repeated",
        "The token TTL header is repeated",
        "Does the PUT have a single token TTL header?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::chosen("two values are ambiguous; AWS: \"Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Repeated),
    ),
    reject(
        Stage::Ttl,
        "ttl.spelling",
        "The token TTL is not a number",
        "Is the token TTL 1 to 5 decimal digits?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::seen(
            1,
            "400 to -1, recorded 2026-09-26 on a t3.nano (radkawar/stackd); the exact syntax is chosen",
        ),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Invalid(TtlFault::Spelling)),
    ),
    reject(
        Stage::Ttl,
        "ttl.range",
        "The token TTL is out of range",
        "Is the token TTL at most 21,600 seconds and, on Xen, at least 1?",
        [Input::Method, Input::TokenTtl, Input::Instance],
        Status::BadRequest,
        Source::seen(
            2,
            "400 to 21601, recorded 2026-09-26 on a t3.nano (radkawar/stackd); aws-sdk-js-v3#8254: 400 to 30,000",
        ),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Invalid(TtlFault::Range)),
    ),
    reject(
        Stage::Lookup,
        "tree.unknown",
        "The path does not exist",
        "Does this instance have the path?",
        [Input::Method, Input::Path, Input::InstanceMetadataTags, Input::Instance],
        Status::NotFound,
        Source::seen(3, "the 404 page: 2022-02-13, 2023-09-15, 2026"),
        |f| when(f.reads() && f.endpoint == Endpoint::Tree, false),
    ),
    serve(
        Stage::Serve,
        "serve.methods",
        "The methods of the path are listed",
        "Is the method OPTIONS?",
        [Input::Method],
        Outcome::ListMethods,
        Source::seen(
            2,
            "the token path in cluster-api-provider-aws#1609; a metadata path recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
        |f| serve_if(f.method == Method::Options),
    ),
    serve(
        Stage::Serve,
        "serve.token",
        "A token is issued",
        "Is the method PUT?",
        [Input::Method, Input::TokenTtl, Input::HttpPutResponseHopLimit],
        Outcome::IssueToken,
        Source::seen(10, "one whole exchange of 2025-07-30, the body's length in ten; AWS"),
        |f| serve_if(f.method == Method::Put),
    ),
    serve(
        Stage::Serve,
        "serve.v2",
        "Metadata is served with a token",
        "Is there a valid token?",
        [Input::HttpTokens, Input::Token],
        Outcome::Serve,
        Source::seen(12, "the article and eleven more, each with the header of the remaining seconds"),
        |f| serve_if(matches!(f.token, TokenField::Valid(_))),
    ),
    serve(
        Stage::Serve,
        "serve.v1",
        "Metadata is served without a token",
        "Is no token required?",
        [Input::HttpTokens, Input::Token],
        Outcome::Serve,
        Source::seen(8, "five on Nitro, the article and two more on Xen"),
        |_| serve_if(true),
    ),
];

const fn reject(
    id: &'static str,
    name: &'static str,
    question: &'static str,
    inputs: &'static [Input],
    status: Status,
    source: Source,
) -> Rule {
    serve(id, name, question, inputs, Outcome::Reject(status), source)
}

const fn serve(
    id: &'static str,
    name: &'static str,
    question: &'static str,
    inputs: &'static [Input],
    outcome: Outcome,
    source: Source,
) -> Rule {
    Rule { id, name, question, outcome, source, inputs }
}

fn reject_if(violated: bool) -> Verdict {
    if violated { Verdict::Decides } else { Verdict::Passes }
}

fn serve_if(matches: bool) -> Verdict {
    if matches { Verdict::Decides } else { Verdict::DoesNotApply }
}

fn when(applies: bool, violated: bool) -> Verdict {
    if applies { reject_if(violated) } else { Verdict::DoesNotApply }
}

fn if_fault(facts: &Facts<'_>, fault: RequestFault) -> Verdict {
    reject_if(facts.fault == Some(fault))
}

/// For rules about the token. On the token path the token header is ignored.
fn token(facts: &Facts<'_>, violated: impl FnOnce(TokenField) -> bool) -> Verdict {
    when(facts.endpoint == Endpoint::Tree && facts.token.is_present(), violated(facts.token))
}
