//! Every story in `tests/transcripts` and `tests/golden` runs whole, byte by byte and with trailing bytes, and brings what it
//! says. `BLESS=1` writes what the stories of `tests/transcripts` bring; golden exchanges of the real service are never
//! written.
#![expect(clippy::disallowed_methods, reason = "tests read the stories and write them when blessing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imds::connection::CloseReason;
use imds::limits::LIMITS;
use imds::metadata::categories;
use imds::rules::RULES;
use imds_conformance::transcript::{Chunking, Input, Run, Transcript};

#[test]
fn every_story_brings_what_it_says_in_any_chunking() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (path, transcript) in stories() {
        if bless && path.starts_with(folder("transcripts")) {
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
    assert!(wrong.is_empty(), "{} steps brought something else:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a run writes is a story: one in which a fleet stands in JSON too, with what launching it brought behind it.
#[test]
fn what_a_run_writes_is_read_and_brings_the_same() {
    let fleet = fs::read_to_string(folder("../examples/article-fleet.json")).unwrap();
    let told =
        ["# A fleet in JSON is a step like any other.\n\nfleet ", fleet.trim(), "\n\n> GET / HTTP/1.1\n>\n"].concat();
    let written = run(&Transcript::parse(&told).unwrap(), Chunking::Whole).text;
    assert!(written.contains("\n= event launched "), "{written}");
    let again = run(&Transcript::parse(&written).unwrap(), Chunking::Whole);
    assert_eq!((again.differences.len(), again.text), (0, written));
}

#[test]
fn every_rule_category_limit_and_close_reason_has_a_story() {
    let (mut rules, mut kinds, mut limits, mut closes) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (_, transcript) in stories() {
        let run = run(&transcript, Chunking::Whole);
        rules.extend(run.rules);
        kinds.extend(run.categories.iter().map(|category| category.path()));
        limits.extend(transcript.limits().iter().cloned());
        closes.extend(run.closes);
    }
    let rules_without: Vec<_> = RULES.iter().map(|rule| rule.id).filter(|id| !rules.contains(id)).collect();
    let categories_without: Vec<_> =
        categories().iter().map(|category| category.path()).filter(|path| !kinds.contains(path)).collect();
    let told = |name: &&str| limits.contains(*name) || ELSEWHERE.contains(name);
    let limits_without: Vec<_> = LIMITS.iter().map(|limit| limit.name).filter(|name| !told(name)).collect();
    let closes_without: Vec<_> = CLOSE_REASONS.iter().filter(|reason| !closes.contains(reason)).collect();
    assert_eq!(rules_without, Vec::<&str>::new(), "rules without a story");
    assert_eq!(categories_without, Vec::<String>::new(), "categories without a story");
    assert_eq!(limits_without, Vec::<&str>::new(), "limits without a story");
    assert_eq!(closes_without, Vec::<&CloseReason>::new(), "close reasons without a story");
    let unknown: Vec<_> = limits.iter().filter(|name| LIMITS.iter().all(|limit| limit.name != **name)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "limits that no table knows");
}

#[test]
fn blessing_a_story_that_holds_leaves_it_as_it_is() {
    for (path, transcript) in stories().into_iter().filter(|(path, _)| path.starts_with(folder("transcripts"))) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(run(&transcript, Chunking::Whole).text == text, "{} would be written anew", path.display());
    }
}

#[test]
fn what_the_steps_of_a_story_put_in_can_be_had_without_running_it() {
    let story = "# A claim.\ninstance {\"instance_type\":\n\"t3.micro\"}\n\n> GET {/*3}\\x00\n>- A: {token}\n= silence\nwait 1s\n";
    let transcript = Transcript::parse(story).unwrap();
    let inputs: Vec<Input<'_>> = transcript.inputs("secret").collect();
    assert!(
        inputs == [Input::Record("{\"instance_type\":\n\"t3.micro\"}"), Input::Bytes(b"GET ///\0\r\nA: secret".into())]
    );
}

fn run(transcript: &Transcript, chunking: Chunking) -> Run {
    let records = |name: &str| fs::read_to_string(Path::new("../examples").join(name).with_extension("json")).ok();
    transcript.run(chunking, &records).unwrap_or_else(|error| panic!("{}: {error}", transcript.claim()))
}

fn stories() -> Vec<(PathBuf, Transcript)> {
    let mut paths: Vec<PathBuf> = ["transcripts", "transcripts/ec2", "golden"]
        .iter()
        .flat_map(|name| fs::read_dir(folder(name)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no stories");
    let parse = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let transcript = Transcript::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, transcript)
    };
    paths.into_iter().map(parse).collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new("../tests").join(name)
}

/// All but `Shutdown`, which no story can bring: the server says when.
const CLOSE_REASONS: &[CloseReason] = &[
    CloseReason::Answered,
    CloseReason::Asked,
    CloseReason::Unframed,
    CloseReason::EndOfInput,
    CloseReason::Truncated,
    CloseReason::Idle,
    CloseReason::SlowHead,
    CloseReason::SlowBody,
    CloseReason::SlowReader,
];

/// Limits of what is queued or dropped, which no answer shows: `tests/limits.rs` holds them.
const ELSEWHERE: &[&str] = &["outbox-bytes", "drain-millis", "drain-bytes"];
