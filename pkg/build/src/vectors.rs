//! Results of the native build for every transcript and for random streams. The package must have
//! the same results.

use std::fs;
use std::path::Path;

use imds::connection::{Connection, KeepAlive};
use imds::record::DEFAULT_RECORD;
use imds::{Context, Nonce, Record, Seed, Timestamp};
use imds_conformance::transcript::{Chunking, Transcript};
use imds_ec2::Fleet;
use imds_ec2::fleet::Settings;
use serde_json::{Map, Value, json};

use crate::streams::{Stream, streams};
use crate::{about, calls, root};

const STREAMS: usize = 10_000;
const NOW: u64 = 1_767_225_600_000;
const SEED: &str = "2a";

/// Writes the results as JSON. Each byte is one character of text.
pub fn write(file: &Path) -> Result<(), String> {
    let records = records()?;
    let vectors = json!({
        "transcripts": transcripts(&records)?,
        "records": records,
        "streams": { "now": NOW, "seed": SEED, "all": run_streams()? },
    });
    fs::write(file, vectors.to_string()).map_err(about(file.display()))
}

/// Writes the calls of the C ABI of every transcript that needs no fleet.
pub fn write_calls(file: &Path) -> Result<(), String> {
    let records = records()?;
    let record = |name: &str| records.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut text = String::new();
    for path in transcript_files()? {
        let transcript = Transcript::parse(&read(&path)?).map_err(about(&path))?;
        for chunking in [Chunking::Whole, Chunking::Bytes] {
            if let Some(calls) = calls::of(&transcript, chunking, &record).map_err(about(&path))? {
                text.push_str(&format!("transcript {path}\n{calls}"));
            }
        }
    }
    fs::write(file, text).map_err(about(file.display()))
}

fn records() -> Result<Map<String, Value>, String> {
    let mut records = Map::new();
    for path in files("examples", "json")? {
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        records.insert(name, read(&path)?.into());
    }
    Ok(records)
}

fn transcripts(records: &Map<String, Value>) -> Result<Vec<Value>, String> {
    let mut transcripts = Vec::new();
    for path in transcript_files()? {
        let text = read(&path)?;
        let transcript = Transcript::parse(&text).map_err(about(&path))?;
        let run = |chunking| {
            let record = |name: &str| records.get(name).and_then(Value::as_str).map(str::to_owned);
            transcript.run(chunking, &record).map(|run| run.text).map_err(about(&path))
        };
        transcripts.push(json!({
            "path": path,
            "text": text,
            "whole": run(Chunking::Whole)?,
            "bytes": run(Chunking::Bytes)?,
            "trailing": run(Chunking::Trailing)?,
        }));
    }
    Ok(transcripts)
}

fn transcript_files() -> Result<Vec<String>, String> {
    let folders = [
        "tests/transcripts",
        "tests/transcripts/clients",
        "tests/transcripts/ec2",
        "tests/transcripts/recorded",
        "tests/golden",
    ];
    let mut paths = Vec::new();
    for folder in folders {
        paths.extend(files(folder, "txt")?);
    }
    Ok(paths)
}

/// The streams, each with its responses from one native service.
fn run_streams() -> Result<Vec<Value>, String> {
    let now = Timestamp::saturating_from_millis(NOW);
    let record = Record::from_json(DEFAULT_RECORD).map_err(about("the default record"))?;
    let seed = Seed::parse_hex(SEED).map_err(about("the seed"))?;
    let fleet = Fleet::from_record(record, Settings::default(), seed, now).map_err(about("the default record"))?;
    let mut service = Service { fleet, now, nonce: 0, token: String::new() };
    let mut random = streams();
    let all = (0..STREAMS).map(|_| {
        let stream = random.next(&service.token);
        let (bytes, rules, close) = service.serve(&stream);
        json!({
            "chunks": stream.chunks.iter().map(|chunk| text(chunk)).collect::<Vec<_>>(),
            "keepAlive": stream.keep_alive,
            "bytes": text(&bytes),
            "rules": rules,
            "close": close,
        })
    });
    Ok(all.collect())
}

struct Service {
    fleet: Fleet,
    now: Timestamp,
    nonce: u64,
    /// The last token that was issued.
    token: String,
}

impl Service {
    /// Receives the chunks and the end of the stream, and returns the sent bytes, the rules that
    /// decided and the close reason.
    fn serve(&mut self, stream: &Stream) -> (Vec<u8>, Vec<&'static str>, Option<String>) {
        let keep_alive = if stream.keep_alive { KeepAlive::On } else { KeepAlive::Off };
        let mut connection = Connection::new(self.now, keep_alive);
        let (mut bytes, mut rules) = (Vec::new(), Vec::new());
        for chunk in &stream.chunks {
            let mut rest = chunk.as_slice();
            loop {
                let taken = connection.receive(self.now, rest);
                rest = &rest[taken..];
                let answered = self.answer(&mut connection, &mut bytes, &mut rules);
                if rest.is_empty() || (taken == 0 && !answered) {
                    break;
                }
            }
        }
        connection.receive_eof();
        self.answer(&mut connection, &mut bytes, &mut rules);
        (bytes, rules, connection.close_reason().map(|reason| format!("{reason:?}")))
    }

    fn answer(&mut self, connection: &mut Connection, bytes: &mut Vec<u8>, rules: &mut Vec<&'static str>) -> bool {
        let mut answered = false;
        loop {
            let Some(request) = connection.poll_request(self.now) else { return answered };
            let Some(member) = self.fleet.first_launched() else { return answered };
            let answer = member.instance().answer(self.now, &request, Context::new(Nonce::new(self.nonce)));
            self.nonce += 1;
            answered = true;
            rules.push(answer.rule().id);
            connection.respond(self.now, &answer.response).expect("a request is outstanding");
            if let Some(transmit) = connection.poll_transmit() {
                bytes.extend_from_slice(transmit.bytes);
                if rules.last() == Some(&"serve.token") && bytes.len() >= TOKEN_CHARS {
                    self.token = text(&bytes[bytes.len() - TOKEN_CHARS..]);
                }
            }
            connection.advance_transmit(self.now, usize::MAX);
        }
    }
}

fn files(folder: &str, extension: &str) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(folder)).map_err(about(folder))? {
        let path = entry.map_err(about(folder))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy()));
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(about(path))
}

/// One character for each byte.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

const TOKEN_CHARS: usize = 56;
