//! Response metrics: by rule, by protocol version, by caller without a token, and latency.

use std::net::IpAddr;
use std::time::Duration;

use imds::Answer;
use imds::http::{Request, Status};
use imds::instance::Protocol;
use imds::rules::{Outcome, RULES, Rule};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::{Registry, Unit};

use super::callers::Callers;
use super::indexed::IndexedCounters;
use super::latency::Latency;

/// Counts responses without a lock or a search.
pub struct AnswerMetrics {
    /// In the order of [`RULES`].
    by_rule: IndexedCounters,
    /// In the order of [`Protocol::ALL`].
    by_protocol: IndexedCounters,
    no_token: Counter,
    no_token_rejected: Counter,
    callers: Callers,
    latency: Latency,
}

impl Default for AnswerMetrics {
    fn default() -> AnswerMetrics {
        let rule = |rule: &Rule| vec![("rule", rule.id.to_owned()), ("status", rule.status().code().to_string())];
        let protocol = |protocol: &Protocol| vec![("protocol", protocol.name().to_owned())];
        AnswerMetrics {
            by_rule: IndexedCounters::new(RULES.iter().map(rule)),
            by_protocol: IndexedCounters::new(Protocol::ALL.iter().map(protocol)),
            no_token: Counter::default(),
            no_token_rejected: Counter::default(),
            callers: Callers::default(),
            latency: Latency::default(),
        }
    }
}

impl AnswerMetrics {
    /// Counts a response.
    pub fn count(&self, request: &Request<'_>, answer: &Answer<'_>, caller: IpAddr) {
        self.by_rule.increment(answer.trace.rule_index());
        self.by_protocol.increment(answer.protocol as usize);
        if answer.protocol == Protocol::V2 {
            return;
        }
        match answer.rule().outcome {
            Outcome::Serve => {
                self.no_token.inc();
                self.callers.count(caller, request.user_agent().unwrap_or_default());
            }
            // The only rule that answers a request without a token with 401.
            Outcome::Reject(Status::Unauthorized) => _ = self.no_token_rejected.inc(),
            _ => {}
        }
    }

    /// Records the time from a complete request to a response that is ready to send.
    pub fn observe_latency(&self, latency: Duration) {
        self.latency.observe(latency);
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("answers", "Responses by deciding rule and status", self.by_rule.clone());
        registry.register("requests", "Requests by protocol version", self.by_protocol.clone());
        registry.register(
            "metadata_no_token",
            "CloudWatch MetadataNoToken: metadata served without a token (IMDSv1)",
            self.no_token.clone(),
        );
        registry.register(
            "metadata_no_token_rejected",
            "CloudWatch MetadataNoTokenRejected: requests without a token rejected because HttpTokens is required",
            self.no_token_rejected.clone(),
        );
        registry.register(
            "metadata_no_token_by_caller",
            "MetadataNoToken by address and user agent; callers after the first 64 are `other`",
            self.callers.clone(),
        );
        registry.register_with_unit(
            "answer",
            "Time from a complete request to a response that is ready to send",
            Unit::Seconds,
            self.latency.clone(),
        );
    }
}
