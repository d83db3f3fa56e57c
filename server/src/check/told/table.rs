use std::fmt::Write as _;

use super::{Told, Word};

impl Told {
    pub fn table(&self) -> String {
        let report = &self.report;
        let mut text = format!(
            "{}: held against {} ({}), tokens are {}\n\n",
            self.url,
            report.profile.name,
            report.profile_by,
            self.tokens()
        );
        let width = report.findings.iter().map(|finding| finding.id.len()).max().unwrap_or(0);
        for finding in &report.findings {
            let word = self.word(finding);
            let known = finding.source.certainty.to_string();
            let _ = writeln!(text, "{:7}  {known:14}  {:width$}  {}", word.name(), finding.id, finding.says);
            if matches!(word, Word::Failed | Word::Differs) {
                let _ = writeln!(text, "{:25}saw: {}", "", finding.saw);
            }
        }
        for path in &report.unknown {
            let _ = writeln!(text, "\nlisted, and in no table: {path}");
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
