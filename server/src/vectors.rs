//! `imds vectors`: the checks with all that they stand on, and the recorded exchanges, as JSON.

use std::process::ExitCode;

use imds::http::{PROFILES, Profile, StatusLine};
use imds::metadata::categories;
use imds::version::VERSIONS;
use imds_conformance::fidelity::{Behaviour, behaviours};
use imds_conformance::{CHECKS, Check, PLACEHOLDERS, Pace, error_page};
use rust_embed::Embed;
use serde_json::{Map, Value, json};

use crate::check::source;
use crate::tell;

/// The stories of tests/: `golden/` of the real service, `transcripts/` of ours.
#[derive(Embed)]
#[folder = "../tests"]
#[include = "golden/*.txt"]
#[include = "transcripts/*.txt"]
struct Stories;

/// Prints them.
pub fn print() -> Result<ExitCode, String> {
    let behaviours = behaviours();
    let of_categories = categories().into_iter().map(
        |category| json!({ "path": category.path(), "since": category.since(), "known": source(category.source()) }),
    );
    let stories = Stories::iter().filter_map(|name| {
        let text = String::from_utf8(Stories::get(&name)?.data.into_owned()).ok()?;
        Some(json!({ "name": name, "text": text }))
    });
    let vectors = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "placeholders": PLACEHOLDERS.iter().map(|(name, what)| ((*name).to_owned(), json!(what))).collect::<Map<_, _>>(),
        "profiles": PROFILES.iter().map(|profile| (profile.name.to_owned(), generation(profile))).collect::<Map<_, _>>(),
        "versions": VERSIONS,
        "checks": CHECKS.iter().map(|row| check(row, &behaviours)).collect::<Vec<_>>(),
        "categories": of_categories.collect::<Vec<_>>(),
        "transcripts": stories.collect::<Vec<_>>(),
    });
    match tell::output(&format!("{vectors:#}\n")) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(format!("cannot write: {}", tell::reason(&error))),
    }
}

fn check(check: &Check, behaviours: &[Behaviour]) -> Value {
    let expects = check.expectations.iter().map(|expect| json!({ "is": expect.name(), "of": expect.arguments() }));
    let requests = check
        .requests()
        .into_iter()
        .map(|(bytes, pace)| json!({ "bytes": bytes, "dribbled": pace == Pace::ByteByByte }));
    let known = PROFILES
        .iter()
        .map(|profile| (profile.name.to_owned(), check.source(behaviours, profile).map_or(Value::Null, source)));
    json!({
        "id": check.id,
        "says": check.claim,
        "when": check.condition.name(),
        "requests": requests.collect::<Vec<_>>(),
        "expects": expects.collect::<Vec<_>>(),
        "known": known.collect::<Map<_, _>>(),
    })
}

/// How a generation looks.
fn generation(profile: &Profile) -> Value {
    let pages = profile.pages.iter().map(|status| (status.code().to_string(), json!(error_page(profile, *status))));
    let names = |fields: &[imds::http::Field]| fields.iter().map(|field| field.name()).collect::<Vec<_>>();
    json!({
        "statusLine": match profile.status_line {
            StatusLine::Echo => "the request's version",
            StatusLine::Http10 => "HTTP/1.0",
        },
        "documentOrder": names(profile.document_order),
        "bareOrder": names(profile.bare_order),
        "acceptRanges": profile.accept_ranges,
        "methodNotAllowed": profile.method_not_allowed,
        "tokenVersion": profile.token_version,
        "postReads": profile.post_reads,
        "pages": pages.collect::<Map<_, _>>(),
    })
}
