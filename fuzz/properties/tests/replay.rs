//! Every input that is kept runs again, on stable and without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use imds_fuzz::{TARGETS, Target};

#[test]
fn every_input_that_is_kept_holds() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        let files: Vec<PathBuf> = ["corpus", "regressions"].iter().flat_map(|kind| kept(kind, target)).collect();
        assert!(!files.is_empty(), "{}: nothing is kept", target.name);
        println!("{}: {} inputs: {}", target.name, files.len(), target.property);
        for file in files {
            let data = fs::read(&file).unwrap();
            if catch_unwind(AssertUnwindSafe(|| (target.run)(&data))).is_err() {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "these do not hold: {wrong:#?}");
}

/// Whatever it is cut to: what is left is mostly no input that anybody made.
#[test]
fn every_beginning_of_a_small_input_holds() {
    for target in TARGETS {
        for file in kept("corpus", target) {
            let data = fs::read(&file).unwrap();
            for length in 0..data.len().min(256) {
                (target.run)(&data[..length]);
            }
        }
    }
}

#[test]
fn every_target_has_a_harness_and_none_is_left_over() {
    let harnesses: BTreeSet<String> = fs::read_dir(folder("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(harnesses, names);
    for name in names {
        let text = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(text.contains(&format!("imds_fuzz::run(\"{name}\", data)")), "{name}.rs runs something else");
    }
}

#[test]
fn the_readme_tells_every_theorem() {
    let text = fs::read_to_string(folder("README.md")).unwrap();
    for Target { name, property, .. } in TARGETS {
        assert!(text.contains(&format!("| `{name}` | {property} |")), "{name} is told otherwise in fuzz/README.md");
    }
}

/// What is kept of a target.
fn kept(kind: &str, target: &Target) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder(kind).join(target.name)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}
