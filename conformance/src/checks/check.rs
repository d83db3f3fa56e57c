use alloc::string::String;
use alloc::vec::Vec;

use super::expect::Expect;
use super::request::{self, Pace};
use crate::fidelity::{Behaviour, BehaviourKind};
use imds::http::Profile;
use imds::source::{Certainty, Source};

/// A claim about the real service that can be checked from outside.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Stable id, for example `ttl.missing`.
    pub id: &'static str,
    /// The claim, as one sentence without a full stop.
    pub claim: &'static str,
    /// The kind and key of the [`Behaviour`] that the check tests. The key of a profile field
    /// lacks the profile's name.
    pub behaviour: (BehaviourKind, &'static str),
    /// The certainty of this claim if it differs from that of the behaviour.
    pub certainty_override: Option<Certainty>,
    /// The certainty on Xen, if it differs from that on Nitro and the behaviour is not a profile
    /// field, which has a source for each profile.
    pub certainty_on_xen: Option<Certainty>,
    /// The condition under which the check applies.
    pub condition: Condition,
    /// The requests in short form; [`Check::requests`] expands them.
    pub templates: &'static [&'static str],
    /// Conditions that each response must satisfy.
    pub expectations: &'static [Expect],
}

/// The condition under which a check applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// To every instance.
    Always,
    /// If the instance serves metadata without a token.
    TokensOptional,
    /// If the instance requires a token.
    TokensRequired,
    /// If the run may send malformed, large or many requests.
    Intrusive,
}

impl Check {
    /// The certainty and source of the claim for this profile.
    ///
    /// `behaviours` is the table that [`fidelity::behaviours`](crate::fidelity::behaviours)
    /// returns. `None` if it has no row for the check.
    pub fn source(&self, behaviours: &[Behaviour], profile: &Profile) -> Option<Source> {
        let (kind, key) = self.behaviour;
        let profile_key = [profile.name, ".", key].concat();
        let key = if kind == BehaviourKind::ProfileField { profile_key.as_str() } else { key };
        let row = behaviours.iter().find(|row| row.kind == kind && row.key == key)?;
        let on_xen = self.certainty_on_xen.filter(|_| *profile == Profile::XEN);
        let certainty = on_xen.or(self.certainty_override).unwrap_or(row.source.certainty);
        Some(Source { certainty, ..row.source })
    }

    /// The bytes of each request and how fast to send them. The bytes contain
    /// [`PLACEHOLDERS`](super::request::PLACEHOLDERS) for values that only the endpoint knows.
    pub fn requests(&self) -> Vec<(String, Pace)> {
        self.templates.iter().map(|template| (request::expand(template), request::pace(template))).collect()
    }
}

impl Condition {
    /// Stable name, for example `tokens-optional`.
    pub fn name(self) -> &'static str {
        match self {
            Condition::Always => "always",
            Condition::TokensOptional => "tokens-optional",
            Condition::TokensRequired => "tokens-required",
            Condition::Intrusive => "intrusive",
        }
    }
}
