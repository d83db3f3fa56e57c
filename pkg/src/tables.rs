//! The core's own tables, as JSON.

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
    rules: Vec<Rule>,
    categories: Vec<Category>,
    versions: &'static [&'static str],
    statuses: Vec<Status>,
    limits: Vec<Limit>,
    close_reasons: Vec<&'static str>,
}

#[derive(Serialize)]
struct Rule {
    id: &'static str,
    name: &'static str,
    asks: &'static str,
    status: u16,
    outcome: &'static str,
    #[serde(flatten)]
    source: Known,
}

#[derive(Serialize)]
struct Category {
    path: String,
    since: &'static str,
    #[serde(flatten)]
    source: Known,
}

#[derive(Serialize)]
struct Status {
    code: u16,
    reason: &'static str,
}

#[derive(Serialize)]
struct Limit {
    name: &'static str,
    value: u64,
    unit: &'static str,
    past: &'static str,
    precedent: &'static str,
}

/// How something is known.
#[derive(Serialize)]
struct Known {
    certainty: String,
    reference: &'static str,
}

impl From<Source> for Known {
    fn from(Source { certainty, reference }: Source) -> Known {
        Known { certainty: certainty.to_string(), reference }
    }
}

/// Rules, categories, versions, statuses, limits and the reasons to close.
#[wasm_bindgen]
pub fn tables() -> String {
    let rules = RULES.iter().map(|rule| Rule {
        id: rule.id,
        name: rule.name,
        asks: rule.question,
        status: rule.status().code(),
        outcome: match rule.outcome {
            Outcome::Reject(_) => "refuse",
            Outcome::IssueToken => "issue-token",
            Outcome::ListMethods => "list-methods",
            Outcome::Serve => "serve",
        },
        source: rule.source.into(),
    });
    let categories = categories().into_iter().map(|category| Category {
        path: category.path(),
        since: category.since(),
        source: category.source().into(),
    });
    json(&Tables {
        rules: rules.collect(),
        categories: categories.collect(),
        versions: VERSIONS,
        statuses: STATUSES.iter().map(|status| Status { code: status.code(), reason: status.reason() }).collect(),
        limits: LIMITS
            .iter()
            .map(|limit| Limit {
                name: limit.name,
                value: limit.value,
                unit: limit.unit,
                past: limit.past,
                precedent: limit.precedent,
            })
            .collect(),
        close_reasons: CloseReason::ALL.iter().map(|reason| reason.name()).collect(),
    })
}
