//! The checks, run against this implementation without a socket: every profile and record passes,
//! and an implementation with a fault fails exactly the checks of that fault.

mod faulty;
mod in_process;

use std::collections::BTreeSet;

use imds::http::PROFILES;
use imds_conformance::fidelity::{BehaviourKind, behaviours};
use imds_conformance::{
    CHECKS, CheckOptions, Endpoint, Finding, NoReply, Outcome, PLACEHOLDERS, Pace, RawResponse, run,
};

use faulty::{NITRO, XEN};
use in_process::{Faults, InProcess, NONE, full, ids};

#[test]
fn every_check_passes_in_both_profiles_and_both_token_modes() {
    let article = include_str!("../../../examples/article.json");
    let mut records = vec![article.to_owned(), r#"{"instance_type": "t3.micro"}"#.to_owned(), full()];
    for instance_type in ["t3.micro", "t2.nano"] {
        records.extend(["optional", "required"].map(|tokens| {
            format!(
                r#"{{"instance_type": "{instance_type}", "role": {{"name": "node"}}, "metadata_options": {{"http_tokens": "{tokens}"}}}}"#
            )
        }));
    }
    let (mut all, mut passed) = (BTreeSet::new(), BTreeSet::new());
    let throttled = [NITRO, XEN].map(|record| InProcess::faulty(record, Faults { rate: Some(50), ..NONE }));
    for mut endpoint in records.iter().map(|record| InProcess::new(record)).chain(throttled) {
        let report = endpoint.report();
        let failed: Vec<&Finding> =
            report.findings.iter().filter(|finding| finding.outcome == Outcome::Failed).collect();
        assert!(failed.is_empty(), "{}: {failed:#?}", endpoint.instance.details().instance_type());
        assert_eq!((report.unknown, report.stop_reason), (Vec::new(), None));
        for finding in report.findings {
            if finding.outcome == Outcome::Passed {
                passed.insert(finding.id.clone());
            }
            all.insert(finding.id);
        }
    }
    assert_eq!(all.difference(&passed).collect::<Vec<_>>(), Vec::<&String>::new(), "checks that never passed");
}

#[test]
fn the_checks_not_observed_on_the_default_instance_are_known() {
    let not_observed = |options: &str| {
        let report = InProcess::new(&format!(r#"{{"instance_type": "t3.micro"{options}}}"#)).report();
        let ids: Vec<String> = ids(&report, Outcome::NotObserved).into_iter().map(String::from).collect();
        ids.into_iter().filter(|id| !id.starts_with("category.")).collect::<Vec<_>>()
    };
    assert_eq!(
        not_observed(""),
        [
            "token.method.required",
            "token.missing",
            "check_order",
            "check_order.method",
            "credentials.form",
            "credentials.delivery",
            "throttle"
        ]
    );
    assert_eq!(
        not_observed(r#", "metadata_options": {"http_tokens": "required"}"#),
        ["forwarded.plain", "serve.v1", "credentials.form", "credentials.delivery", "throttle"]
    );
}

#[test]
fn the_profile_is_detected_from_the_responses() {
    for (instance_type, name) in [("t3.micro", "nitro"), ("t2.nano", "xen")] {
        let report = InProcess::new(&format!(r#"{{"instance_type": "{instance_type}"}}"#)).report();
        assert_eq!(
            (report.profile.name, report.profile_evidence.as_str()),
            (name, "by the status line, Accept-Ranges, the token's first bytes")
        );
    }
}

#[test]
fn every_check_has_a_unique_id_and_a_source() {
    let behaviours = behaviours();
    for profile in PROFILES {
        for check in CHECKS {
            assert!(check.source(&behaviours, profile).is_some(), "{}: no row for {:?}", check.id, check.behaviour);
        }
    }
    let mut ids = BTreeSet::new();
    for check in CHECKS {
        assert!(ids.insert(check.id), "duplicate id {}", check.id);
        assert!(!check.id.starts_with("category."), "{}: the prefix is reserved for categories", check.id);
    }
}

#[test]
fn every_observable_rule_profile_field_and_convention_has_a_check() {
    let tested: BTreeSet<(BehaviourKind, String)> =
        CHECKS.iter().map(|check| (check.behaviour.0, check.behaviour.1.to_owned())).collect();
    let mut untested = Vec::new();
    for behaviour in behaviours() {
        let key = match behaviour.kind {
            BehaviourKind::ProfileField => behaviour.key.split_once('.').unwrap().1.to_owned(),
            BehaviourKind::Rule | BehaviourKind::Convention => behaviour.key.clone(),
            _ => continue,
        };
        let is_observable = !NOT_OBSERVABLE.iter().any(|(known, _)| *known == key);
        if is_observable && !tested.contains(&(behaviour.kind, key.clone())) {
            untested.push(key);
        }
    }
    assert_eq!(untested, Vec::<String>::new());
}

/// The behaviours that a run cannot observe, each with the reason.
const NOT_OBSERVABLE: &[(&str, &str)] = &[
    ("credentials.failure", "it needs a role that cannot be assumed"),
    ("endpoint.disabled", "a run ends if the endpoint is disabled"),
    ("answer.hop-limit", "a socket does not show the hop limit of received packets"),
    ("credentials.rotation", "it takes an hour"),
    ("listing.public-keys", "reading the categories tests it"),
    ("bare_ami_device", "a record can name the devices in another way"),
    ("live_tags", "it needs a change of the tags"),
    ("options.pending", "it needs a change of the options"),
    ("token.generation", "it needs a stop and start of the instance"),
];

#[test]
fn a_run_sends_a_bounded_number_of_requests_with_known_methods() {
    let mut endpoint = InProcess::new(r#"{"instance_type": "t3.micro"}"#);
    run(&mut endpoint, CheckOptions::default()).unwrap();
    for request in &endpoint.requests {
        let method = request.split(' ').next().unwrap();
        assert!(["GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE"].contains(&method), "{request}");
    }
    assert!(endpoint.requests.len() < 300, "{} requests", endpoint.requests.len());
}

#[test]
fn a_run_stops_when_the_endpoint_no_longer_responds() {
    let no_reply = || NoReply::Unanswered("no response in time".to_owned());
    let mut endpoint = Stopping { endpoint: InProcess::new(NITRO), answered: 30, no_reply, requests: 0 };
    let report = run(&mut endpoint, CheckOptions::default()).unwrap();
    assert_eq!(report.stop_reason.as_deref(), Some("the endpoint no longer responds"));
    assert_eq!(report.findings.last().unwrap().outcome, Outcome::NotObserved);
    let failed = report.findings.iter().filter(|finding| finding.observed.ends_with(": no response in time"));
    assert_eq!(failed.clone().count(), 8);
    assert!(failed.clone().all(|finding| finding.outcome == Outcome::Failed));
    // One more tests whether the endpoint responds at all.
    assert_eq!(endpoint.requests, 30 + 8 + 1);
}

#[test]
fn a_run_stops_at_a_limit_of_the_endpoint() {
    let no_reply = || NoReply::LimitReached("the time is over".to_owned());
    let mut endpoint = Stopping { endpoint: InProcess::new(NITRO), answered: 30, no_reply, requests: 0 };
    let report = run(&mut endpoint, CheckOptions::default()).unwrap();
    assert_eq!(report.stop_reason.as_deref(), Some("the time is over"));
    assert!(report.findings.iter().all(|finding| finding.outcome != Outcome::Failed));
    let last = report.findings.last().unwrap();
    assert_eq!((last.outcome, last.observed.as_str()), (Outcome::NotObserved, "the time is over"));
    assert_eq!(endpoint.requests, 30 + 1);
}

#[test]
fn an_endpoint_that_never_responds_is_an_error() {
    let no_reply = || NoReply::Unanswered("connection refused".to_owned());
    let mut endpoint = Stopping { endpoint: InProcess::new(NITRO), answered: 0, no_reply, requests: 0 };
    assert_eq!(run(&mut endpoint, CheckOptions::default()).unwrap_err(), "connection refused");
}

/// An endpoint that stops responding after a number of requests.
struct Stopping {
    endpoint: InProcess,
    answered: usize,
    no_reply: fn() -> NoReply,
    requests: usize,
}

impl Endpoint for Stopping {
    fn host(&self) -> &str {
        self.endpoint.host()
    }

    fn send(&mut self, request: &[u8], pace: Pace) -> Result<RawResponse, NoReply> {
        self.requests += 1;
        if self.requests > self.answered { Err((self.no_reply)()) } else { self.endpoint.send(request, pace) }
    }

    fn wait(&mut self, millis: u64) {
        self.endpoint.wait(millis);
    }
}

#[test]
fn reports_contain_no_token_and_no_value() {
    let record = r#"{"instance_type": "t3.micro", "role": {"name": "node"}, "user_data": "c2VjcmV0"}"#;
    let mut endpoint = InProcess::new(record);
    let report = run(&mut endpoint, CheckOptions { profile: None, intrusive: true }).unwrap();
    let text = format!("{report:?}");
    let details = endpoint.instance.details();
    for secret in ["AQAEA", "ASIA", "AKIA", "SecretAccessKey\":", &details.instance_id, "secret"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn every_placeholder_is_documented() {
    for (request, _) in CHECKS.iter().flat_map(|check| check.requests()) {
        for part in request.split('{').skip(1) {
            let name = part.split('}').next().unwrap();
            assert!(name.contains('*') || PLACEHOLDERS.iter().any(|(known, _)| *known == name), "{name} in {request}");
        }
    }
}
