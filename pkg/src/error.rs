//! Errors as text. `js/errors.js` parses it into an `ImdsError`.

use alloc::format;
use alloc::string::{String, ToString};

use imds::record::RecordError;
use imds::seed::SeedError;
use imds_conformance::transcript::TranscriptError;
use imds_ec2::fleet::FleetError;
use wasm_bindgen::JsValue;

/// An error for JavaScript: its text has the code in line 1, the path in line 2, then the reason.
pub struct ImdsError {
    code: &'static str,
    path: String,
    reason: String,
}

impl ImdsError {
    pub fn new(code: &'static str, reason: impl Into<String>) -> ImdsError {
        ImdsError { code, path: String::new(), reason: reason.into() }
    }
}

impl From<ImdsError> for JsValue {
    fn from(ImdsError { code, path, reason }: ImdsError) -> JsValue {
        JsValue::from_str(&format!("{code}\n{path}\n{reason}"))
    }
}

impl From<RecordError> for ImdsError {
    fn from(RecordError { path, reason }: RecordError) -> ImdsError {
        ImdsError { code: "record", path, reason }
    }
}

impl From<FleetError> for ImdsError {
    fn from(error: FleetError) -> ImdsError {
        let code = error.code();
        match error {
            FleetError::Record(error) => error.into(),
            error => ImdsError::new(code, error.to_string()),
        }
    }
}

impl From<SeedError> for ImdsError {
    fn from(error: SeedError) -> ImdsError {
        ImdsError::new("seed", error.to_string())
    }
}

impl From<TranscriptError> for ImdsError {
    fn from(TranscriptError { line, reason }: TranscriptError) -> ImdsError {
        ImdsError { code: "transcript", path: format!("line {line}"), reason }
    }
}
