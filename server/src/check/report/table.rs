use std::fmt::Write as _;

use imds_conformance::Finding;

use super::{Told, Word};

impl Told {
    pub fn table(&self) -> String {
        let report = &self.report;
        let mut text = format!(
            "{}: held against {} ({}), tokens are {}\n\n",
            self.url,
            report.profile.name,
            report.profile_evidence,
            self.tokens()
        );
        let is_category = |finding: &&Finding| finding.id.starts_with("category.");
        let width =
            report.findings.iter().filter(|finding| !is_category(finding)).map(|finding| finding.id.len()).max();
        let width = width.unwrap_or(0);
        for finding in &report.findings {
            let word = self.word(finding);
            let known = finding.source.certainty.to_string();
            let _ = write!(text, "{:7}  {known:14}  {:width$}", word.name(), finding.id);
            // A category's name says it all.
            let _ = if is_category(&finding) { Ok(()) } else { write!(text, "  {}", finding.claim) };
            let _ = match word {
                Word::Passed => writeln!(text),
                Word::Unseen => writeln!(text, " ({})", finding.observed),
                Word::Failed | Word::Differs => writeln!(text, "\n{:25}saw: {}", "", finding.observed),
            };
        }
        for path in &report.unknown {
            let _ = writeln!(text, "listed, and in no table: {path}");
        }
        let counts = [Word::Passed, Word::Failed, Word::Differs, Word::Unseen].map(|word| self.count(word));
        let [passed, failed, differ, unseen] = counts;
        let _ = writeln!(
            text,
            "\n{passed} passed, {failed} failed, {differ} differ below the level '{}', {unseen} not seen; {} requests in {:.1} s",
            self.level.name(),
            self.requests,
            self.seconds
        );
        text
    }
}
