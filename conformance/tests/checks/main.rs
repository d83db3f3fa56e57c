//! The checks that hold any endpoint hold ours, without a socket: every profile and record is green, and a service that
//! differs is red where it differs.

mod local;
mod wrong;

use std::collections::BTreeSet;

use imds::http::PROFILES;
use imds_conformance::fidelity::{Kind, behaviours};
use imds_conformance::{CHECKS, Finding, Options, Outcome, PLACEHOLDERS, run};

use local::{Faults, Local, NONE, full, ids};
use wrong::{NITRO, XEN};

#[test]
fn every_check_holds_on_ours_in_both_profiles_and_both_modes() {
    let article = include_str!("../../../examples/article.json");
    let mut records = vec![article.to_owned(), r#"{"instance_type": "t3.micro"}"#.to_owned(), full()];
    for kind in ["t3.micro", "t2.nano"] {
        records.extend(["optional", "required"].map(|tokens| {
            format!(
                r#"{{"instance_type": "{kind}", "role": {{"name": "node"}}, "metadata_options": {{"http_tokens": "{tokens}"}}}}"#
            )
        }));
    }
    let (mut all, mut passed) = (BTreeSet::new(), BTreeSet::new());
    let throttled = [NITRO, XEN].map(|record| Local::wrong(record, Faults { rate: Some(50), ..NONE }));
    for mut local in records.iter().map(|record| Local::new(record)).chain(throttled) {
        let report = local.report();
        let red: Vec<&Finding> = report.findings.iter().filter(|found| found.outcome == Outcome::Failed).collect();
        assert!(red.is_empty(), "{}: {red:#?}", local.instance.details().instance_type());
        assert_eq!((report.unknown, report.over), (Vec::new(), None));
        for found in report.findings {
            if found.outcome == Outcome::Passed {
                passed.insert(found.id.clone());
            }
            all.insert(found.id);
        }
    }
    assert_eq!(all.difference(&passed).collect::<Vec<_>>(), Vec::<&String>::new(), "never seen to hold");
}

/// What cannot be seen of the default instance, in either mode.
#[test]
fn what_is_not_seen_is_known() {
    let of = |options: &str| {
        let report = Local::new(&format!(r#"{{"instance_type": "t3.micro"{options}}}"#)).report();
        let unseen: Vec<String> = ids(&report, Outcome::Unseen).into_iter().map(String::from).collect();
        unseen.into_iter().filter(|id| !id.starts_with("category.")).collect::<Vec<_>>()
    };
    assert_eq!(of(""), ["token.missing", "credentials.form", "credentials.delivery", "throttle"]);
    assert_eq!(
        of(r#", "metadata_options": {"http_tokens": "required"}"#),
        ["forwarded.plain", "serve.v1", "credentials.form", "credentials.delivery", "throttle"]
    );
}

#[test]
fn the_profile_is_told_by_what_is_seen() {
    for (kind, name) in [("t3.micro", "nitro"), ("t2.nano", "xen")] {
        let report = Local::new(&format!(r#"{{"instance_type": "{kind}"}}"#)).report();
        assert_eq!(
            (report.profile.name, report.profile_by.as_str()),
            (name, "by the status line, Accept-Ranges, the token's first bytes")
        );
    }
}

#[test]
fn every_check_has_an_id_of_its_own_and_a_source_in_the_tables() {
    let behaviours = behaviours();
    for profile in PROFILES {
        for check in CHECKS {
            assert!(check.source(&behaviours, profile).is_some(), "{} cites {:?}", check.id, check.known);
        }
    }
    let mut ids = BTreeSet::new();
    for check in CHECKS {
        assert!(ids.insert(check.id), "{} is there twice", check.id);
        assert!(!check.id.starts_with("category."), "{}: so are the categories' called", check.id);
    }
}

/// What cannot be seen from outside is named here, with the reason.
#[test]
fn every_rule_profile_field_and_convention_that_can_be_seen_has_a_check() {
    let cited: BTreeSet<(Kind, String)> =
        CHECKS.iter().map(|check| (check.known.0, check.known.1.to_owned())).collect();
    let mut missing = Vec::new();
    for behaviour in behaviours() {
        let key = match behaviour.kind {
            Kind::ProfileField => behaviour.key.split_once('.').unwrap().1.to_owned(),
            Kind::Rule | Kind::Convention => behaviour.key.clone(),
            _ => continue,
        };
        if !cited.contains(&(behaviour.kind, key.clone())) && !UNSEEN.iter().any(|(unseen, _)| *unseen == key) {
            missing.push(key);
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

const UNSEEN: &[(&str, &str)] = &[
    ("credentials.failure", "the role would have to be one that cannot be assumed"),
    ("endpoint.disabled", "the run ends with it"),
    ("answer.hop-limit", "a socket does not tell how far its packets could have come"),
    ("credentials.rotation", "it takes an hour"),
    ("listing.public-keys", "the walk of the categories goes by it"),
    ("live_tags", "the tags would have to change"),
    ("options.pending", "the options would have to change"),
    ("token.generation", "the instance would have to be stopped"),
];

#[test]
fn a_run_sends_nothing_but_reads_tokens_and_what_is_refused() {
    let mut local = Local::new(r#"{"instance_type": "t3.micro"}"#);
    run(&mut local, Options::default()).unwrap();
    for request in &local.asked {
        let method = request.split(' ').next().unwrap();
        assert!(["GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE"].contains(&method), "{request}");
    }
    assert!(local.asked.len() < 300, "{} requests", local.asked.len());
}

#[test]
fn a_report_holds_no_token_and_no_value() {
    let record = r#"{"instance_type": "t3.micro", "role": {"name": "node"}, "user_data": "c2VjcmV0"}"#;
    let mut local = Local::new(record);
    let report = run(&mut local, Options { profile: None, intrusive: true }).unwrap();
    let text = format!("{report:?}");
    let details = local.instance.details();
    for secret in ["AQAEA", "ASIA", "AKIA", "SecretAccessKey\":", &details.instance_id, "secret"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

/// Whoever exports the checks has to know what to put into the braces.
#[test]
fn every_placeholder_is_named() {
    for (request, _) in CHECKS.iter().flat_map(|check| check.requests()) {
        for part in request.split('{').skip(1) {
            let name = part.split('}').next().unwrap();
            assert!(name.contains('*') || PLACEHOLDERS.iter().any(|(known, _)| *known == name), "{name} in {request}");
        }
    }
}
