//! Every transcript in `tests/transcripts` and `tests/golden` runs whole, byte by byte and with
//! trailing bytes, and produces the expected lines. `BLESS=1` rewrites the files in
//! `tests/transcripts`. It never rewrites `tests/golden` and `tests/transcripts/recorded`, which have
//! exchanges of the real service.
#![expect(clippy::disallowed_methods, reason = "tests read transcripts and rewrite them when blessing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imds::connection::CloseReason;
use imds::limits::LIMITS;
use imds::metadata::categories;
use imds::rules::RULES;
use imds_conformance::transcript::{Chunking, Input, Run, Transcript};

#[test]
fn every_transcript_produces_the_expected_lines_in_any_chunking() {
    let mut wrong = Vec::new();
    for (path, transcript) in transcripts() {
        if is_blessing() && is_blessed(&path) {
            fs::write(&path, run(&transcript, Chunking::Whole).text).unwrap();
            continue;
        }
        for chunking in [Chunking::Whole, Chunking::Bytes, Chunking::Trailing] {
            for difference in run(&transcript, chunking).differences {
                wrong.push(format!(
                    "{}:{} ({chunking:?})\n  expected\n    {}\n  actual\n    {}",
                    path.display(),
                    difference.line,
                    difference.expected.join("\n    "),
                    difference.actual.join("\n    "),
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} steps produced other lines:\n{}", wrong.len(), wrong.join("\n"));
}

/// This includes a fleet in JSON, whose events follow it.
#[test]
fn the_text_of_a_run_parses_and_runs_again_without_differences() {
    let fleet = fs::read_to_string(folder("../examples/article-fleet.json")).unwrap();
    let text = ["# A fleet can be written as JSON.\n\nfleet ", fleet.trim(), "\n\n> GET / HTTP/1.1\n>\n"].concat();
    let written = run(&Transcript::parse(&text).unwrap(), Chunking::Whole).text;
    assert!(written.contains("\n= event launched "), "{written}");
    let again = run(&Transcript::parse(&written).unwrap(), Chunking::Whole);
    assert_eq!((again.differences.len(), again.text), (0, written));
}

#[test]
fn every_rule_category_limit_and_close_reason_has_a_transcript() {
    let (mut rules, mut served, mut limits, mut closes) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (_, transcript) in transcripts() {
        let run = run(&transcript, Chunking::Whole);
        rules.extend(run.rules);
        served.extend(run.categories.iter().map(|category| category.path()));
        limits.extend(transcript.limits().iter().cloned());
        closes.extend(run.closes);
    }
    let rules_without: Vec<_> = RULES.iter().map(|rule| rule.id).filter(|id| !rules.contains(id)).collect();
    let categories_without: Vec<_> =
        categories().iter().map(|category| category.path()).filter(|path| !served.contains(path)).collect();
    let is_covered = |name: &&str| limits.contains(*name) || LIMITS_WITHOUT_TRANSCRIPT.contains(name);
    let limits_without: Vec<_> = LIMITS.iter().map(|limit| limit.name).filter(|name| !is_covered(name)).collect();
    let closes_without: Vec<_> = close_reasons().filter(|reason| !closes.contains(reason)).collect();
    assert_eq!(rules_without, Vec::<&str>::new(), "rules without a transcript");
    assert_eq!(categories_without, Vec::<String>::new(), "categories without a transcript");
    assert_eq!(limits_without, Vec::<&str>::new(), "limits without a transcript");
    assert_eq!(closes_without, Vec::<&CloseReason>::new(), "close reasons without a transcript");
    let unknown: Vec<_> = limits.iter().filter(|name| LIMITS.iter().all(|limit| limit.name != **name)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "unknown limits");
}

#[test]
fn blessing_does_not_change_a_transcript_that_passes() {
    if is_blessing() {
        // Another test rewrites the files at the same time.
        return;
    }
    for (path, transcript) in transcripts().into_iter().filter(|(path, _)| is_blessed(path)) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(run(&transcript, Chunking::Whole).text == text, "blessing would change {}", path.display());
    }
}

#[test]
fn inputs_are_available_without_a_run() {
    let text = "# A claim.\ninstance {\"instance_type\":\n\"t3.micro\"}\n\n> GET {/*3}\\x00\n>- A: {token}\n= silence\nwait 1s\n";
    let transcript = Transcript::parse(text).unwrap();
    let inputs: Vec<Input<'_>> = transcript.inputs("secret").collect();
    assert!(
        inputs == [Input::Record("{\"instance_type\":\n\"t3.micro\"}"), Input::Bytes(b"GET ///\0\r\nA: secret".into())]
    );
}

fn run(transcript: &Transcript, chunking: Chunking) -> Run {
    let records = |name: &str| fs::read_to_string(Path::new("../examples").join(name).with_extension("json")).ok();
    transcript.run(chunking, &records).unwrap_or_else(|error| panic!("{}: {error}", transcript.claim()))
}

fn transcripts() -> Vec<(PathBuf, Transcript)> {
    let mut paths: Vec<PathBuf> =
        ["transcripts", "transcripts/clients", "transcripts/ec2", "transcripts/recorded", "golden"]
            .iter()
            .flat_map(|name| fs::read_dir(folder(name)).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
            .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no transcripts");
    let parse = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let transcript = Transcript::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, transcript)
    };
    paths.into_iter().map(parse).collect()
}

/// Whether `BLESS=1` rewrites the file.
fn is_blessed(path: &Path) -> bool {
    path.starts_with(folder("transcripts")) && !path.starts_with(folder("transcripts/recorded"))
}

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn folder(name: &str) -> PathBuf {
    Path::new("../tests").join(name)
}

/// All except `Shutdown`, which only a server initiates.
fn close_reasons() -> impl Iterator<Item = &'static CloseReason> {
    CloseReason::ALL.iter().filter(|reason| **reason != CloseReason::Shutdown)
}

/// Limits on queued and discarded bytes. No response shows them; `tests/limits.rs` tests them.
const LIMITS_WITHOUT_TRANSCRIPT: &[&str] = &["outbox-bytes", "send-rate", "drain-millis", "drain-bytes"];
