//! What would change a decision: answers the request again with one fact changed at a time.
//!
//! ```
//! use imds::explain::{Change, explain};
//! use imds::http::Request;
//! use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
//! let record = r#"{ "instance_type": "t3.micro", "metadata_options": { "http_tokens": "required" } }"#;
//! let instance = Instance::new(&Record::from_json(record)?, &Seed::parse_hex("2a")?, now)?;
//! let request = Request::parse(b"GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n");
//! let context = Context::new(Nonce::new(0));
//! let found = explain(&instance, now, &request, context, None);
//! let changes: Vec<_> = found.iter().map(|counterfactual| counterfactual.change).collect();
//! assert_eq!(changes, [Change::Tokens(imds::record::HttpTokens::Optional), Change::ValidToken]);
//! # Ok(())
//! # }
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::http::{Body, HopLimit, Method, Request, RequestFault, header};
use crate::instance::{Context, Instance};
use crate::record::{HttpTokens, MetadataOptions, MetadataOptionsChange, Toggle};
use crate::rules::{Endpoint, Input, Outcome, Rule, Verdict};
use crate::time::Timestamp;
use crate::token::Ttl;

/// A change of one fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Set `HttpEndpoint`.
    Endpoint(Toggle),
    /// Set `HttpTokens`.
    Tokens(HttpTokens),
    /// Set `InstanceMetadataTags`.
    Tags(Toggle),
    /// Set `HttpPutResponseHopLimit`.
    HopLimit(HopLimit),
    /// Send the request from this many network hops away.
    Hops(u8),
    /// Send the request at this time.
    Clock(Timestamp),
    /// Send the request within the rate limit.
    NotThrottled,
    /// Use the method PUT.
    MethodPut,
    /// Use the method GET.
    MethodGet,
    /// Request the token path.
    TokenPath,
    /// Send a valid token.
    ValidToken,
    /// Send no token.
    NoToken,
    /// Request a TTL of six hours.
    ValidTtl,
    /// Send no `X-Forwarded-For`.
    NotForwarded,
    /// Send no `Expect`.
    NoExpect,
    /// Send one `Host`.
    OneHost,
    /// Send no body.
    NoBody,
}

/// A change that reverses the decision, and the decision then.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Counterfactual {
    /// The change. Every other fact stays as it is.
    pub change: Change,
    /// The rule that decides after the change.
    pub rule: &'static Rule,
    /// The response after the change reaches the client.
    pub reaches: bool,
}

