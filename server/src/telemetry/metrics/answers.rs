//! Answers counted: by rule, by protocol, by who still speaks version 1, and how long they take.

use std::net::IpAddr;
use std::time::Duration;

use imds::Answer;
use imds::http::{Request, Status};
use imds::instance::Protocol;
use imds::rules::{Outcome, RULES, Rule};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::{Registry, Unit};

use super::callers::Callers;
use super::indexed::Indexed;
use super::latency::Latency;

/// Every counter is an atomic, and is found without a search.
pub struct Answers {
    /// In the order of the rules.
    by_rule: Indexed,
    by_protocol: Indexed,
    no_token: Counter,
    no_token_rejected: Counter,
    callers: Callers,
    latency: Latency,
}

impl Default for Answers {
    fn default() -> Answers {
        let rule = |rule: &Rule| vec![("rule", rule.id.to_owned()), ("status", rule.status().code().to_string())];
        let protocol = |name: &str| vec![("protocol", name.to_owned())];
        Answers {
            by_rule: Indexed::new(RULES.iter().map(rule)),
            // In the order of V1 and V2.
            by_protocol: Indexed::new(["v1", "v2"].map(protocol)),
            no_token: Counter::default(),
            no_token_rejected: Counter::default(),
            callers: Callers::default(),
            latency: Latency::default(),
        }
    }
}

impl Answers {
    pub fn count(&self, request: &Request<'_>, answer: &Answer<'_>, caller: IpAddr) {
        self.by_rule.count(answer.trace.rule_index());
        if answer.protocol == Protocol::V2 {
            return self.by_protocol.count(V2);
        }
        self.by_protocol.count(V1);
        match answer.rule().outcome {
            Outcome::Serve => {
                self.no_token.inc();
                self.callers.count(caller, request.user_agent().unwrap_or_default());
            }
            // The only 401 that a request without a token gets.
            Outcome::Refuse(Status::Unauthorized) => _ = self.no_token_rejected.inc(),
            _ => {}
        }
    }

    /// Counts how long an answer took.
    pub fn took(&self, took: Duration) {
        self.latency.observe(took);
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("answers", "Answers by the rule that decided and their status", self.by_rule.clone());
        registry.register(
            "requests",
            "Requests by the version of the protocol that they speak",
            self.by_protocol.clone(),
        );
        registry.register(
            "metadata_no_token",
            "CloudWatch MetadataNoToken: metadata served without a token (IMDSv1)",
            self.no_token.clone(),
        );
        registry.register(
            "metadata_no_token_rejected",
            "CloudWatch MetadataNoTokenRejected: calls without a token refused because HttpTokens is required",
            self.no_token_rejected.clone(),
        );
        registry.register(
            "metadata_no_token_by_caller",
            "MetadataNoToken by who called; those past the first 64 are `other`",
            self.callers.clone(),
        );
        registry.register_with_unit(
            "answer",
            "From a request that is whole to an answer that is ready to be sent",
            Unit::Seconds,
            self.latency.clone(),
        );
    }
}

const V1: usize = 0;
const V2: usize = 1;
