//! SECURITY.md names a test for each threat. These tests exist.

#![expect(
    clippy::disallowed_methods,
    reason = "it is the core that may not read files, not the test that reads the repository"
)]

use std::fs;
use std::path::Path;

#[test]
fn every_test_named_in_security_md_exists() {
    let page = read("SECURITY.md").unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat ")).collect();
    assert!(rows.len() > 20, "the tables are not found: {rows:?}");
    let faults: Vec<String> = rows.iter().flat_map(|row| faults(row)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The test above can fail.
#[test]
fn a_missing_file_or_test_is_reported() {
    let faults_of = |tests: &str| faults(&format!("| a threat | what happens | {tests} |")).join("\n");
    assert_eq!(faults_of("`tests/security.rs::a_missing_file_or_test_is_reported` `tests/transcripts/tokens.txt`"), "");
    assert!(faults_of("nothing").contains("no test is named"));
    assert!(faults_of("`tests/nothing.txt`").contains("is not a file"));
    assert!(faults_of("`tests/nothing.rs::test`").contains("is not a file"));
    assert!(faults_of("`tests/security.rs::no_such_test`").contains("has no test"));
    assert!(faults_of("`tests/security.rs::faults`").contains("has no test"), "a function is not a test");
}

/// The faults of a row. The last of its three columns has names in backticks: FILE or FILE::TEST.
fn faults(row: &str) -> Vec<String> {
    let columns: Vec<&str> = row.trim_matches('|').split(" | ").collect();
    let [_, _, tests] = columns[..] else { return vec![format!("{row}: not three columns")] };
    let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        return vec![format!("{row}: no test is named")];
    }
    names.into_iter().filter_map(fault).collect()
}

fn fault(name: &str) -> Option<String> {
    let (file, test) = name.split_once("::").map_or((name, None), |(file, test)| (file, Some(test)));
    let Ok(text) = read(file) else { return Some(format!("{name}: {file} is not a file")) };
    let test = test?;
    let is_there = is_test(&text, test);
    (!is_there).then(|| format!("{name}: {file} has no test of that name"))
}

/// Returns `true` if the function has the attribute of a test. proptest's functions have it too.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = format!("fn {name}(");
    lines.iter().enumerate().filter(|(_, line)| line.contains(&begins)).any(|(at, _)| {
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with('#') || line.starts_with("//"))
            .any(|line| *line == "#[test]" || line.starts_with("#[tokio::test"))
    })
}

fn read(file: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
}
