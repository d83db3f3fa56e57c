//! Constructors for the rows of the table of checks.

use super::check::{Check, Condition};
use super::expect::Expect::{self, Status};
use crate::fidelity::BehaviourKind::{self, Convention, ProfileField, Rule};
use imds::source::Certainty;

type Templates = &'static [&'static str];
type Expectations = &'static [Expect];

pub(super) const fn always(
    id: &'static str,
    claim: &'static str,
    behaviour: (BehaviourKind, &'static str),
    templates: Templates,
    expectations: Expectations,
) -> Check {
    Check {
        id,
        claim,
        behaviour,
        certainty_override: None,
        certainty_on_xen: None,
        condition: Condition::Always,
        templates,
        expectations,
    }
}

pub(super) const fn rule(
    id: &'static str,
    claim: &'static str,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    always(id, claim, (Rule, id), templates, expectations)
}

pub(super) const fn convention(
    id: &'static str,
    claim: &'static str,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    always(id, claim, (Convention, id), templates, expectations)
}

/// A check of one part of the convention `key`.
pub(super) const fn convention_as(
    id: &'static str,
    key: &'static str,
    claim: &'static str,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    always(id, claim, (Convention, key), templates, expectations)
}

pub(super) const fn profile(
    key: &'static str,
    claim: &'static str,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    always(key, claim, (ProfileField, key), templates, expectations)
}

/// A check of one part of the profile field `key`.
pub(super) const fn profile_as(
    id: &'static str,
    key: &'static str,
    claim: &'static str,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    always(id, claim, (ProfileField, key), templates, expectations)
}

/// A check of the part of a behaviour that is less certain than the rest.
pub(super) const fn certainty_override(
    id: &'static str,
    claim: &'static str,
    behaviour: (BehaviourKind, &'static str),
    certainty: Certainty,
    templates: Templates,
    expectations: Expectations,
) -> Check {
    Check { certainty_override: Some(certainty), ..always(id, claim, behaviour, templates, expectations) }
}

/// A check that malformed or oversized requests are rejected with this status.
pub(super) const fn malformed(id: &'static str, claim: &'static str, templates: Templates, status: u16) -> Check {
    // A `const fn` cannot build a static slice from its argument.
    let expectations: Expectations = match status {
        400 => &[Status(400)],
        413 => &[Status(413)],
        414 => &[Status(414)],
        431 => &[Status(431)],
        _ => &[Status(505)],
    };
    Check { condition: Condition::Intrusive, ..always(id, claim, (Rule, id), templates, expectations) }
}
