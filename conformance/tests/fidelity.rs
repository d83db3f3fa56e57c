//! FIDELITY.md is printed from the tables. `BLESS=1` rewrites it.
#![expect(clippy::disallowed_methods, reason = "the test reads the page and rewrites it when blessing")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use imds::http::{PROFILE_FIELDS, Profile};
use imds::rules::{Outcome, RULES, Rule};
use imds::source::Certainty;
use imds_conformance::fidelity::{Behaviour, BehaviourKind, behaviours};

#[test]
fn the_page_matches_the_tables() {
    let page = page(&behaviours());
    if std::env::var_os("BLESS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), page, "{PAGE} is printed from the tables: run with BLESS=1");
}

#[test]
fn every_behaviour_has_a_unique_key_a_description_and_a_source() {
    let mut keys = BTreeSet::new();
    for behaviour in behaviours() {
        assert!(keys.insert((behaviour.kind, behaviour.key.clone())), "duplicate key {}", behaviour.key);
        assert!(!behaviour.source.reference.is_empty(), "{} has no source", behaviour.key);
        assert!(!behaviour.description.is_empty(), "{} has no description", behaviour.key);
    }
}

/// All fields of a profile except its name need a source.
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

#[test]
fn no_shipped_client_meets_a_chosen_rejection() {
    let clients = fs::read_to_string(CLIENTS).unwrap();
    let rejections: Vec<_> = behaviours().into_iter().filter(is_chosen_rejection).collect();
    assert!(!rejections.is_empty());
    for row in rejections {
        assert_eq!(clients_that_meet(&row.key, &clients), "none", "{}: serve the request, or name a source", row.key);
    }
}

fn page(behaviours: &[Behaviour]) -> String {
    let mut page = String::from(INTRODUCTION);
    for (kind, title, key) in SECTIONS {
        write!(page, "\n## {title}\n\n| {key} | description | known | source |\n|---|---|---|---|\n").unwrap();
        for row in behaviours.iter().filter(|row| row.kind == *kind) {
            let cells = [&row.description, &row.certainty(), row.source.reference].map(|cell| cell.replace('|', "\\|"));
            writeln!(page, "| `{}` | {} | {} | {} |", row.key, cells[0], cells[1], cells[2]).unwrap();
        }
    }
    page.push_str(REJECTIONS);
    let clients = fs::read_to_string(CLIENTS).unwrap();
    for row in behaviours.iter().filter(|row| is_chosen_rejection(row)) {
        writeln!(page, "| `{}` | {} |", row.key, clients_that_meet(&row.key, &clients)).unwrap();
    }
    page
}

fn is_chosen_rejection(row: &Behaviour) -> bool {
    let is_rejection = |rule: &&Rule| rule.id == row.key && matches!(rule.outcome, Outcome::Reject(_));
    row.kind == BehaviourKind::Rule
        && row.source.certainty == Certainty::Chosen
        && RULES.iter().any(|rule| is_rejection(&rule))
}

/// The clients that a row of docs/clients.md names for a rule.
fn clients_that_meet<'a>(rule: &str, page: &'a str) -> &'a str {
    let row = page.lines().find(|line| line.starts_with(&format!("| `{rule}` |")));
    let clients = row.and_then(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    clients.unwrap_or_else(|| {
        panic!("{CLIENTS} lacks {rule}: run `BLESS=1 cargo test -p imds-clients --test every_client page`")
    })
}

const PAGE: &str = "../FIDELITY.md";
const SECTIONS: &[(BehaviourKind, &str, &str)] = &[
    (BehaviourKind::Rule, "Rules, in evaluation order", "rule"),
    (BehaviourKind::ProfileField, "Differences between generations", "profile and field"),
    (BehaviourKind::Convention, "Conventions", "convention"),
    (BehaviourKind::Category, "Metadata categories", "path below the version"),
    (BehaviourKind::ErrorCode, "Errors of EC2's Query API", "code"),
];
const CLIENTS: &str = "../docs/clients.md";
const REJECTIONS: &str = "
## Chosen rejections and clients

The rejections that this project chose, and the shipped clients that meet them. All clients of
[docs/clients.md](docs/clients.md) were tried against each.

| rule | clients that meet it |
|---|---|
";
const INTRODUCTION: &str = "\
# Fidelity

How each behaviour of EC2 is known:

* *seen*: in published raw exchanges with the real service, with the number of exchanges
* *documented*: by AWS
* *inferred*: from clients and other evidence
* *chosen*: by this project, because no response of the real service is known

A real exchange takes precedence over everything on this page. If you have one that differs, please
open an issue with it.

This page is printed from the tables that the code uses:
`BLESS=1 cargo test -p imds-conformance --test fidelity`.
";
