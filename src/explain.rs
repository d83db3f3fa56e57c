//! What would have turned a decision: the smallest single facts, found by running the core again with each of them changed.
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
//! let turns: Vec<_> = explain(&instance, now, &request, context, None).into_iter().map(|turn| turn.change).collect();
//! assert_eq!(turns, [Change::Tokens(imds::record::HttpTokens::Optional), Change::GoodToken]);
//! # Ok(())
//! # }
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::http::{Body, HopLimit, Method, Request, RequestFault, header};
use crate::instance::{Context, Instance};
use crate::record::{HttpTokens, MetadataOptions, MetadataOptionsChange, Toggle};
use crate::rules::{Endpoint, Outcome, Rule};
use crate::time::Timestamp;
use crate::token::Ttl;

/// One fact, changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `HttpEndpoint` is this.
    Endpoint(Toggle),
    /// `HttpTokens` is this.
    Tokens(HttpTokens),
    /// `InstanceMetadataTags` is this.
    Tags(Toggle),
    /// `HttpPutResponseHopLimit` is this.
    HopLimit(HopLimit),
    /// The request comes so many network hops.
    Hops(u8),
    /// The request comes at this time.
    Clock(Timestamp),
    /// The rate is kept.
    NotThrottled,
    /// The request has the method PUT.
    MethodPut,
    /// The request has the method GET.
    MethodGet,
    /// The request asks the token path.
    TokenPath,
    /// The request shows a token that is good.
    GoodToken,
    /// The request shows no token.
    NoToken,
    /// The request asks for a life of six hours.
    GoodTtl,
    /// The request has no `X-Forwarded-For`.
    NotForwarded,
    /// The request has no `Expect`.
    NoExpect,
    /// The request has one `Host`.
    OneHost,
    /// The request has no body.
    NoBody,
}

/// A change that turns the decision, and what is decided then.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// What is changed, all else being as it was.
    pub change: Change,
    /// The rule that decides then.
    pub rule: &'static Rule,
    /// Whether the answer reaches the asker then.
    pub reaches: bool,
}

/// What the asker gets: something of use, or nothing that is.
fn is_served(rule: &Rule, reaches: bool) -> bool {
    reaches && !matches!(rule.outcome, Outcome::Refuse(_))
}

/// The single facts whose change turns what the asker gets: served to refused or not arriving, or the other way round.
///
/// `hops` is how many network hops lie between the service and the asker, where that is known: an answer with a lower hop limit
/// does not arrive.
///
/// A change of the request edits the bytes of its head and parses them again. So a second fault
/// behind the first shows, and an added header counts towards the limits. A head that cannot be
/// parsed has nothing to edit.
pub fn explain(
    instance: &Instance,
    now: Timestamp,
    request: &Request<'_>,
    context: Context,
    hops: Option<u8>,
) -> Vec<Turn> {
    let options = instance.options(now);
    let ask = |instance: &Instance, now: Timestamp, request: &Request<'_>, context: Context, hops: Option<u8>| {
        let answer = instance.answer(now, request, context);
        (answer.rule(), answer.reaches(hops))
    };
    let (rule, reaches) = ask(instance, now, request, context, hops);
    let before = is_served(rule, reaches);
    let token = instance.issue_token(now, Ttl::MAX);
    let mut turns = Vec::new();
    for change in changes(instance, now, &options, request, context, hops) {
        let with_options = |change: MetadataOptionsChange| instance.with_options(options.with(&change));
        let unchanged = MetadataOptionsChange::default();
        let (mut at, mut far, mut changed) = (now, hops, None);
        let (mut edit, mut changed_context) = (Edit::default(), context);
        match change {
            Change::Endpoint(to) => {
                changed = Some(with_options(MetadataOptionsChange { http_endpoint: Some(to), ..unchanged }))
            }
            Change::Tokens(to) => {
                changed = Some(with_options(MetadataOptionsChange { http_tokens: Some(to), ..unchanged }))
            }
            Change::Tags(to) => {
                changed = Some(with_options(MetadataOptionsChange { instance_metadata_tags: Some(to), ..unchanged }));
            }
            Change::HopLimit(to) => {
                changed =
                    Some(with_options(MetadataOptionsChange { http_put_response_hop_limit: Some(to), ..unchanged }));
            }
            Change::Hops(to) => far = Some(to),
            Change::Clock(to) => at = to,
            Change::NotThrottled => changed_context = context.throttled(false),
            Change::MethodPut => edit.method = Some("PUT"),
            Change::MethodGet => edit.method = Some("GET"),
            Change::TokenPath => edit.target = Some(Endpoint::TOKEN_PATH),
            Change::GoodToken => edit = Edit::one(&[header::TOKEN], token.as_bytes()),
            Change::NoToken => edit = Edit::without(&[header::TOKEN]),
            Change::GoodTtl => edit = Edit::one(&[header::TOKEN_TTL], GOOD_TTL),
            Change::NotForwarded => edit = Edit::without(&[header::X_FORWARDED_FOR]),
            Change::NoExpect => edit = Edit::without(&[header::EXPECT]),
            Change::OneHost => edit = Edit::one(&[header::HOST], HOST),
            Change::NoBody => edit = Edit::without(&[header::CONTENT_LENGTH, header::TRANSFER_ENCODING]),
        }
        let head = edit.of(request.head);
        let other = if head == request.head { *request } else { Request::parse(&head) };
        let (rule, reaches) = ask(changed.as_ref().unwrap_or(instance), at, &other, changed_context, far);
        if is_served(rule, reaches) != before {
            turns.push(Turn { change, rule, reaches });
        }
    }
    turns
}

