//! A [`Source`] as JSON, for check reports and vectors.

use imds::source::{Certainty, Source};
use serde_json::{Value, json};

/// Returns an object with `certainty`, `reference` and, for `seen`, `times`.
pub fn source_json(source: Source) -> Value {
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
