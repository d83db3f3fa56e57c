use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::expect::Expect;
use super::format::is_http_date;
use super::json;
use super::reply::{Answer, shown};
use imds::http::{
    ContentType, Empty, Field, FieldLayout, PROFILES, Payload, Persistence, Profile, Response, STATUSES, Status,
    StatusLine, header,
};
use imds::time::Timestamp;
use imds::token::TOKEN_CHARS;
use imds::version::{LATEST, VERSIONS};

impl Expect {
    /// Whether the answer is so; `first` is the answer to the check's first request.
    pub(super) fn judge(&self, profile: &Profile, first: &Answer, answer: &Answer) -> Result<(), String> {
        let known = STATUSES.iter().copied().find(|status| status.code() == answer.status);
        match self {
            Expect::Status(status) => ensure(answer.status == *status, || format!("not {status}")),
            Expect::Version => {
                let expected = match profile.status_line {
                    StatusLine::Echo => "HTTP/1.1",
                    StatusLine::Http10 => "HTTP/1.0",
                };
                ensure(answer.version == expected, || format!("not {expected}"))
            }
            Expect::Http10 => ensure(answer.version == "HTTP/1.0", || "not HTTP/1.0".to_string()),
            Expect::Reason => {
                let reason = known.map_or("a known status", |status| profile.reason(status));
                ensure(answer.reason == reason, || format!("not `{reason}`"))
            }
            Expect::Field(name, value) => match answer.field(name) {
                Some(own) => ensure(own == *value, || format!("{name} is not `{value}`")),
                None => Err(format!("no {name}")),
            },
            Expect::Has(name) => ensure(answer.field(name).is_some(), || format!("no {name}")),
            Expect::Date(name) => match answer.field(name) {
                Some(value) => ensure(is_http_date(value), || format!("{name} is no date of HTTP")),
                None => Err(format!("no {name}")),
            },
            Expect::AcceptRanges => {
                Expect::Field(header::ACCEPT_RANGES, profile.accept_ranges).judge(profile, first, answer)
            }
            Expect::Lacks(name) => ensure(answer.field(name).is_none(), || format!("{name} is there")),
            Expect::LaunchSeq(shape) => order(profile, *shape, answer),
            Expect::Empty => ensure(answer.body.is_empty(), || "the body is not empty".to_string()),
            Expect::Body => ensure(!answer.body.is_empty(), || "the body is empty".to_string()),
            Expect::Page => page_is(profile, known, answer),
            Expect::Token => token(profile, &answer.body),
            Expect::Listing => listing(answer),
            Expect::Versions => versions(answer),
            Expect::Lists(names) => {
                let missing: Vec<_> = names.iter().filter(|name| !answer.lines().any(|line| line == **name)).collect();
                ensure(missing.is_empty(), || format!("not listed: {missing:?}"))
            }
            Expect::Omits(names) => {
                let there: Vec<_> = names.iter().filter(|name| answer.lines().any(|line| line == **name)).collect();
                ensure(there.is_empty(), || format!("listed: {there:?}"))
            }
            Expect::Same => ensure((first.status, &first.body) == (answer.status, &answer.body), || {
                format!("not what the first request brought ({})", first.summary())
            }),
            Expect::Post if core::ptr::eq(first, answer) => Ok(()),
            Expect::Post if profile.post_reads => Expect::Same.judge(profile, first, answer),
            Expect::Post => Expect::Status(Status::MethodNotAllowed.code()).judge(profile, first, answer),
            Expect::SameHead if core::ptr::eq(first, answer) => Ok(()),
            Expect::SameHead => {
                ensure(answer.body.is_empty(), || "there is a body".to_string())?;
                let fixed = |answer: &Answer| -> Vec<(String, String)> {
                    let varies = [header::DATE, header::TOKEN_TTL];
                    let is_fixed = |name: &String| !varies.iter().any(|varies| name.eq_ignore_ascii_case(varies));
                    answer.fields.iter().filter(|(name, _)| is_fixed(name)).cloned().collect()
                };
                ensure(first.status == answer.status, || "another status than GET".to_string())?;
                ensure(fixed(first) == fixed(answer), || "other fields than GET".to_string())
            }
            Expect::Remaining(seconds) => {
                let told = answer.field(header::TOKEN_TTL).and_then(|value| value.parse::<u32>().ok());
                let fits = |told: u32| told <= *seconds && told + LONGEST_RUN >= *seconds;
                ensure(told.is_some_and(fits), || format!("{} does not say {seconds}", header::TOKEN_TTL))
            }
            Expect::Json(members) => {
                let Some(own) = json::members(&answer.body) else { return Err("no JSON".to_string()) };
                let missing: Vec<_> = members.iter().filter(|member| !own.iter().any(|own| own == **member)).collect();
                ensure(missing.is_empty(), || format!("members missing: {missing:?}"))
            }
            Expect::Throttled if answer.status == Status::Ok.code() => Ok(()),
            Expect::Throttled => {
                ensure(known == Some(Status::ServiceUnavailable), || "neither 200 nor 503".to_string())?;
                page_is(profile, known, answer)
            }
            Expect::Closes => ensure(answer.closed, || "the connection stays open".to_string()),
            Expect::Differs => ensure(core::ptr::eq(first, answer) || first.body != answer.body, || {
                "the same as the first request brought".to_string()
            }),
        }
    }
}

