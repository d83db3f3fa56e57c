use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::categories;
use super::detect::detect_profile;
use super::endpoint::Endpoint;
use super::endpoint_state::{EndpointState, SendError};
use super::report::{Finding, Outcome, Report};
use crate::checks::{CHECKS, Check, Condition};
use crate::fidelity::{Behaviour, behaviours};
use imds::http::{Profile, Status};

/// Options of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckOptions {
    /// The generation to check against. `None` selects the one that the endpoint resembles most.
    pub profile: Option<&'static Profile>,
    /// Also sends malformed and large requests, one byte by byte, and many in a row.
    pub intrusive: bool,
}

/// Runs all checks against an endpoint.
///
/// # Errors
///
/// The reason if the endpoint does not answer the first request, or answers it with 403 because its
/// metadata is disabled.
pub fn run(endpoint: &mut dyn Endpoint, options: CheckOptions) -> Result<Report, String> {
    let mut state = EndpointState::new(endpoint);
    let without_token = state.send("GET /latest/meta-data/").map_err(SendError::reason)?;
    if without_token.status == Status::Forbidden.code() {
        return Err(alloc::format!("the endpoint is disabled: {}", without_token.summary()));
    }
    let tokens_required = without_token.status == Status::Unauthorized.code();
    let listing = state.open_session().unwrap_or(without_token);
    state.probe();
    let (profile, profile_evidence) = match options.profile {
        Some(profile) => (profile, "as requested".to_string()),
        None => detect_profile(&listing, state.token()),
    };
    let behaviours = behaviours();
    let mut findings = Vec::new();
    for check in CHECKS {
        let (outcome, observed) = match skip_reason(check.condition, tokens_required, options.intrusive) {
            None => state.run_check(check, profile),
            Some(reason) => (Outcome::NotObserved, reason.to_string()),
        };
        findings.extend(finding(check, &behaviours, profile, outcome, observed));
    }
    let mut unknown = Vec::new();
    categories::check(&mut state, &mut findings, &mut unknown);
    let stop_reason = state.stop_reason();
    Ok(Report { profile, profile_evidence, tokens_required, findings, unknown, stop_reason })
}

fn skip_reason(condition: Condition, tokens_required: bool, intrusive: bool) -> Option<&'static str> {
    match condition {
        Condition::TokensOptional if tokens_required => Some("the instance requires a token"),
        Condition::TokensRequired if !tokens_required => Some("tokens are optional on the instance"),
        Condition::Intrusive if !intrusive => Some("only an intrusive run checks this"),
        _ => None,
    }
}

fn finding(
    check: &Check,
    behaviours: &[Behaviour],
    profile: &Profile,
    outcome: Outcome,
    observed: String,
) -> Option<Finding> {
    // A test asserts that every check has a source.
    let source = check.source(behaviours, profile)?;
    Some(Finding { id: check.id.to_string(), claim: check.claim.to_string(), source, outcome, observed })
}
