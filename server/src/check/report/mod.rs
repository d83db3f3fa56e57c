//! What is told of a run, in three forms.

mod json;
mod junit;
mod table;

use clap::ValueEnum;
use imds::Timestamp;
use imds_conformance::{Finding, Outcome, Report};

use super::level::Level;
pub use json::source;

/// A form of the report.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people: a line for each check
    Table,
    /// For programs
    Json,
    /// JUnit's XML, for CI
    Junit,
}

/// A run and what it was asked for.
pub struct Told {
    pub url: String,
    /// When it was over.
    pub time: Timestamp,
    pub level: Level,
    pub is_intrusive: bool,
    pub requests: u32,
    pub seconds: f64,
    pub report: Report,
}

/// What is said of a check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Passed,
    /// It failed, and that counts.
    Failed,
    /// It failed, at less than the level.
    Differs,
    Unseen,
}

impl Word {
    pub fn name(self) -> &'static str {
        match self {
            Word::Passed => "passed",
            Word::Failed => "failed",
            Word::Differs => "differs",
            Word::Unseen => "unseen",
        }
    }
}

impl Told {
    pub fn failed(&self) -> usize {
        self.count(Word::Failed)
    }

    fn word(&self, finding: &Finding) -> Word {
        match finding.outcome {
            Outcome::Passed => Word::Passed,
            Outcome::Failed if self.level.counts(finding.source.certainty) => Word::Failed,
            Outcome::Failed => Word::Differs,
            Outcome::NotObserved => Word::Unseen,
        }
    }

    fn count(&self, word: Word) -> usize {
        self.report.findings.iter().filter(|finding| self.word(finding) == word).count()
    }

    fn tokens(&self) -> &'static str {
        if self.report.tokens_required { "required" } else { "optional" }
    }
}
