//! The sources of the crates that ship match the tables in tables.rs: which module imports which,
//! no cycle of files, where a dependency is named, banned words and the length of files. Cargo
//! enforces the arrows between crates.

#![expect(
    clippy::disallowed_methods,
    reason = "the ban on file access applies to the core, not to this test, which reads the core's sources"
)]

mod graph;
mod map;
mod paths;
mod reader;
mod rules;
mod self_tests;
mod tables;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use graph::Graph;
use reader::File;
use tables::{CRATES, KNOWN_CYCLES};

#[test]
fn modules_import_only_what_the_table_allows() {
    let violations =
        CRATES.iter().flat_map(|table| rules::forbidden_edges(table, &Graph::new(table.root, &FILES).edges));
    assert_none(violations);
}

#[test]
fn every_allowed_arrow_is_used() {
    let violations = CRATES.iter().flat_map(|table| rules::unused_arrows(table, &Graph::new(table.root, &FILES).edges));
    assert_none(violations);
}

#[test]
fn every_module_has_a_row_and_every_row_a_module() {
    let with_table = CRATES.iter().filter(|table| !table.modules.is_empty());
    assert_none(with_table.flat_map(|table| rules::table_differences(table, &FILES)));
}

#[test]
fn the_table_points_one_way() {
    assert_none(CRATES.iter().flat_map(rules::arrows_upward));
}

#[test]
fn no_files_import_each_other() {
    assert_none(CRATES.iter().flat_map(|table| Graph::new(table.root, &FILES).cycles(KNOWN_CYCLES)));
}

#[test]
fn every_known_cycle_exists() {
    let graphs: Vec<_> = CRATES.iter().map(|table| Graph::new(table.root, &FILES)).collect();
    assert_none(rules::solved_cycles(&graphs, KNOWN_CYCLES));
}

#[test]
fn a_dependency_is_named_only_in_its_home() {
    assert_none(FILES.iter().flat_map(rules::dependencies_outside_home));
}

#[test]
fn no_file_contains_a_banned_word() {
    assert_none(FILES.iter().flat_map(rules::banned_words));
}

#[test]
fn no_file_is_too_long() {
    assert_none(FILES.iter().filter_map(rules::too_long));
}

#[test]
fn the_map_lists_every_part_of_a_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let sections = map::sections(&page);
    assert_eq!(sections.len(), 4, "the crates with a table of their parts");
    assert_none(sections.iter().flat_map(|(folder, listed)| {
        let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| {
            let entry = entry.unwrap();
            let slash = if entry.file_type().unwrap().is_dir() { "/" } else { "" };
            format!("{}{slash}", entry.file_name().to_str().unwrap())
        });
        map::differences(folder, listed, &entries.collect::<Vec<_>>())
    }));
}

/// Every file of the crates except those that contain only tests.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut files = Vec::new();
    for table in CRATES {
        let before = files.len();
        read_folder(table.root.trim_end_matches('/'), &mut files);
        assert!(files.len() > before, "{} has no Rust file", table.root);
    }
    files
});

fn read_folder(folder: &str, files: &mut Vec<File>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_folder(&path, files);
        } else if path.ends_with(".rs") && !path.ends_with("/tests.rs") {
            files.push(File::new(&path, &fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

fn assert_none(violations: impl IntoIterator<Item = String>) {
    let lines: Vec<String> = violations.into_iter().map(|line| format!("  {line}\n")).collect();
    assert!(
        lines.is_empty(),
        "the sources, tests/architecture/tables.rs and ARCHITECTURE.md do not agree:\n{}",
        lines.concat()
    );
}
