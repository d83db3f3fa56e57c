//! What is wrong with an argument, as text that `js/errors.js` makes an `ImdsError` of: code, path and reason, by lines.

use alloc::format;
use alloc::string::{String, ToString};

use imds::record::RecordError;
use imds::seed::SeedError;
use imds_conformance::transcript::TranscriptError;
use imds_ec2::fleet::FleetError;
use wasm_bindgen::JsValue;

/// An error on its way to JavaScript. The text's first line is the code, the second the path, the rest the reason.
pub struct Thrown {
    code: &'static str,
    path: String,
    reason: String,
}

impl Thrown {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Thrown {
        Thrown { code, path: String::new(), reason: reason.into() }
    }
}

impl From<Thrown> for JsValue {
    fn from(Thrown { code, path, reason }: Thrown) -> JsValue {
        JsValue::from_str(&format!("{code}\n{path}\n{reason}"))
    }
}

impl From<RecordError> for Thrown {
    fn from(RecordError { path, reason }: RecordError) -> Thrown {
        Thrown { code: "record", path, reason }
    }
}

impl From<FleetError> for Thrown {
    fn from(error: FleetError) -> Thrown {
        let code = error.code();
        match error {
            FleetError::Record(error) => error.into(),
            error => Thrown::new(code, error.to_string()),
        }
    }
}

impl From<SeedError> for Thrown {
    fn from(error: SeedError) -> Thrown {
        Thrown::new("seed", error.to_string())
    }
}

impl From<TranscriptError> for Thrown {
    fn from(TranscriptError { line, reason }: TranscriptError) -> Thrown {
        Thrown { code: "transcript", path: format!("line {line}"), reason }
    }
}
