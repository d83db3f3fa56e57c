use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluate::begins_as;
use super::reply::Answer;
use super::session::{Session, Unseen};
use super::{CHECKS, Check, Endpoint, When, categories};
use crate::fidelity::{Behaviour, behaviours};
use imds::http::{PROFILES, Profile, Status, StatusLine, header};
use imds::source::Source;

/// What a run may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The generation to hold it against; else what it looks like.
    pub profile: Option<&'static Profile>,
    /// Whether odd bytes may be sent.
    pub intrusive: bool,
}

/// What a run brought.
#[derive(Debug)]
pub struct Report {
    /// The generation that it was held against.
    pub profile: &'static Profile,
    /// How it was taken for that one.
    pub profile_by: String,
    /// Whether a token is required, as far as could be seen.
    pub tokens_required: bool,
    /// A finding for each check.
    pub findings: Vec<Finding>,
    /// Paths that it lists and no table knows.
    pub unknown: Vec<String>,
    /// Why the run ended before its end, if it did.
    pub over: Option<String>,
}

/// What came of one check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The check's name.
    pub id: String,
    /// What holds where it passes.
    pub says: String,
    /// How it is known.
    pub source: Source,
    /// What came of it.
    pub outcome: Outcome,
    /// What was seen, without any value.
    pub saw: String,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It could not be seen.
    Unseen,
}

/// Holds an endpoint against all checks. The error is that it could not be asked at all.
pub fn run(endpoint: &mut dyn Endpoint, options: Options) -> Result<Report, String> {
    let mut session = Session::new(endpoint);
    let plain = session.send("GET /latest/meta-data/").map_err(Unseen::reason)?;
    if plain.status == Status::Forbidden.code() {
        return Err(format!("the endpoint is disabled: {}", plain.summary()));
    }
    let tokens_required = plain.status == Status::Unauthorized.code();
    let listing = session.begin().unwrap_or(plain);
    session.survey();
    let (profile, profile_by) = match options.profile {
        Some(profile) => (profile, "as asked".to_string()),
        None => detect(&listing, session.token()),
    };
    let behaviours = behaviours();
    let mut findings = Vec::new();
    for check in CHECKS {
        let applies = match check.when {
            When::Always => Ok(()),
            When::Optional if tokens_required => Err("a token is required here"),
            When::Required if !tokens_required => Err("tokens are optional here"),
            When::Intrusive if !options.intrusive => Err("a run asks it where it may be intrusive"),
            When::Optional | When::Required | When::Intrusive => Ok(()),
        };
        let (outcome, saw) = match applies {
            Ok(()) => session.hold(check, profile),
            Err(reason) => (Outcome::Unseen, reason.to_string()),
        };
        findings.extend(finding(check, &behaviours, profile, outcome, saw));
    }
    let mut unknown = Vec::new();
    categories::check(&mut session, &mut findings, &mut unknown);
    Ok(Report { profile, profile_by, tokens_required, findings, unknown, over: session.over() })
}

fn finding(
    check: &Check,
    behaviours: &[Behaviour],
    profile: &Profile,
    outcome: Outcome,
    saw: String,
) -> Option<Finding> {
    // A test holds that every check has a source.
    let source = check.source(behaviours, profile)?;
    Some(Finding { id: check.id.to_string(), says: check.says.to_string(), source, outcome, saw })
}

/// The generation that most of what was seen fits.
fn detect(listing: &Answer, token: Option<&str>) -> (&'static Profile, String) {
    let signs = |profile: &Profile| {
        let version = match profile.status_line {
            StatusLine::Echo => "HTTP/1.1",
            StatusLine::Http10 => "HTTP/1.0",
        };
        [
            ("the status line", listing.version == version),
            ("Accept-Ranges", listing.field(header::ACCEPT_RANGES) == Some(profile.accept_ranges)),
            ("the token's first bytes", token.is_some_and(|token| begins_as(profile, token.as_bytes()))),
        ]
    };
    let names = |profile: &Profile| -> Vec<&str> {
        signs(profile).into_iter().filter(|(_, fits)| *fits).map(|(name, _)| name).collect()
    };
    // Of two that fit alike, the first.
    let (mut best, mut by) = (&Profile::NITRO, Vec::new());
    for profile in PROFILES {
        let fits = names(profile);
        if fits.len() > by.len() {
            (best, by) = (profile, fits);
        }
    }
    (best, if by.is_empty() { "as nothing says which".to_string() } else { format!("by {}", by.join(", ")) })
}
