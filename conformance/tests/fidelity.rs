//! FIDELITY.md is printed from the tables: `BLESS=1` writes it.
#![expect(clippy::disallowed_methods, reason = "the test reads the page, and writes it when blessing")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use imds::http::{PROFILE_FIELDS, Profile};
use imds_conformance::fidelity::{Behaviour, Kind, behaviours};

#[test]
fn the_page_says_what_the_tables_say() {
    let page = page(&behaviours());
    if std::env::var_os("BLESS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), page, "{PAGE} is printed from the tables: run with BLESS=1");
}

#[test]
fn every_behaviour_has_a_key_of_its_own_and_a_source() {
    let mut keys = BTreeSet::new();
    for behaviour in behaviours() {
        assert!(keys.insert((behaviour.kind, behaviour.key.clone())), "{} is there twice", behaviour.key);
        assert!(!behaviour.source.reference.is_empty(), "{} has no source", behaviour.key);
        assert!(!behaviour.what.is_empty(), "{} says nothing", behaviour.key);
    }
}

/// `name` is the profile itself; all else must be known from somewhere.
#[test]
fn every_field_of_a_profile_has_a_row_and_every_row_a_field() {
    let debug = format!("{:#?}", Profile::NITRO);
    let fields: Vec<&str> = debug
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once(": ").map(|(name, _)| name))
        .filter(|name| !name.starts_with(' ') && *name != "name")
        .collect();
    let rows: Vec<&str> = PROFILE_FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(fields, rows);
}

fn page(behaviours: &[Behaviour]) -> String {
    let mut page = String::from(INTRODUCTION);
    for (kind, title, key) in SECTIONS {
        write!(page, "\n## {title}\n\n| {key} | what | known | source |\n|---|---|---|---|\n").unwrap();
        for row in behaviours.iter().filter(|row| row.kind == *kind) {
            let cells = [&row.what, &row.certainty(), row.source.reference].map(|cell| cell.replace('|', "\\|"));
            writeln!(page, "| `{}` | {} | {} | {} |", row.key, cells[0], cells[1], cells[2]).unwrap();
        }
    }
    page
}

const PAGE: &str = "../FIDELITY.md";
const SECTIONS: &[(Kind, &str, &str)] = &[
    (Kind::Rule, "Rules, in the order in which they are asked", "rule"),
    (Kind::ProfileField, "What differs between generations", "profile and field"),
    (Kind::Convention, "Conventions", "convention"),
    (Kind::Category, "Categories of metadata", "path below the version"),
    (Kind::ErrorCode, "Errors of EC2's API", "code"),
];
const INTRODUCTION: &str = "\
# Fidelity

How each behaviour is known. *Seen* is in raw exchanges of the real service that somebody published, with how many; *documented*
is AWS's word; *inferred* follows from clients and the like; *chosen* is this project's own where nobody has shown the answer.
A real exchange wins over everything here: if you have one that differs, please send it.

This page is printed from the tables that the code runs on (`BLESS=1 cargo test -p imds --features control --test fidelity`).
";
