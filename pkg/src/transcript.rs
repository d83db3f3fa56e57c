//! Transcripts, played by the core.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use imds::record::read_json;
use imds_conformance::transcript::{Chunking, Transcript};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Thrown;
use crate::service::json;

/// Plays a story in its own fleet. `records` is JSON: names to the texts of records and fleets. Gives JSON.
#[wasm_bindgen]
pub fn play(story: &str, chunking: &str, records: &str) -> Result<String, Thrown> {
    #[derive(Serialize)]
    struct Difference {
        line: usize,
        expected: Vec<String>,
        actual: Vec<String>,
    }
    #[derive(Serialize)]
    struct Played<'a> {
        claim: &'a str,
        text: String,
        rules: Vec<&'static str>,
        differences: Vec<Difference>,
    }
    let chunking = match chunking {
        "whole" => Chunking::Whole,
        "bytes" => Chunking::Bytes,
        "trailing" => Chunking::Trailing,
        _ => return Err(Thrown::new("input", "a chunking is `whole`, `bytes` or `trailing`")),
    };
    let records: BTreeMap<String, String> = read_json(records)?;
    let transcript = Transcript::parse(story)?;
    let run = transcript.run(chunking, &|name| records.get(name).cloned())?;
    let differences = run.differences.into_iter().map(|difference| Difference {
        line: difference.line,
        expected: difference.expected,
        actual: difference.actual,
    });
    let differences = differences.collect();
    Ok(json(&Played { claim: transcript.claim(), text: run.text, rules: run.rules, differences }))
}
