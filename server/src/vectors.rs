//! `imds vectors`: prints the checks, their sources and the transcripts as JSON.

use std::process::ExitCode;

use imds::http::{PROFILES, Profile, StatusLine};
use imds::metadata::categories;
use imds::version::VERSIONS;
use imds_conformance::fidelity::{Behaviour, behaviours};
use imds_conformance::{CHECKS, Check, PLACEHOLDERS, Pace, error_page};
use rust_embed::Embed;
use serde_json::{Map, Value, json};

use crate::source_json::source_json;
use crate::terminal;

/// The transcripts of tests/: `golden/` and `transcripts/recorded/` from EC2, the others from this
/// project.
#[derive(Embed)]
#[folder = "../tests"]
#[include = "golden/*.txt"]
#[include = "transcripts/*.txt"]
struct Transcripts;

/// Prints the vectors.
pub fn print() -> Result<ExitCode, String> {
    let behaviours = behaviours();
    let categories = categories().into_iter().map(
        |category| json!({ "path": category.path(), "since": category.since(), "known": source_json(category.source()) }),
    );
    let transcripts = Transcripts::iter().filter_map(|name| {
        let text = String::from_utf8(Transcripts::get(&name)?.data.into_owned()).ok()?;
        Some(json!({ "name": name, "text": text }))
    });
    let vectors = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "placeholders": PLACEHOLDERS.iter().map(|(name, meaning)| ((*name).to_owned(), json!(meaning))).collect::<Map<_, _>>(),
        "profiles": PROFILES.iter().map(|profile| (profile.name.to_owned(), profile_json(profile))).collect::<Map<_, _>>(),
        "versions": VERSIONS,
        "checks": CHECKS.iter().map(|check| check_json(check, &behaviours)).collect::<Vec<_>>(),
        "categories": categories.collect::<Vec<_>>(),
        "transcripts": transcripts.collect::<Vec<_>>(),
    });
    terminal::output(&format!("{vectors:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn check_json(check: &Check, behaviours: &[Behaviour]) -> Value {
    let expects = check.expectations.iter().map(|expect| json!({ "is": expect.name(), "of": expect.arguments() }));
    let requests = check
        .requests()
        .into_iter()
        .map(|(bytes, pace)| json!({ "bytes": bytes, "dribbled": pace == Pace::ByteByByte }));
    let known = PROFILES
        .iter()
        .map(|profile| (profile.name.to_owned(), check.source(behaviours, profile).map_or(Value::Null, source_json)));
    json!({
        "id": check.id,
        "says": check.claim,
        "when": check.condition.name(),
        "requests": requests.collect::<Vec<_>>(),
        "expects": expects.collect::<Vec<_>>(),
        "known": known.collect::<Map<_, _>>(),
    })
}

/// Describes the responses of a generation of EC2.
fn profile_json(profile: &Profile) -> Value {
    let pages =
        profile.pages.iter().map(|page| (page.status.code().to_string(), json!(error_page(profile, page.status))));
    let names = |headers: &[imds::http::ResponseHeader]| headers.iter().map(|header| header.name()).collect::<Vec<_>>();
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
        "cleansTokenPath": profile.cleans_token_path,
        "shortestTtl": profile.shortest_ttl,
        "postReads": profile.post_reads,
        "optionsListsMethods": profile.options_lists_methods,
        "rejectedMethod": profile.rejected_method.code(),
        "metadataMethods": profile.metadata_methods,
        "absentVersions": profile.absent_versions,
        "pages": pages.collect::<Map<_, _>>(),
    })
}
