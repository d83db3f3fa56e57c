//! SECURITY.md names what holds each promise. Here: all of that exists.

#![expect(
    clippy::disallowed_methods,
    reason = "it is the core that may not read files, not the test that reads the repository"
)]

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_the_security_notes_name_exists() {
    let page = read("SECURITY.md").unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat ")).collect();
    assert!(rows.len() > 20, "the tables are not found: {rows:?}");
    let faults: Vec<String> = rows.iter().flat_map(|row| faults(row)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The test above cannot fail where this sees nothing wrong.
#[test]
fn what_is_not_there_is_told() {
    let told = |held_by: &str| faults(&format!("| a threat | what happens | {held_by} |")).join("\n");
    assert_eq!(told("`tests/security.rs::what_is_not_there_is_told` `tests/transcripts/tokens.txt`"), "");
    assert!(told("nothing").contains("nothing holds"));
    assert!(told("`tests/nothing.txt`").contains("is no file"));
    assert!(told("`tests/nothing.rs::test`").contains("is no file"));
    assert!(told("`tests/security.rs::no_such_test`").contains("has no test"));
    assert!(told("`tests/security.rs::faults`").contains("has no test"), "a function is no test");
}

/// What is wrong with a row: the last of its three columns has names in backticks, FILE or FILE::TEST.
fn faults(row: &str) -> Vec<String> {
    let columns: Vec<&str> = row.trim_matches('|').split(" | ").collect();
    let [_, _, held_by] = columns[..] else { return vec![format!("{row}: not three columns")] };
    let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        return vec![format!("{row}: nothing holds it")];
    }
    names.into_iter().filter_map(fault).collect()
}

fn fault(name: &str) -> Option<String> {
    let (file, test) = name.split_once("::").map_or((name, None), |(file, test)| (file, Some(test)));
    let Ok(text) = read(file) else { return Some(format!("{name}: {file} is no file")) };
    let test = test?;
    let is_there = is_test(&text, test);
    (!is_there).then(|| format!("{name}: {file} has no test of that name"))
}

/// Whether an attribute of a test stands before the function, with nothing but others between; proptest's functions have it too.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = format!("fn {name}(");
    lines.iter().enumerate().filter(|(_, line)| line.contains(&begins)).any(|(at, _)| {
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with('#') || line.starts_with("//"))
            .any(|line| *line == "#[test]")
    })
}

fn read(file: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
}
