//! Replays the corpora and regressions, on stable Rust without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use imds_fuzz::{TARGETS, Target};

#[test]
fn every_committed_input_passes() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        let files: Vec<PathBuf> = ["corpus", "regressions"].iter().flat_map(|kind| inputs(kind, target)).collect();
        assert!(!files.is_empty(), "{}: no inputs", target.name);
        println!("{}: {} inputs: {}", target.name, files.len(), target.property);
        for file in files {
            let data = fs::read(&file).unwrap();
            if catch_unwind(AssertUnwindSafe(|| (target.run)(&data))).is_err() {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "failing inputs: {wrong:#?}");
}

/// Truncated inputs are mostly invalid.
#[test]
fn every_prefix_of_a_committed_input_passes() {
    for target in TARGETS {
        for file in inputs("corpus", target) {
            let data = fs::read(&file).unwrap();
            for length in 0..data.len().min(256) {
                (target.run)(&data[..length]);
            }
        }
    }
}

#[test]
fn every_target_has_a_harness_and_every_harness_a_target() {
    let harnesses: BTreeSet<String> = fs::read_dir(folder("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(harnesses, names);
    for name in names {
        let text = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(text.contains(&format!("imds_fuzz::run(\"{name}\", data)")), "{name}.rs runs another target");
    }
}

#[test]
fn the_readme_has_every_property() {
    let text = fs::read_to_string(folder("README.md")).unwrap();
    for Target { name, property, .. } in TARGETS {
        assert!(text.contains(&format!("| `{name}` | {property} |")), "fuzz/README.md has another property for {name}");
    }
}

/// The committed inputs of a target: `corpus` or `regressions`.
fn inputs(kind: &str, target: &Target) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder(kind).join(target.name)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}