/// A run is over within these seconds.
const LONGEST_RUN: u32 = 60;

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// A value may leave out what it has no value for; what is there stands in this order.
fn order(profile: &Profile, shape: FieldLayout, answer: &Answer) -> Result<(), String> {
    let order = match shape {
        FieldLayout::Document => profile.document_order,
        FieldLayout::Bare => profile.bare_order,
    };
    let mut rest = order.iter().map(|field| field.name());
    for name in answer.names() {
        if !rest.any(|known| known == name) {
            let is_known = order.iter().any(|field| field.name() == name);
            let name = shown(name);
            return Err(if is_known { format!("{name} is out of order") } else { format!("{name} is not among them") });
        }
    }
    let needed = [Field::ContentLength, Field::ContentType, Field::Date, Field::Server, Field::Connection];
    let missing = needed.iter().find(|field| !answer.names().any(|name| name == field.name()));
    missing.map_or(Ok(()), |field| Err(format!("no {}", field.name())))
}

fn page_is(profile: &Profile, status: Option<Status>, answer: &Answer) -> Result<(), String> {
    match status.and_then(|status| page(profile, status)) {
        Some(page) => ensure(answer.body == page.as_bytes(), || format!("not the page of {} bytes", page.len())),
        None => ensure(answer.body.is_empty(), || "the body is not empty".to_string()),
    }
}

/// The page that this generation has for a status, as a response of that status writes it.
pub fn page(profile: &Profile, status: Status) -> Option<String> {
    let profile = PROFILES.iter().find(|known| known.name == profile.name && known.pages.contains(&status))?;
    let response: Response<Empty> = Response {
        profile,
        status,
        shape: FieldLayout::Document,
        minor_version: 1,
        date: Timestamp::EPOCH,
        content_type: ContentType::TextHtml,
        last_modified: None,
        token_ttl: None,
        allow: None,
        payload: Payload::Page,
        head_only: false,
        hop_limit: None,
    };
    let mut bytes = Vec::new();
    response.write(Persistence::Close, &mut bytes);
    let text = String::from_utf8(bytes).ok()?;
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_string())
}

fn token(profile: &Profile, body: &[u8]) -> Result<(), String> {
    ensure(body.len() == TOKEN_CHARS, || format!("not {TOKEN_CHARS} characters"))?;
    ensure(URL_SAFE.decode(body).is_ok(), || "no base64".to_string())?;
    ensure(begins_as(profile, body), || "another version in its first bytes".to_string())
}

/// Whether a token's first bytes are this generation's.
pub(super) fn begins_as(profile: &Profile, token: &[u8]) -> bool {
    URL_SAFE.decode(token).is_ok_and(|bytes| bytes.starts_with(&profile.token_version))
}

fn listing(answer: &Answer) -> Result<(), String> {
    ensure(!answer.body.is_empty(), || "empty".to_string())?;
    ensure(!answer.body.ends_with(b"\n"), || "a line feed at the end".to_string())?;
    let names: Vec<&str> = answer.lines().map(|line| line.trim_end_matches('/')).collect();
    ensure(names.is_sorted(), || "names out of order".to_string())
}

fn versions(answer: &Answer) -> Result<(), String> {
    let names: Vec<&str> = answer.lines().collect();
    let Some((last, dated)) = names.split_last() else { return Err("empty".to_string()) };
    ensure(*last == LATEST, || format!("the last is not `{LATEST}`"))?;
    ensure(dated.is_sorted(), || "not oldest first".to_string())?;
    // A newer one than this table knows is news, and no fault.
    let newest = VERSIONS[VERSIONS.len() - 1];
    let unknown = dated.iter().filter(|name| **name <= newest && !VERSIONS.contains(name)).count();
    ensure(unknown == 0, || format!("{unknown} unknown names"))?;
    let missing = VERSIONS.iter().take_while(|name| dated.last().is_some_and(|last| *name <= last));
    // The lists that were seen differ in this one.
    let missing = missing.filter(|name| !dated.contains(name) && **name != "2022-07-09").count();
    ensure(missing == 0, || format!("{missing} known names missing"))
}