/// Finds the single changes that reverse the decision on a request: from served to rejected or
/// lost, or the other way round.
///
/// `hops` is the number of network hops between the service and the client, if known. A response
/// with a lower hop limit is lost.
///
/// A change of the request edits the bytes of its head and parses them again. So it can reveal a
/// second fault, and an added header counts towards the limits. A head that cannot be parsed cannot
/// be edited.
pub fn explain(
    instance: &Instance,
    now: Timestamp,
    request: &Request<'_>,
    context: Context,
    hops: Option<u8>,
) -> Vec<Counterfactual> {
    let options = instance.options(now);
    let decide = |instance: &Instance, now: Timestamp, request: &Request<'_>, context: Context, hops: Option<u8>| {
        let answer = instance.answer(now, request, context);
        let (rule, reaches) = (answer.rule(), answer.reaches(hops));
        (answer.trace, reaches, reaches && !matches!(rule.outcome, Outcome::Reject(_)))
    };
    let (trace, _, served) = decide(instance, now, request, context, hops);
    // A rejected request is served only if the verdict of the rule that rejected it changes. A
    // served request is rejected if the verdict of any rule does.
    let relevant = |input: &Input| {
        let reached = trace.verdicts().filter(|(_, verdict)| match verdict {
            Verdict::Decides => true,
            Verdict::Passes | Verdict::DoesNotApply => served,
            Verdict::NotReached => false,
        });
        reached.flat_map(|(rule, _)| rule.inputs()).any(|read| read == input)
    };
    let mut changes = Vec::new();
    for input in Input::ALL.iter().filter(|input| relevant(input)) {
        for change in changes_of(*input, &options, request, context, hops).into_iter().flatten() {
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    changes.extend(instance.turning_points(now, request).map(Change::Clock));

    let token = instance.issue_token(now, Ttl::MAX);
    let mut counterfactuals = Vec::new();
    for change in changes {
        let with_options = |change: MetadataOptionsChange| Some(instance.with_options(options.with(&change)));
        let unchanged = MetadataOptionsChange::default();
        let (mut new_now, mut new_hops, mut new_instance) = (now, hops, None);
        let (mut edit, mut new_context) = (Edit::default(), context);
        match change {
            Change::Endpoint(to) => {
                new_instance = with_options(MetadataOptionsChange { http_endpoint: Some(to), ..unchanged });
            }
            Change::Tokens(to) => {
                new_instance = with_options(MetadataOptionsChange { http_tokens: Some(to), ..unchanged });
            }
            Change::Tags(to) => {
                new_instance = with_options(MetadataOptionsChange { instance_metadata_tags: Some(to), ..unchanged });
            }
            Change::HopLimit(to) => {
                new_instance =
                    with_options(MetadataOptionsChange { http_put_response_hop_limit: Some(to), ..unchanged });
            }
            Change::Hops(to) => new_hops = Some(to),
            Change::Clock(to) => new_now = to,
            Change::NotThrottled => new_context = context.throttled(false),
            Change::MethodPut => edit.method = Some("PUT"),
            Change::MethodGet => edit.method = Some("GET"),
            Change::TokenPath => edit.target = Some(Endpoint::TOKEN_PATH),
            Change::ValidToken => edit = Edit::one(&[header::TOKEN], token.as_bytes()),
            Change::NoToken => edit = Edit::without(&[header::TOKEN]),
            Change::ValidTtl => edit = Edit::one(&[header::TOKEN_TTL], LONGEST_TTL),
            Change::NotForwarded => edit = Edit::without(&[header::X_FORWARDED_FOR]),
            Change::NoExpect => edit = Edit::without(&[header::EXPECT]),
            Change::OneHost => edit = Edit::one(&[header::HOST], HOST),
            Change::NoBody => edit = Edit::without(&[header::CONTENT_LENGTH, header::TRANSFER_ENCODING]),
        }
        let head = edit.apply(request.head);
        let mut new_request = if head == request.head { *request } else { Request::parse(&head) };
        if new_request.body == Body::Chunked {
            // The head alone does not show what is wrong with the chunks.
            new_request.body = request.body;
        }
        let new_instance = new_instance.as_ref().unwrap_or(instance);
        let (trace, reaches, served_then) = decide(new_instance, new_now, &new_request, new_context, new_hops);
        if served_then != served {
            counterfactuals.push(Counterfactual { change, rule: trace.rule(), reaches });
        }
    }
    counterfactuals
}

/// The changes of an input to try for this request. A new input needs an arm here.
fn changes_of(
    input: Input,
    options: &MetadataOptions,
    request: &Request<'_>,
    context: Context,
    hops: Option<u8>,
) -> [Option<Change>; 2] {
    let toggled = |toggle: Toggle| if toggle.is_enabled() { Toggle::Disabled } else { Toggle::Enabled };
    let one = |change: Change| [Some(change), None];
    let only_if = |applies: bool, change: Change| [applies.then_some(change), None];
    match input {
        Input::HttpEndpoint => one(Change::Endpoint(toggled(options.http_endpoint))),
        Input::HttpTokens => one(Change::Tokens(match options.http_tokens {
            HttpTokens::Optional => HttpTokens::Required,
            HttpTokens::Required => HttpTokens::Optional,
        })),
        Input::InstanceMetadataTags => one(Change::Tags(toggled(options.instance_metadata_tags))),
        Input::HttpPutResponseHopLimit => {
            let limit = options.http_put_response_hop_limit.get();
            let Some(hops) = hops else { return [None, None] };
            // The nearest hop limit, and the nearest distance, on the other side.
            let (new_limit, new_hops) = if hops > limit { (hops, limit) } else { (hops.saturating_sub(1), limit + 1) };
            [HopLimit::try_from(u64::from(new_limit)).ok().map(Change::HopLimit), Some(Change::Hops(new_hops))]
        }
        Input::Throttled => only_if(context.throttled, Change::NotThrottled),
        Input::Method => [
            (request.method != Method::Put).then_some(Change::MethodPut),
            (request.method != Method::Get).then_some(Change::MethodGet),
        ],
        Input::Path => only_if(request.path != Endpoint::TOKEN_PATH, Change::TokenPath),
        Input::Token => [Some(Change::ValidToken), request.token.is_present().then_some(Change::NoToken)],
        Input::TokenTtl => only_if(request.method == Method::Put, Change::ValidTtl),
        Input::ForwardedFor => only_if(request.forwarded, Change::NotForwarded),
        Input::Expect => only_if(request.expects, Change::NoExpect),
        Input::Host => only_if(request.fault == Some(RequestFault::HostRepeated), Change::OneHost),
        Input::ContentLength | Input::TransferEncoding => one(Change::NoBody),
        // `Instance::turning_points` has the changes of the time.
        Input::Clock => [None, None],
        // No single change repairs these, or none is worth a proposal.
        Input::RequestLine
        | Input::TargetLength
        | Input::HeadSize
        | Input::Headers
        | Input::Version
        | Input::Instance => [None, None],
    }
}

/// An edit of a request head. The default changes nothing.
#[derive(Default)]
struct Edit<'a> {
    method: Option<&'a str>,
    target: Option<&'a str>,
    /// The names of the headers to remove.
    removed: &'a [&'a str],
    /// The value of the one header to add. Its name is the first of `removed`.
    added: Option<&'a [u8]>,
}

