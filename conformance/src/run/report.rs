use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use imds::http::Profile;
use imds::source::Source;

/// The result of a run.
#[derive(Debug)]
pub struct Report {
    /// The generation that the endpoint was checked against.
    pub profile: &'static Profile,
    /// The reason for the profile, for example `by the status line`.
    pub profile_evidence: String,
    /// `true` if the endpoint requires a token.
    pub tokens_required: bool,
    /// One finding for each check.
    pub findings: Vec<Finding>,
    /// Listed paths that are in no table of categories.
    pub unknown: Vec<String>,
    /// The reason why the run stopped early, if it did.
    pub stop_reason: Option<String>,
}

/// The result of one check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The id of the check.
    pub id: String,
    /// The claim of the check.
    pub claim: String,
    /// The certainty of the claim and its source.
    pub source: Source,
    /// The outcome.
    pub outcome: Outcome,
    /// The observed response, without any value, or why nothing was observed.
    pub observed: String,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The claim holds.
    Passed,
    /// The claim does not hold.
    Failed,
    /// The check could not be made.
    NotObserved,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::NotObserved => "unseen",
        })
    }
}
