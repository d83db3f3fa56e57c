use imds::Timestamp;
use imds_conformance::{Finding, Outcome, Report};

use crate::check::level::Level;

/// A run, its configuration and its results.
pub struct CheckReport {
    pub url: String,
    /// The end of the run.
    pub time: Timestamp,
    pub level: Level,
    pub intrusive: bool,
    /// The number of requests sent.
    pub requests: u32,
    pub seconds: f64,
    pub results: Report,
}

/// The status of a check, which depends on the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Passed,
    Failed,
    /// Failed, but the behaviour is less certain than the level requires.
    Differs,
    /// The behaviour could not be observed.
    Unseen,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Differs => "differs",
            Status::Unseen => "unseen",
        }
    }
}

impl CheckReport {
    /// Returns the number of failed checks.
    pub fn failed(&self) -> usize {
        self.count(Status::Failed)
    }

    pub fn status(&self, finding: &Finding) -> Status {
        match finding.outcome {
            Outcome::Passed => Status::Passed,
            Outcome::Failed if self.level.includes(finding.source.certainty) => Status::Failed,
            Outcome::Failed => Status::Differs,
            Outcome::NotObserved => Status::Unseen,
        }
    }

    pub fn count(&self, status: Status) -> usize {
        self.results.findings.iter().filter(|finding| self.status(finding) == status).count()
    }

    /// Returns the service's HttpTokens, as detected.
    pub fn tokens(&self) -> &'static str {
        if self.results.tokens_required { "required" } else { "optional" }
    }
}