impl<'a> Edit<'a> {
    fn without(names: &'a [&'a str]) -> Edit<'a> {
        Edit { removed: names, ..Edit::default() }
    }

    fn one(name: &'a [&'a str; 1], value: &'a [u8]) -> Edit<'a> {
        Edit { added: Some(value), ..Edit::without(name) }
    }

    /// The edited head. The head is empty if it could not be parsed, and then stays empty.
    fn apply(&self, head: &[u8]) -> Vec<u8> {
        let mut edited = Vec::new();
        // RFC 9112 section 2.2: a server ignores empty lines before the request line.
        let start = head.len() - head.trim_ascii_start().len();
        let (empty_lines, head) = head.split_at(start);
        let mut lines = head.split_inclusive(|&byte| byte == b'\n');
        let Some(line) = lines.next() else { return edited };
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let mut word = |new: Option<&'a str>| {
            let old = words.next().unwrap_or_default();
            new.map_or_else(|| old.to_vec(), |new| new.as_bytes().to_vec())
        };
        edited.extend_from_slice(empty_lines);
        edited.extend([word(self.method), word(self.target), word(None)].join(&b' '));
        if let (Some(value), [name, ..]) = (self.added, self.removed) {
            edited.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        for line in lines {
            let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
            if !self.removed.iter().any(|removed| name.eq_ignore_ascii_case(removed.as_bytes())) {
                edited.extend_from_slice(line);
            }
        }
        edited
    }
}

impl Change {
    /// The stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Change::Endpoint(_) => "option.http-endpoint",
            Change::Tokens(_) => "option.http-tokens",
            Change::Tags(_) => "option.instance-metadata-tags",
            Change::HopLimit(_) => "option.http-put-response-hop-limit",
            Change::Hops(_) => "hops",
            Change::Clock(_) => "clock",
            Change::NotThrottled => "rate",
            Change::MethodPut => "method.put",
            Change::MethodGet => "method.get",
            Change::TokenPath => "path.token",
            Change::ValidToken => "field.token.good",
            Change::NoToken => "field.token.absent",
            Change::ValidTtl => "field.ttl.good",
            Change::NotForwarded => "field.forwarded.absent",
            Change::NoExpect => "field.expect.absent",
            Change::OneHost => "field.host.one",
            Change::NoBody => "body.none",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = |toggle: Toggle| if toggle.is_enabled() { "enabled" } else { "disabled" };
        match *self {
            Change::Endpoint(to) => write!(f, "with HttpEndpoint {}", state(to)),
            Change::Tokens(HttpTokens::Optional) => f.write_str("with HttpTokens optional"),
            Change::Tokens(HttpTokens::Required) => f.write_str("with HttpTokens required"),
            Change::Tags(to) => write!(f, "with InstanceMetadataTags {}", state(to)),
            Change::HopLimit(to) => write!(f, "with HttpPutResponseHopLimit {}", to.get()),
            Change::Hops(to) => write!(f, "from {to} hops away"),
            Change::Clock(to) => write!(f, "at {to}"),
            Change::NotThrottled => f.write_str("within the rate limit"),
            Change::MethodPut => f.write_str("with the method PUT"),
            Change::MethodGet => f.write_str("with the method GET"),
            Change::TokenPath => write!(f, "on the path {}", Endpoint::TOKEN_PATH),
            Change::ValidToken => f.write_str("with a valid token"),
            Change::NoToken => write!(f, "without {}", header::TOKEN),
            Change::ValidTtl => write!(f, "with {}: 21600", header::TOKEN_TTL),
            Change::NotForwarded => write!(f, "without {}", header::X_FORWARDED_FOR),
            Change::NoExpect => write!(f, "without {}", header::EXPECT),
            Change::OneHost => write!(f, "with one {} header", header::HOST),
            Change::NoBody => f.write_str("without a body"),
        }
    }
}

const LONGEST_TTL: &[u8] = b"21600";
/// The value that a client sends to the link-local address.
const HOST: &[u8] = b"169.254.169.254";
