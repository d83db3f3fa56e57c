use super::{Endpoint, Facts, TokenField, Trace, TtlField, Verdict};
use crate::http::{Body, Method, RequestFault, Status};
use crate::source::Source;
use crate::token::{TokenFault, TtlFault};

/// One question asked of a request.
#[derive(Debug)]
pub struct Rule {
    /// Stable name for logs, tests and tools.
    pub id: &'static str,
    /// What a request that the rule decides did, in a few words.
    pub name: &'static str,
    /// The question.
    pub asks: &'static str,
    /// What follows where the rule decides.
    pub outcome: Outcome,
    /// How it is known.
    pub source: Source,
}

/// What follows from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The request is refused with this status.
    Refuse(Status),
    /// A token is issued.
    IssueToken,
    /// The methods of the token path are named.
    ListMethods,
    /// The metadata is served.
    Serve,
}

impl Rule {
    /// The status of an answer that this rule decides.
    pub const fn status(&self) -> Status {
        match self.outcome {
            Outcome::Refuse(status) => status,
            Outcome::IssueToken | Outcome::ListMethods | Outcome::Serve => Status::Ok,
        }
    }
}

/// Makes the table of the rows, and the function that asks their checks in the same order.
///
/// The checks stand in the rows but not in the table: asked one behind the other they become a few comparisons each, where
/// calls through the table would be near a tenth of an answer's instructions.
macro_rules! rules {
    ($(#[$doc:meta])* $($kind:ident($id:expr, $name:expr, $asks:expr, $outcome:expr, $source:expr, $check:expr $(,)?)),* $(,)?) => {
        $(#[$doc])*
        pub static RULES: &[Rule] = &[$($kind($id, $name, $asks, $outcome, $source)),*];

        /// Asks the rules in their order until one decides.
        #[inline]
        pub fn decide(facts: &Facts<'_>) -> Trace {
            let (mut applied, mut index) = (0, 0);
            $(
                let check: fn(&Facts<'_>) -> Verdict = $check;
                match check(facts) {
                    Verdict::Decides => return Trace::new(applied, index),
                    Verdict::Passes => applied |= 1 << index,
                    Verdict::DoesNotApply | Verdict::NotAsked => {}
                }
                index += 1;
            )*
            // The last rule decides whatever comes to it.
            Trace::new(applied, index - 1)
        }
    };
}

rules![
    /// All rules, in the order in which they are asked.
    ///
    /// The order is the project's choice where no real exchange shows it: what cannot be read, whether the endpoint is there at
    /// all, then the request's form, its way here, its method and path, its body, its token, and last what it asks for. So a
    /// token path asked with GET is 405 with or without a token, and an unknown path without a needed token is 401.
    refuse(
        "head.line",
        "The request line cannot be read",
        "Is the first line a method, a target and a version?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3: an invalid request line is answered with 400"),
        |f| if_fault(f, RequestFault::Line),
    ),
    refuse(
        "head.target-length",
        "The target is too long",
        "Is the target at most 8 KiB?",
        Status::UriTooLong,
        Source::chosen("RFC 9112 section 3; 8,000 octets are the least to support"),
        |f| if_fault(f, RequestFault::TargetLength),
    ),
    refuse(
        "head.size",
        "The head is too large",
        "Is the head at most 16 KiB?",
        Status::FieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the size is h11's"),
        |f| if_fault(f, RequestFault::HeadSize),
    ),
    refuse(
        "head.field-count",
        "There are too many fields",
        "Are there at most 100 header fields?",
        Status::FieldsTooLarge,
        Source::chosen("RFC 6585 section 5; the number is hyper's and Apache's"),
        |f| if_fault(f, RequestFault::FieldCount),
    ),
    refuse(
        "head.version",
        "The HTTP version is unknown",
        "Is it HTTP/1.0 or HTTP/1.1?",
        Status::VersionNotSupported,
        Source::chosen("RFC 9110 section 15.6.6"),
        |f| if_fault(f, RequestFault::Version),
    ),
    refuse(
        "endpoint.disabled",
        "The endpoint is disabled",
        "Is HttpEndpoint enabled?",
        Status::Forbidden,
        Source::seen(1, "ansible#68098: an empty 403; AWS: \"or the IMDS is turned off\""),
        |f| refuse_if(!f.endpoint_enabled),
    ),
    refuse(
        "field.syntax",
        "A header field is malformed",
        "Is every field a name, a colon at once and a value on one line?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 5.1 and 5.2: refused with 400"),
        |f| if_fault(f, RequestFault::FieldSyntax),
    ),
    refuse(
        "field.host-missing",
        "Host is missing",
        "Has an HTTP/1.1 request a Host field?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3.2: refused with 400"),
        |f| if_fault(f, RequestFault::HostMissing),
    ),
    refuse(
        "field.host-repeated",
        "Host is repeated",
        "Is there at most one Host field?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 3.2: refused with 400"),
        |f| if_fault(f, RequestFault::HostRepeated),
    ),
    refuse(
        "field.content-length",
        "Content-Length is no number, or two",
        "Is Content-Length one number?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.3: an unrecoverable error, answered with 400"),
        |f| if_fault(f, RequestFault::ContentLength),
    ),
    refuse(
        "field.length-and-encoding",
        "Content-Length stands beside Transfer-Encoding",
        "Is the body's end told in one way?",
        Status::BadRequest,
        Source::chosen("RFC 9112 section 6.1: a sign of request smuggling"),
        |f| if_fault(f, RequestFault::LengthAndEncoding),
    ),
    refuse(
        "throttle",
        "Too many requests",
        "Is the request within the rate?",
        Status::ServiceUnavailable,
        Source::documented("AWS: \"503 – The request could not be completed. Retry the request.\"; cloud-init#5577"),
        |f| refuse_if(f.throttled),
    ),
    refuse(
        "forwarded.put",
        "A PUT came through a proxy",
        "Is a PUT free of X-Forwarded-For?",
        Status::Forbidden,
        Source::seen(
            1,
            "AWS: PUT requests that contain an X-Forwarded-For header are rejected; botocore log of 2022-02-13",
        ),
        |f| when(f.method == Method::Put, f.forwarded),
    ),
    refuse(
        "forwarded.session",
        "A token came through a proxy",
        "Is a request that carries a token free of X-Forwarded-For?",
        Status::Forbidden,
        Source::seen(2, "kube2iam#279, kiam#359; without a token such a GET is served (seen once)"),
        |f| when(f.reads() && f.token.is_present(), f.forwarded),
    ),
    refuse(
        "expect",
        "The asker expects a word before its body",
        "Is there no Expect field?",
        Status::ExpectationFailed,
        Source::seen(1, "s3fs-fuse#1765: 417 to Expect: 100-continue on the token PUT"),
        |f| refuse_if(f.expects),
    ),
    refuse(
        "put.path",
        "PUT anywhere but on the token path",
        "Is a PUT to exactly /latest/api/token?",
        Status::Forbidden,
        Source::seen(1, "aws-beam/aws_credentials#47: PUT with a trailing slash; AWS: no other version"),
        |f| when(f.method == Method::Put, f.target != Endpoint::Token),
    ),
    refuse(
        "token.method",
        "The token path takes PUT",
        "Is the token path asked with PUT or OPTIONS?",
        Status::MethodNotAllowed,
        Source::seen(3, "google-auth-library-ruby#421 and two more, with Allow: OPTIONS, PUT"),
        |f| when(f.target == Endpoint::Token, !matches!(f.method, Method::Put | Method::Options)),
    ),
    refuse(
        "tree.method",
        "Metadata is read with GET or HEAD",
        "Is metadata asked for with GET or HEAD?",
        Status::MethodNotAllowed,
        Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\"; POST as GET on Xen was seen once"),
        |f| when(f.target == Endpoint::Tree, !f.reads()),
    ),
    refuse(
        "body.encoded",
        "The body's length is not announced",
        "Is there no Transfer-Encoding?",
        Status::LengthRequired,
        Source::chosen("no client sends one; RFC 9112 section 6.3 allows 411"),
        |f| refuse_if(f.body == Body::Encoded),
    ),
    refuse(
        "body.size",
        "The body is too large",
        "Is the announced body at most 64 KiB?",
        Status::PayloadTooLarge,
        Source::chosen("no client sends more than nothing"),
        |f| refuse_if(f.body == Body::TooLarge),
    ),
    refuse(
        "ttl.missing",
        "A PUT names no life",
        "Does a PUT name the life of the token?",
        Status::BadRequest,
        Source::documented("AWS: \"400 - Missing or Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Absent),
    ),
    refuse(
        "ttl.repeated",
        "A PUT names more than one life",
        "Is the life named once?",
        Status::BadRequest,
        Source::chosen("two lives are no life; AWS: \"Invalid Parameters\""),
        |f| when(f.method == Method::Put, f.ttl == TtlField::Repeated),
    ),
    refuse(
        "ttl.spelling",
        "The life is no number",
        "Is the life 1 to 5 decimal digits?",
        Status::BadRequest,
        Source::documented("AWS: \"Invalid Parameters\"; the exact spelling is chosen"),
        |f| when(f.method == Method::Put, f.ttl == TtlField::RequestFault(TtlFault::Spelling)),
    ),
    refuse(
        "ttl.range",
        "The life is out of range",
        "Is the life 1 to 21,600 seconds?",
        Status::BadRequest,
        Source::documented("AWS: one second to six hours; aws-sdk-js-v3#8254: 400 to 30,000"),
        |f| when(f.method == Method::Put, f.ttl == TtlField::RequestFault(TtlFault::Range)),
    ),
    refuse(
        "token.missing",
        "A token is required",
        "Is there a token where HttpTokens is required?",
        Status::Unauthorized,
        Source::seen(13, "four on Nitro; on Xen the article and eight pasted copies; AWS"),
        |f| when(f.reads() && f.tokens_required, !f.token.is_present()),
    ),
    refuse(
        "token.different",
        "Two tokens that differ",
        "Is there one token?",
        Status::Unauthorized,
        Source::chosen("a request that shows a doubtful token is not served as if it showed none"),
        |f| token(f, |token| token == TokenField::Different),
    ),
    refuse(
        "token.length",
        "The token has not 56 characters",
        "Has the token 56 characters?",
        Status::Unauthorized,
        Source::inferred("every token seen has 56; a token that does not verify is 401 in optional mode too"),
        |f| token(f, |token| token == TokenField::RequestFault(TokenFault::Length)),
    ),
    refuse(
        "token.spelling",
        "The token is not the one spelling of 40 bytes",
        "Is the token canonical, padded, URL-safe base64?",
        Status::Unauthorized,
        Source::chosen("one spelling per token, as every token seen is spelt"),
        |f| token(f, |token| token == TokenField::RequestFault(TokenFault::Spelling)),
    ),
    refuse(
        "token.other-instance",
        "The token is another instance's",
        "Was the token issued for this instance?",
        Status::Unauthorized,
        Source::documented("AWS: a token is specific to an instance"),
        |f| token(f, |token| token == TokenField::RequestFault(TokenFault::OtherInstance)),
    ),
    refuse(
        "token.forged",
        "The token is not ours",
        "Does the token's seal hold, in this generation of the instance?",
        Status::Unauthorized,
        Source::documented("AWS: \"401 - Unauthorized – The GET request uses an invalid token\""),
        |f| token(f, |token| token == TokenField::RequestFault(TokenFault::Forged)),
    ),
    refuse(
        "token.expired",
        "The token has expired",
        "Is the token's life not over?",
        Status::Unauthorized,
        Source::documented("AWS: after it has expired, create a new one; amazon.aws#2205"),
        |f| token(f, |token| matches!(token, TokenField::RequestFault(TokenFault::Expired { .. }))),
    ),
    refuse(
        "tree.unknown",
        "There is no such metadata",
        "Does the path name something that this instance has?",
        Status::NotFound,
        Source::seen(3, "the 404 page: 2022-02-13, 2023-09-15, 2026"),
        |f| if f.reads() { refuse_if(!(f.found)()) } else { Verdict::DoesNotApply },
    ),
    serve(
        "serve.methods",
        "The methods of the token path",
        "Is it OPTIONS on the token path?",
        Outcome::ListMethods,
        Source::seen(1, "cluster-api-provider-aws#1609"),
        |f| serve_if(f.method == Method::Options),
    ),
    serve(
        "serve.token",
        "A token is issued",
        "Is it a PUT?",
        Outcome::IssueToken,
        Source::seen(10, "one whole exchange of 2025-07-30, the body's length in ten; AWS"),
        |f| serve_if(f.method == Method::Put),
    ),
    serve(
        "serve.v2",
        "Served in a session",
        "Is there a session?",
        Outcome::Serve,
        Source::seen(12, "the article and eleven more, each with the field of the remaining seconds"),
        |f| serve_if(matches!(f.token, TokenField::Good(_))),
    ),
    serve(
        "serve.v1",
        "Served without a token",
        "Is a token not needed?",
        Outcome::Serve,
        Source::seen(8, "five on Nitro, the article and two more on Xen"),
        |_| serve_if(true),
    ),
];

const fn refuse(id: &'static str, name: &'static str, asks: &'static str, status: Status, source: Source) -> Rule {
    Rule { id, name, asks, outcome: Outcome::Refuse(status), source }
}

const fn serve(id: &'static str, name: &'static str, asks: &'static str, outcome: Outcome, source: Source) -> Rule {
    Rule { id, name, asks, outcome, source }
}

fn refuse_if(objection: bool) -> Verdict {
    if objection { Verdict::Decides } else { Verdict::Passes }
}

fn serve_if(fits: bool) -> Verdict {
    if fits { Verdict::Decides } else { Verdict::DoesNotApply }
}

fn when(applies: bool, objection: bool) -> Verdict {
    if applies { refuse_if(objection) } else { Verdict::DoesNotApply }
}

fn if_fault(facts: &Facts<'_>, fault: RequestFault) -> Verdict {
    refuse_if(facts.fault == Some(fault))
}

/// For rules about the token of a request that reads: a PUT's token is not looked at.
fn token(facts: &Facts<'_>, objection: impl FnOnce(TokenField) -> bool) -> Verdict {
    when(facts.reads() && facts.token.is_present(), objection(facts.token))
}
