//! The core's tables as JSON.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::connection::CloseReason;
use imds::http::STATUSES;
use imds::limits::LIMITS;
use imds::metadata::categories;
use imds::rules::{Outcome, RULES};
use imds::source::Source;
use imds::version::VERSIONS;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::service::json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tables {
    rules: Vec<RuleView>,
    categories: Vec<CategoryView>,
    versions: &'static [&'static str],
    statuses: Vec<StatusView>,
    limits: Vec<LimitView>,
    close_reasons: Vec<&'static str>,
}

#[derive(Serialize)]
struct RuleView {
    id: &'static str,
    name: &'static str,
    question: &'static str,
    inputs: Vec<&'static str>,
    status: u16,
    outcome: &'static str,
    #[serde(flatten)]
    source: SourceView,
}

#[derive(Serialize)]
struct CategoryView {
    path: String,
    since: &'static str,
    #[serde(flatten)]
    source: SourceView,
}

#[derive(Serialize)]
struct StatusView {
    code: u16,
    reason: &'static str,
}

#[derive(Serialize)]
struct LimitView {
    name: &'static str,
    value: u64,
    unit: &'static str,
    effect: &'static str,
    precedent: &'static str,
}

/// How a behaviour is known.
#[derive(Serialize)]
struct SourceView {
    certainty: String,
    reference: &'static str,
}

impl From<Source> for SourceView {
    fn from(Source { certainty, reference }: Source) -> SourceView {
        SourceView { certainty: certainty.to_string(), reference }
    }
}

/// Rules, categories, versions, statuses, limits and close reasons.
#[wasm_bindgen]
pub fn tables() -> String {
    let rules = RULES.iter().map(|rule| RuleView {
        id: rule.id,
        name: rule.name,
        question: rule.question,
        inputs: rule.inputs().iter().map(|input| input.name()).collect(),
        status: rule.status().code(),
        outcome: match rule.outcome {
            Outcome::Reject(_) => "reject",
            Outcome::IssueToken => "issue-token",
            Outcome::ListMethods => "list-methods",
            Outcome::Serve => "serve",
        },
        source: rule.source.into(),
    });
    let categories = categories().into_iter().map(|category| CategoryView {
        path: category.path(),
        since: category.since(),
        source: category.source().into(),
    });
    let limits = LIMITS.iter().map(|limit| LimitView {
        name: limit.name,
        value: limit.value,
        unit: limit.unit,
        effect: limit.past,
        precedent: limit.precedent,
    });
    json(&Tables {
        rules: rules.collect(),
        categories: categories.collect(),
        versions: VERSIONS,
        statuses: STATUSES.iter().map(|status| StatusView { code: status.code(), reason: status.reason() }).collect(),
        limits: limits.collect(),
        close_reasons: CloseReason::ALL.iter().map(|reason| reason.name()).collect(),
    })
}
