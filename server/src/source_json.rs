//! A [`Source`] as JSON, for check reports and vectors.

use imds::source::{Certainty, Source};
use serde_json::{Value, json};

/// Returns an object with `certainty`, `reference` and, for `seen`, `times`.
pub fn source_json(source: Source) -> Value {
    let certainty = source.certainty.name();
    match source.certainty {
        Certainty::Seen(times) => json!({ "certainty": certainty, "times": times, "reference": source.reference }),
        _ => json!({ "certainty": certainty, "reference": source.reference }),
    }
}
