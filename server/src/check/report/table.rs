use std::fmt::Write as _;

use imds_conformance::Finding;

use super::summary::{CheckReport, Status};

/// Formats the report as text, one line per check.
pub fn render(report: &CheckReport) -> String {
    let results = &report.results;
    let mut text = format!(
        "{}: compared with {} ({}); tokens are {}\n\n",
        report.url,
        results.profile.name,
        results.profile_evidence,
        report.tokens()
    );
    let is_category = |finding: &&Finding| finding.id.starts_with("category.");
    let width = results.findings.iter().filter(|finding| !is_category(finding)).map(|finding| finding.id.len()).max();
    let width = width.unwrap_or(0);
    for finding in &results.findings {
        let status = report.status(finding);
        let certainty = finding.source.certainty.to_string();
        let _ = write!(text, "{:7}  {certainty:14}  {:width$}", status.name(), finding.id);
        // The claim of a category only repeats its id.
        let _ = if is_category(&finding) { Ok(()) } else { write!(text, "  {}", finding.claim) };
        let _ = match status {
            Status::Passed => writeln!(text),
            Status::Unseen => writeln!(text, " ({})", finding.observed),
            Status::Failed | Status::Differs => writeln!(text, "\n{:25}observed: {}", "", finding.observed),
        };
    }
    for path in &results.unknown {
        let _ = writeln!(text, "listed, but in no table: {path}");
    }
    let counts = [Status::Passed, Status::Failed, Status::Differs, Status::Unseen].map(|status| report.count(status));
    let [passed, failed, differ, unseen] = counts;
    let _ = writeln!(
        text,
        "\n{passed} passed, {failed} failed, {differ} differ below the level '{}', {unseen} not observed; \
         {} requests in {:.1} s",
        report.level.name(),
        report.requests,
        report.seconds
    );
    text
}