/// The changes that are one for this request, the operator's first, then the asker's.
fn changes(
    instance: &Instance,
    now: Timestamp,
    options: &MetadataOptions,
    request: &Request<'_>,
    context: Context,
    hops: Option<u8>,
) -> impl Iterator<Item = Change> {
    let toggled = |toggle: Toggle| if toggle.is_enabled() { Toggle::Disabled } else { Toggle::Enabled };
    let tokens = match options.http_tokens {
        HttpTokens::Optional => HttpTokens::Required,
        HttpTokens::Required => HttpTokens::Optional,
    };
    let limit = options.http_put_response_hop_limit;
    let hop_limit = match hops {
        Some(hops) if hops > limit.get() => HopLimit::try_from(u64::from(hops)).ok(),
        Some(hops) if hops > 1 => HopLimit::try_from(u64::from(hops) - 1).ok(),
        _ => None,
    };
    let fewer_or_more = hops.map(|hops| if hops > limit.get() { limit.get() } else { limit.get() + 1 });
    let is = |applies: bool, change: Change| applies.then_some(change);
    [
        Some(Change::Endpoint(toggled(options.http_endpoint))),
        Some(Change::Tokens(tokens)),
        Some(Change::Tags(toggled(options.instance_metadata_tags))),
        hop_limit.map(Change::HopLimit),
        fewer_or_more.map(Change::Hops),
        is(context.throttled, Change::NotThrottled),
        is(request.method != Method::Put, Change::MethodPut),
        is(request.method != Method::Get, Change::MethodGet),
        is(request.path != Endpoint::TOKEN_PATH, Change::TokenPath),
        is(!matches!(request.method, Method::Put | Method::Options), Change::GoodToken),
        is(request.token.is_present(), Change::NoToken),
        is(request.method == Method::Put, Change::GoodTtl),
        is(request.forwarded, Change::NotForwarded),
        is(request.expects, Change::NoExpect),
        is(matches!(request.fault, Some(RequestFault::HostMissing | RequestFault::HostRepeated)), Change::OneHost),
        is(
            request.body != Body::None
                || matches!(request.fault, Some(RequestFault::ContentLength | RequestFault::LengthAndEncoding)),
            Change::NoBody,
        ),
    ]
    .into_iter()
    .flatten()
    .chain(instance.turning_points(now, request).map(Change::Clock))
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

    /// The edited head. An empty head, which is one that could not be parsed, stays empty.
    fn of(&self, head: &[u8]) -> Vec<u8> {
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
    /// Stable name.
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
            Change::GoodToken => "field.token.good",
            Change::NoToken => "field.token.absent",
            Change::GoodTtl => "field.ttl.good",
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
            Change::Hops(to) => write!(f, "over {to} hops"),
            Change::Clock(to) => write!(f, "at {to}"),
            Change::NotThrottled => f.write_str("within the rate"),
            Change::MethodPut => f.write_str("asked with PUT"),
            Change::MethodGet => f.write_str("asked with GET"),
            Change::TokenPath => write!(f, "asked for {}", Endpoint::TOKEN_PATH),
            Change::GoodToken => f.write_str("with a good token"),
            Change::NoToken => write!(f, "without {}", header::TOKEN),
            Change::GoodTtl => write!(f, "with {}: 21600", header::TOKEN_TTL),
            Change::NotForwarded => write!(f, "without {}", header::X_FORWARDED_FOR),
            Change::NoExpect => write!(f, "without {}", header::EXPECT),
            Change::OneHost => write!(f, "with one {}", header::HOST),
            Change::NoBody => f.write_str("without a body"),
        }
    }
}

const GOOD_TTL: &[u8] = b"21600";
/// What a client sends that uses the link-local address.
const HOST: &[u8] = b"169.254.169.254";
