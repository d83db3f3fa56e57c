//! The inputs of the transcripts in `tests/`, from which the targets generate their seeds.

use std::fs;
use std::io;
use std::path::Path;

use imds_conformance::transcript::{Input, Transcript};

use crate::stream;

/// The inputs of all transcripts without duplicates, in order.
#[derive(Default)]
pub struct Inputs {
    /// The bytes that one step sends.
    pub sent: Vec<Vec<u8>>,
    /// The bytes that all steps of a transcript send.
    pub streams: Vec<Vec<u8>>,
    /// Requests to EC2's Query API.
    pub forms: Vec<String>,
    /// Records, as JSON.
    pub records: Vec<String>,
    /// Fleets, as JSON.
    pub fleets: Vec<String>,
}

impl Inputs {
    /// Reads the transcripts in `tests/` below the root of the repository.
    pub fn read(root: &Path) -> io::Result<Inputs> {
        let mut files = Vec::new();
        for folder in [
            "tests/golden",
            "tests/transcripts",
            "tests/transcripts/clients",
            "tests/transcripts/ec2",
            "tests/transcripts/recorded",
        ] {
            for entry in fs::read_dir(root.join(folder))? {
                files.push(entry?.path());
            }
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        let mut inputs = Inputs::default();
        for file in files {
            let in_file = |error| io::Error::other(format!("{}: {error}", file.display()));
            inputs.add(&Transcript::parse(&fs::read_to_string(&file)?).map_err(in_file)?);
        }
        Ok(inputs)
    }

    fn add(&mut self, transcript: &Transcript) {
        let mut stream = Vec::new();
        for input in transcript.inputs(stream::token()) {
            match input {
                Input::Bytes(bytes) => {
                    stream.extend_from_slice(&bytes);
                    push(&mut self.sent, bytes);
                }
                Input::Form(form) => push(&mut self.forms, form.to_owned()),
                Input::Record(json) => push(&mut self.records, json.to_owned()),
                Input::Fleet(json) => push(&mut self.fleets, json.to_owned()),
            }
        }
        push(&mut self.streams, stream);
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The first input for each outcome, because many inputs have the same.
pub fn distinct_by_outcome<I, O: PartialEq>(
    inputs: impl IntoIterator<Item = I>,
    mut outcome: impl FnMut(&I) -> O,
) -> Vec<I> {
    let mut outcomes = Vec::new();
    let is_new = |input: &I| {
        let outcome = outcome(input);
        let is_new = !outcomes.contains(&outcome);
        if is_new {
            outcomes.push(outcome);
        }
        is_new
    };
    inputs.into_iter().filter(is_new).collect()
}
