//! Transcripts.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use imds::record::read_json;
use imds_conformance::transcript::{Chunking, Transcript};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::ImdsError;
use crate::service::json;

/// Runs a transcript in a fleet of its own and returns the result as JSON. `records` is a JSON
/// object that maps names to the texts of records and fleets.
///
/// # Errors
/// If the transcript or the records are invalid, or a step cannot run.
#[wasm_bindgen]
pub fn run_transcript(transcript: &str, chunking: &str, records: &str) -> Result<String, ImdsError> {
    #[derive(Serialize)]
    struct Difference {
        line: usize,
        expected: Vec<String>,
        actual: Vec<String>,
    }
    #[derive(Serialize)]
    struct TranscriptRun<'a> {
        claim: &'a str,
        text: String,
        rules: Vec<&'static str>,
        differences: Vec<Difference>,
    }
    let chunking = match chunking {
        "whole" => Chunking::Whole,
        "bytes" => Chunking::Bytes,
        "trailing" => Chunking::Trailing,
        _ => return Err(ImdsError::new("input", "chunking: expected `whole`, `bytes` or `trailing`")),
    };
    let records: BTreeMap<String, String> = read_json(records)?;
    let transcript = Transcript::parse(transcript)?;
    let run = transcript.run(chunking, &|name| records.get(name).cloned())?;
    let differences = run.differences.into_iter().map(|difference| Difference {
        line: difference.line,
        expected: difference.expected,
        actual: difference.actual,
    });
    let differences = differences.collect();
    Ok(json(&TranscriptRun { claim: transcript.claim(), text: run.text, rules: run.rules, differences }))
}
