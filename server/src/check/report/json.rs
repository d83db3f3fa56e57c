use imds::source::{Certainty, Source};
use serde_json::{Value, json};

use super::{Told, Word};

impl Told {
    pub fn json(&self) -> String {
        let report = &self.report;
        let checks = report.findings.iter().map(|finding| {
            json!({
                "id": finding.id,
                "says": finding.claim,
                "known": source(finding.source),
                "outcome": self.word(finding).name(),
                "saw": finding.observed,
            })
        });
        let mut time = Vec::new();
        self.time.push_rfc3339_seconds(&mut time);
        let told = json!({
            "imds": env!("CARGO_PKG_VERSION"),
            "time": String::from_utf8_lossy(&time),
            "url": self.url,
            "profile": report.profile.name,
            "profileBy": report.profile_evidence,
            "tokens": self.tokens(),
            "level": self.level.name(),
            "intrusive": self.is_intrusive,
            "checks": checks.collect::<Vec<_>>(),
            "unknown": report.unknown,
            "over": report.stop_reason,
            "requests": self.requests,
            "seconds": self.seconds,
            "passed": self.count(Word::Passed),
            "failed": self.count(Word::Failed),
            "differs": self.count(Word::Differs),
            "unseen": self.count(Word::Unseen),
        });
        format!("{told:#}\n")
    }
}

/// How something is known.
pub fn source(source: Source) -> Value {
    let (certainty, times) = match source.certainty {
        Certainty::Seen(times) => ("seen", Some(times)),
        Certainty::Documented => ("documented", None),
        Certainty::Inferred => ("inferred", None),
        Certainty::Chosen => ("chosen", None),
    };
    match times {
        Some(times) => json!({ "certainty": certainty, "times": times, "reference": source.reference }),
        None => json!({ "certainty": certainty, "reference": source.reference }),
    }
}
