use super::{Endpoint, Facts, Input, Outcome, Rule, TokenField, TtlField, Verdict};
use crate::http::{Body, Method, RequestFault, Status};
use crate::source::Source;
use crate::token::{TokenFault, TtlFault};

/// Makes the table and the function that evaluates the checks, from the same rows in the same
/// order.
///
/// The checks are not in the table: inlined one after the other they compile to a few comparisons
/// each. Calls through the table cost nearly a tenth of a response's instructions.
macro_rules! rules {
    ($(#[$doc:meta])* $($kind:ident($id:expr, $name:expr, $question:expr, $inputs:expr, $outcome:expr, $source:expr, $check:expr $(,)?)),* $(,)?) => {
        $(#[$doc])*
        pub static RULES: &[Rule] = &[$($kind($id, $name, $question, &$inputs, $outcome, $source)),*];

        /// Evaluates the rules in order until one decides. Returns the rules that passed, bit i for
        /// rule i, and the index of the rule that decided.
        #[inline(always)]
        pub(super) fn evaluate(facts: &Facts<'_>) -> (u64, usize) {
            let (mut passed, mut index) = (0, 0);
            $(
                let check: fn(&Facts<'_>) -> Verdict = $check;
                match check(facts) {
                    Verdict::Decides => return (passed, index),
                    Verdict::Passes => passed |= 1 << index,
                    Verdict::DoesNotApply | Verdict::NotReached => {}
                }
                index += 1;
            )*
            // Not reached: the last rule always decides.
            (passed, index - 1)
        }
    };
}

rules![
    /// All rules, in the order of evaluation.
    ///
    /// Where no real exchange shows the order, this project chose it: the head's syntax, whether
    /// the endpoint is enabled, headers, throttling, proxies, method and path, body, TTL, token,
    /// and last whether the path exists. For example a GET on the token path is 405 with or without
    /// a token, and an unknown path without a required token is 401.
    reject(
        "head.line",
        "The request line is malformed",
        "Is the first line a method, a target and a version?",
        [Input::RequestLine],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3: the response to an invalid request line is 400"),
        |f| if_fault(f, RequestFault::Line),
    ),
    reject(
        "head.target-length",
        "The target is too long",
        "Is the target at most 8 KiB?",
        [Input::TargetLength],
        Status::UriTooLong,
        Source::chosen("RFC 9112 section 3 recommends support for at least 8,000 octets"),
        |f| if_fault(f, RequestFault::TargetLength),
    ),
    reject(
        "head.size",
        "The head is too large",
        "Is the head at most 16 KiB?",
        [Input::HeadSize],
        Status::RequestHeaderFieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the limit is h11's"),
        |f| if_fault(f, RequestFault::HeadSize),
    ),
    reject(
        "head.field-count",
        "There are too many headers",
        "Are there at most 100 headers?",
        [Input::Headers],
        Status::RequestHeaderFieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the limit is hyper's and Apache's"),
        |f| if_fault(f, RequestFault::HeaderCount),
    ),
    reject(
        "head.version",
        "The HTTP version is not supported",
        "Is the version HTTP/1.0 or HTTP/1.1?",
        [Input::Version],
        Status::VersionNotSupported,
        Source::chosen("RFC 9110 section 15.6.6"),
        |f| if_fault(f, RequestFault::Version),
    ),
    reject(
        "endpoint.disabled",
        "The endpoint is disabled",
        "Is HttpEndpoint enabled?",
        [Input::HttpEndpoint],
        Status::Forbidden,
        Source::seen(1, "ansible#68098: an empty 403; AWS: \"or the IMDS is turned off\""),
        |f| reject_if(!f.endpoint_enabled),
    ),
    reject(
        "field.syntax",
        "A header is malformed",
        "Is every header a name, directly followed by a colon, and a value on one line?",
        [Input::Headers],
        Status::BadRequest,
        Source::chosen("RFC 9112 sections 5.1 and 5.2: rejected with 400"),
        |f| if_fault(f, RequestFault::HeaderSyntax),
    ),
    reject(
        "field.host-missing",
        "Host is missing",
        "Does an HTTP/1.1 request have a Host header?",
        [Input::Host, Input::Version],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3.2: rejected with 400"),
        |f| if_fault(f, RequestFault::HostMissing),
    ),
    reject(
        "field.host-repeated",
        "Host is repeated",
        "Is there at most one Host header?",
        [Input::Host],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3.2: rejected with 400"),
        |f| if_fault(f, RequestFault::HostRepeated),
    ),
    reject(
        "field.content-length",
        "Content-Length is not a number, or two values differ",
        "Is Content-Length a single number?",
        [Input::ContentLength],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.3: an unrecoverable error, rejected with 400"),
        |f| if_fault(f, RequestFault::ContentLength),
    ),
    reject(
        "field.length-and-encoding",
        "Both Content-Length and Transfer-Encoding are present",
        "Is at most one of Content-Length and Transfer-Encoding present?",
        [Input::ContentLength, Input::TransferEncoding],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.1: a sign of request smuggling"),
        |f| if_fault(f, RequestFault::LengthAndEncoding),
    ),
    reject(
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
        "throttle",
        "Too many requests",
        "Is the request within the rate limit?",
        [Input::Throttled],
        Status::ServiceUnavailable,
        Source::documented("AWS: \"503 – The request could not be completed. Retry the request.\"; cloud-init#5577"),
        |f| reject_if(f.throttled),
    ),
    reject(
        "forwarded.put",
        "A PUT came through a proxy",
        "Is a PUT without X-Forwarded-For?",
        [Input::Method, Input::ForwardedFor],
        Status::Forbidden,
        Source::seen(
            1,
            "AWS: PUT requests that contain an X-Forwarded-For header are rejected; botocore log of 2022-02-13",
        ),
        |f| when(f.method == Method::Put, f.forwarded),
    ),
    reject(
        "forwarded.session",
        "A request with a token came through a proxy",
        "Is a request with a token without X-Forwarded-For?",
        [Input::Method, Input::Token, Input::ForwardedFor],
        Status::Forbidden,
        Source::seen(2, "kube2iam#279, kiam#359; such a GET without a token is served (seen once)"),
        |f| when(f.reads() && f.token.is_present(), f.forwarded),
    ),
    reject(
        "expect",
        "The client sent Expect",
        "Is there no Expect header?",
        [Input::Expect],
        Status::ExpectationFailed,
        Source::seen(1, "s3fs-fuse#1765: 417 to Expect: 100-continue on the token PUT"),
        |f| reject_if(f.expects),
    ),
    reject(
        "put.path",
        "PUT on a path other than the token path",
        "Is a PUT to exactly /latest/api/token?",
        [Input::Method, Input::Path],
        Status::Forbidden,
        Source::seen(1, "aws-beam/aws_credentials#47: PUT with a trailing slash; AWS: no other version"),
        |f| when(f.method == Method::Put, f.endpoint != Endpoint::Token),
    ),
    reject(
        "token.method",
        "The token path allows only PUT and OPTIONS",
        "Is the method on the token path PUT or OPTIONS?",
        [Input::Method, Input::Path],
        Status::MethodNotAllowed,
        Source::seen(3, "google-auth-library-ruby#421 and two more, with Allow: OPTIONS, PUT"),
        |f| when(f.endpoint == Endpoint::Token, !matches!(f.method, Method::Put | Method::Options)),
    ),
    reject(
        "tree.method",
        "Metadata allows only GET and HEAD",
        "Is the method on a metadata path GET or HEAD?",
        [Input::Method, Input::Path],
        Status::MethodNotAllowed,
        Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\"; POST as GET on Xen was seen once"),
        |f| when(f.endpoint == Endpoint::Tree, !f.reads()),
    ),
    reject(
        "body.chunk-syntax",
        "The chunked body is malformed",
        "If the body is chunked, are its chunks and trailers well-formed?",
        [Input::TransferEncoding],
        Status::BadRequest,
        Source::chosen("RFC 9112 section 7.1; lines end with CR LF only, because readers disagree about others"),
        |f| reject_if(f.body == Body::Malformed),
    ),
    reject(
        "body.size",
        "The body is too large",
        "Is the body at most 64 KiB, and are its chunk extensions and trailers at most 4 KiB?",
        [Input::ContentLength, Input::TransferEncoding],
        Status::PayloadTooLarge,
        Source::chosen("no client sends a body of this size"),
        |f| reject_if(f.body == Body::TooLarge),
    ),
    reject(
        "ttl.missing",
        "PUT without a token TTL header",
        "Does the PUT have a token TTL header?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::documented("AWS: \"400 - Missing or Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Absent),
    ),
    reject(
        "ttl.repeated",
        "The token TTL header is repeated",
        "Does the PUT have a single token TTL header?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::chosen("two values are ambiguous; AWS: \"Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Repeated),
    ),
    reject(
        "ttl.spelling",
        "The token TTL is not a number",
        "Is the token TTL 1 to 5 decimal digits?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::documented("AWS: \"Invalid Parameters\"; the exact syntax is chosen"),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Invalid(TtlFault::Spelling)),
    ),
    reject(
        "ttl.range",
        "The token TTL is out of range",
        "Is the token TTL 1 to 21,600 seconds?",
        [Input::Method, Input::TokenTtl],
        Status::BadRequest,
        Source::documented("AWS: one second to six hours; aws-sdk-js-v3#8254: 400 to 30,000"),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Invalid(TtlFault::Range)),
    ),
    reject(
        "token.missing",
        "A token is required",
        "If HttpTokens is required, is there a token?",
        [Input::HttpTokens, Input::Token],
        Status::Unauthorized,
        Source::seen(13, "four on Nitro; on Xen the article and eight pasted copies; AWS"),
        |f| when(f.reads() && f.tokens_required, !f.token.is_present()),
    ),
    reject(
        "token.different",
        "Two tokens differ",
        "Is there only one token?",
        [Input::Token],
        Status::Unauthorized,
        Source::chosen("a request with a doubtful token is not served as if it had none"),
        |f| token(f, |token| token == TokenField::Different),
    ),
    reject(
        "token.length",
        "The token does not have 56 characters",
        "Does the token have 56 characters?",
        [Input::Token],
        Status::Unauthorized,
        Source::inferred("every token seen has 56; an invalid token is 401 in optional mode too"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Length)),
    ),
    reject(
        "token.spelling",
        "The token is not canonical base64",
        "Is the token canonical, padded, URL-safe base64?",
        [Input::Token],
        Status::Unauthorized,
        Source::chosen("each token has exactly one encoding, the one of every token seen"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Spelling)),
    ),
    reject(
        "token.other-instance",
        "The token belongs to another instance",
        "Was the token issued for this instance?",
        [Input::Token, Input::Instance],
        Status::Unauthorized,
        Source::documented("AWS: a token is specific to an instance"),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::OtherInstance)),
    ),
    reject(
        "token.forged",
        "The token's seal is invalid",
        "Did this instance seal the token since its last start?",
        [Input::Token, Input::Instance],
        Status::Unauthorized,
        Source::documented("AWS: \"401 - Unauthorized – The GET request uses an invalid token\""),
        |f| token(f, |token| token == TokenField::Invalid(TokenFault::Forged)),
    ),
    reject(
        "token.expired",
        "The token has expired",
        "Is the token still valid?",
        [Input::Token, Input::Clock],
        Status::Unauthorized,
        Source::documented("AWS: after it has expired, create a new one; amazon.aws#2205"),
        |f| token(f, |token| matches!(token, TokenField::Invalid(TokenFault::Expired { .. }))),
    ),
    reject(
        "tree.unknown",
        "The path does not exist",
        "Does this instance have the path?",
        [Input::Path, Input::InstanceMetadataTags, Input::Instance],
        Status::NotFound,
        Source::seen(3, "the 404 page: 2022-02-13, 2023-09-15, 2026"),
        |f| if f.reads() { reject_if(!(f.found)()) } else { Verdict::DoesNotApply },
    ),
    serve(
        "serve.methods",
        "The methods of the token path are listed",
        "Is the method OPTIONS?",
        [Input::Method],
        Outcome::ListMethods,
        Source::seen(1, "cluster-api-provider-aws#1609"),
        |f| serve_if(f.method == Method::Options),
    ),
    serve(
        "serve.token",
        "A token is issued",
        "Is the method PUT?",
        [Input::Method, Input::TokenTtl, Input::HttpPutResponseHopLimit],
        Outcome::IssueToken,
        Source::seen(10, "one whole exchange of 2025-07-30, the body's length in ten; AWS"),
        |f| serve_if(f.method == Method::Put),
    ),
    serve(
        "serve.v2",
        "Metadata is served with a token",
        "Is there a valid token?",
        [Input::HttpTokens, Input::Token],
        Outcome::Serve,
        Source::seen(12, "the article and eleven more, each with the header of the remaining seconds"),
        |f| serve_if(matches!(f.token, TokenField::Valid(_))),
    ),
    serve(
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

/// For rules about the token of a GET or HEAD. A PUT's token header is ignored.
fn token(facts: &Facts<'_>, violated: impl FnOnce(TokenField) -> bool) -> Verdict {
    when(facts.reads() && facts.token.is_present(), violated(facts.token))
}
