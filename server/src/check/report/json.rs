use serde_json::json;

use super::summary::{CheckReport, Status};
use crate::source_json::source_json;

/// Formats the report as JSON.
pub fn render(report: &CheckReport) -> String {
    let results = &report.results;
    let checks = results.findings.iter().map(|finding| {
        json!({
            "id": finding.id,
            "says": finding.claim,
            "known": source_json(finding.source),
            "outcome": report.status(finding).name(),
            "saw": finding.observed,
        })
    });
    let mut time = Vec::new();
    report.time.push_rfc3339_seconds(&mut time);
    let json = json!({
        "imds": env!("CARGO_PKG_VERSION"),
        "time": String::from_utf8_lossy(&time),
        "url": report.url,
        "profile": results.profile.name,
        "profileBy": results.profile_evidence,
        "tokens": report.tokens(),
        "level": report.level.name(),
        "intrusive": report.intrusive,
        "checks": checks.collect::<Vec<_>>(),
        "unknown": results.unknown,
        "over": results.stop_reason,
        "requests": report.requests,
        "seconds": report.seconds,
        "passed": report.count(Status::Passed),
        "failed": report.count(Status::Failed),
        "differs": report.count(Status::Differs),
        "unseen": report.count(Status::Unseen),
    });
    format!("{json:#}\n")
}
