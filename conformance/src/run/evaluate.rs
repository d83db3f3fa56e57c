use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::format::is_http_date;
use super::json;
use super::response::{ParsedResponse, printable};
use crate::checks::Expect;
use imds::http::{HeaderLayout, PROFILES, Profile, ResponseHeader, STATUSES, Status, StatusLine, header};
use imds::token::TOKEN_CHARS;
use imds::version::{LATEST, VERSIONS};

impl Expect {
    /// Evaluates a response. `first` is the first response of the check, which may be `response`
    /// itself.
    ///
    /// # Errors
    ///
    /// The reason why the response does not satisfy the expectation.
    pub(super) fn evaluate(
        &self,
        profile: &Profile,
        first: &ParsedResponse,
        response: &ParsedResponse,
    ) -> Result<(), String> {
        let status = STATUSES.iter().copied().find(|status| status.code() == response.status);
        let is_first = core::ptr::eq(first, response);
        let all = |expectations: &[Expect]| -> Result<(), String> {
            expectations.iter().try_for_each(|expect| expect.evaluate(profile, first, response))
        };
        match self {
            Expect::Status(status) => ensure(response.status == *status, || format!("expected {status}")),
            Expect::Version => {
                let expected = match profile.status_line {
                    StatusLine::Echo => "HTTP/1.1",
                    StatusLine::Http10 => "HTTP/1.0",
                };
                ensure(response.version == expected, || format!("expected {expected}"))
            }
            Expect::Http10 => ensure(response.version == "HTTP/1.0", || "expected HTTP/1.0".to_string()),
            Expect::Reason => {
                let reason = status.map_or("a known status", |status| profile.reason(status));
                ensure(response.reason == reason, || format!("expected `{reason}`"))
            }
            Expect::Header(name, value) => match response.header(name) {
                Some(own) => ensure(own == *value, || format!("expected {name}: {value}")),
                None => Err(missing(name)),
            },
            Expect::Has(name) => ensure(response.header(name).is_some(), || missing(name)),
            Expect::Date(name) => match response.header(name) {
                Some(value) => ensure(is_http_date(value), || format!("{name} is not an HTTP date")),
                None => Err(missing(name)),
            },
            Expect::AcceptRanges => {
                Expect::Header(header::ACCEPT_RANGES, profile.accept_ranges).evaluate(profile, first, response)
            }
            Expect::Lacks(name) => ensure(response.header(name).is_none(), || format!("unexpected {name}")),
            Expect::HeaderOrder(layout) => header_order(profile, *layout, response),
            Expect::Empty => ensure(response.body.is_empty(), || NOT_EMPTY.to_string()),
            Expect::Body => ensure(!response.body.is_empty(), || "the body is empty".to_string()),
            Expect::Page => page(profile, status, response),
            Expect::Token => token(profile, &response.body),
            Expect::Listing => listing(response),
            Expect::Versions => versions(profile, response),
            Expect::Lists(names) => {
                let missing: Vec<_> =
                    names.iter().filter(|name| !response.lines().any(|line| line == **name)).collect();
                ensure(missing.is_empty(), || format!("not listed: {missing:?}"))
            }
            Expect::Omits(names) => {
                let listed: Vec<_> = names.iter().filter(|name| response.lines().any(|line| line == **name)).collect();
                ensure(listed.is_empty(), || format!("unexpectedly listed: {listed:?}"))
            }
            Expect::Same => ensure((first.status, &first.body) == (response.status, &response.body), || {
                format!("differs from the first response ({})", first.summary())
            }),
            Expect::Post if is_first => Ok(()),
            Expect::Post if profile.post_reads => Expect::Same.evaluate(profile, first, response),
            Expect::Post => Expect::RejectedMethod.evaluate(profile, first, response),
            Expect::RejectedMethod => {
                let allow = match profile.rejected_method {
                    Status::MethodNotAllowed => Expect::Header(header::ALLOW, profile.metadata_methods),
                    _ => Expect::Lacks(header::ALLOW),
                };
                all(&[Expect::Status(profile.rejected_method.code()), allow, Expect::Empty])
            }
            Expect::MetadataMethods if profile.options_lists_methods => {
                let allow = Expect::Header(header::ALLOW, profile.metadata_methods);
                all(&[Expect::Status(Status::Ok.code()), allow, Expect::Empty])
            }
            Expect::MetadataMethods => Expect::RejectedMethod.evaluate(profile, first, response),
            Expect::TokenPath if profile.cleans_token_path => all(&[Expect::Status(Status::Ok.code()), Expect::Token]),
            Expect::TokenPath => all(&[Expect::Status(Status::Forbidden.code()), Expect::Empty]),
            Expect::ZeroTtl if profile.shortest_ttl == 0 => {
                all(&[Expect::Status(Status::Ok.code()), Expect::Token, Expect::Header(header::TOKEN_TTL, "0")])
            }
            Expect::ZeroTtl => Expect::Status(Status::BadRequest.code()).evaluate(profile, first, response),
            Expect::SameHead if is_first => Ok(()),
            Expect::SameHead => {
                ensure(response.body.is_empty(), || NOT_EMPTY.to_string())?;
                let fixed = |response: &ParsedResponse| -> Vec<(String, String)> {
                    let varying = [header::DATE, header::TOKEN_TTL];
                    let is_fixed = |name: &String| !varying.iter().any(|varying| name.eq_ignore_ascii_case(varying));
                    response.headers.iter().filter(|(name, _)| is_fixed(name)).cloned().collect()
                };
                ensure(first.status == response.status, || "the status differs from that of GET".to_string())?;
                ensure(fixed(first) == fixed(response), || "the headers differ from those of GET".to_string())
            }
            Expect::Remaining(seconds) => {
                let remaining = response.header(header::TOKEN_TTL).and_then(|value| value.parse::<u32>().ok());
                let fits = |remaining: u32| remaining <= *seconds && remaining + MAX_RUN_SECONDS >= *seconds;
                ensure(remaining.is_some_and(fits), || {
                    format!("expected {}: {seconds} or up to {MAX_RUN_SECONDS} less", header::TOKEN_TTL)
                })
            }
            Expect::Json(members) => {
                let Some(own) = json::members(&response.body) else { return Err("the body is not JSON".to_string()) };
                let missing: Vec<_> = members.iter().filter(|member| !own.iter().any(|own| own == **member)).collect();
                ensure(missing.is_empty(), || format!("missing members: {missing:?}"))
            }
            Expect::Throttled if response.status == Status::Ok.code() => Ok(()),
            Expect::Throttled => {
                ensure(status == Some(Status::ServiceUnavailable), || "expected 200 or 503".to_string())?;
                page(profile, status, response)
            }
            Expect::Closes => ensure(response.closed, || "the connection stays open".to_string()),
            Expect::Differs => {
                ensure(is_first || first.body != response.body, || "the body equals the first one".to_string())
            }
        }
    }
}

fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(reason()) }
}

fn missing(name: &str) -> String {
    format!("missing {name}")
}

/// The headers must be in the profile's order. Optional ones may be absent.
fn header_order(profile: &Profile, layout: HeaderLayout, response: &ParsedResponse) -> Result<(), String> {
    let order = match layout {
        HeaderLayout::Document => profile.document_order,
        HeaderLayout::Bare => profile.bare_order,
    };
    let mut rest = order.iter().map(|field| field.name());
    for name in response.header_names() {
        if !rest.any(|known| known == name) {
            let is_known = order.iter().any(|field| field.name() == name);
            let name = printable(name);
            return Err(if is_known { format!("{name} is out of order") } else { format!("unexpected {name}") });
        }
    }
    let required = [
        ResponseHeader::ContentLength,
        ResponseHeader::ContentType,
        ResponseHeader::Date,
        ResponseHeader::Server,
        ResponseHeader::Connection,
    ];
    let absent = required.iter().find(|field| !response.header_names().any(|name| name == field.name()));
    absent.map_or(Ok(()), |field| Err(missing(field.name())))
}

fn page(profile: &Profile, status: Option<Status>, response: &ParsedResponse) -> Result<(), String> {
    match status.and_then(|status| error_page(profile, status)) {
        Some(page) => ensure(response.body == page.as_bytes(), || format!("expected the page of {} bytes", page.len())),
        None => ensure(response.body.is_empty(), || NOT_EMPTY.to_string()),
    }
}

/// The page that a response with this status has for this profile, without its head. `None` if the
/// body is empty.
pub fn error_page(profile: &Profile, status: Status) -> Option<String> {
    profile.page(status).and_then(|page| String::from_utf8(page).ok())
}

fn token(profile: &Profile, body: &[u8]) -> Result<(), String> {
    ensure(body.len() == TOKEN_CHARS, || format!("the token is not {TOKEN_CHARS} characters long"))?;
    ensure(URL_SAFE.decode(body).is_ok(), || "the token is not base64".to_string())?;
    ensure(has_token_version(profile, body), || "the token begins with another version".to_string())
}

/// Returns `true` if the token begins with the profile's token version.
pub(super) fn has_token_version(profile: &Profile, token: &[u8]) -> bool {
    URL_SAFE.decode(token).is_ok_and(|bytes| bytes.starts_with(&profile.token_version))
}

fn listing(response: &ParsedResponse) -> Result<(), String> {
    ensure(!response.body.is_empty(), || "the listing is empty".to_string())?;
    ensure(!response.body.ends_with(b"\n"), || "the listing ends with a line feed".to_string())?;
    let names: Vec<&str> = response.lines().map(|line| line.trim_end_matches('/')).collect();
    ensure(names.is_sorted(), || "the names are not sorted".to_string())
}

fn versions(profile: &Profile, response: &ParsedResponse) -> Result<(), String> {
    let names: Vec<&str> = response.lines().collect();
    let Some((last, dated)) = names.split_last() else { return Err("the listing is empty".to_string()) };
    ensure(*last == LATEST, || format!("the last name is not `{LATEST}`"))?;
    ensure(dated.is_sorted(), || "the versions are not sorted oldest first".to_string())?;
    // A version newer than the table is not an error.
    let newest = VERSIONS[VERSIONS.len() - 1];
    let is_known = |name: &&str| VERSIONS.contains(name) && !profile.absent_versions.contains(name);
    let unknown = dated.iter().filter(|name| **name <= newest && !is_known(name)).count();
    ensure(unknown == 0, || format!("{unknown} unknown versions"))?;
    let expected = VERSIONS.iter().take_while(|name| dated.last().is_some_and(|last| *name <= last));
    // A version that one generation does not serve is optional.
    let is_optional = |name: &&str| PROFILES.iter().any(|profile| profile.absent_versions.contains(name));
    let missing = expected.filter(|name| !dated.contains(name) && !is_optional(name)).count();
    ensure(missing == 0, || format!("{missing} known versions are missing"))
}

const NOT_EMPTY: &str = "the body is not empty";
/// The longest time between the issue of a token and a check of its remaining TTL.
const MAX_RUN_SECONDS: u32 = 60;
