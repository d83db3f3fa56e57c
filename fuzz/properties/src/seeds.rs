//! What the recorded exchanges in `tests/` put in, for fuzzing to begin with.

use std::fs;
use std::io;
use std::path::Path;

use imds_conformance::transcript::{Input, Transcript};

use crate::stream;

/// The inputs of all stories, each once, in their order.
#[derive(Default)]
pub struct Inputs {
    /// What one step sends.
    pub sent: Vec<Vec<u8>>,
    /// What the steps of a story send, one behind the other.
    pub streams: Vec<Vec<u8>>,
    /// Forms to EC2's API.
    pub forms: Vec<String>,
    /// Records.
    pub records: Vec<String>,
    /// Fleets.
    pub fleets: Vec<String>,
}

impl Inputs {
    /// Reads the stories below `tests/`.
    pub fn read(root: &Path) -> io::Result<Inputs> {
        let mut files = Vec::new();
        for folder in ["tests/golden", "tests/transcripts", "tests/transcripts/ec2"] {
            for entry in fs::read_dir(root.join(folder))? {
                files.push(entry?.path());
            }
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        let mut inputs = Inputs::default();
        for file in files {
            let told = |error| io::Error::other(format!("{}: {error}", file.display()));
            inputs.add(&Transcript::parse(&fs::read_to_string(&file)?).map_err(told)?);
        }
        Ok(inputs)
    }

    fn add(&mut self, story: &Transcript) {
        let mut stream = Vec::new();
        for input in story.inputs(stream::token()) {
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

/// Those of which something new comes, for there are many that bring the same.
pub fn distinct<I, O: PartialEq>(inputs: impl IntoIterator<Item = I>, mut outcome: impl FnMut(&I) -> O) -> Vec<I> {
    let mut seen = Vec::new();
    let is_new = |input: &I| {
        let outcome = outcome(input);
        let is_new = !seen.contains(&outcome);
        if is_new {
            seen.push(outcome);
        }
        is_new
    };
    inputs.into_iter().filter(is_new).collect()
}
