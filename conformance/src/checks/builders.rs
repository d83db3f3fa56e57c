//! The rows of the table of checks, each form of them in as few words as it takes.

use super::expect::Expect::{self, Status};
use super::{Check, When};
use crate::fidelity::Kind::{self, Convention, ProfileField, Rule};
use imds::source::Certainty;

type Asks = &'static [&'static str];
type Expects = &'static [Expect];

pub(super) const fn always(
    id: &'static str,
    says: &'static str,
    known: (Kind, &'static str),
    asks: Asks,
    expects: Expects,
) -> Check {
    Check { id, says, known, less: None, when: When::Always, asks, expects }
}

pub(super) const fn rule(id: &'static str, says: &'static str, asks: Asks, expects: Expects) -> Check {
    always(id, says, (Rule, id), asks, expects)
}

pub(super) const fn convention(id: &'static str, says: &'static str, asks: Asks, expects: Expects) -> Check {
    always(id, says, (Convention, id), asks, expects)
}

/// A part of what a convention says.
pub(super) const fn convention_as(
    id: &'static str,
    key: &'static str,
    says: &'static str,
    asks: Asks,
    expects: Expects,
) -> Check {
    always(id, says, (Convention, key), asks, expects)
}

pub(super) const fn profile(key: &'static str, says: &'static str, asks: Asks, expects: Expects) -> Check {
    always(key, says, (ProfileField, key), asks, expects)
}

pub(super) const fn profile_as(
    id: &'static str,
    key: &'static str,
    says: &'static str,
    asks: Asks,
    expects: Expects,
) -> Check {
    always(id, says, (ProfileField, key), asks, expects)
}

/// The part of a row that is known less well than the row.
pub(super) const fn less(
    id: &'static str,
    says: &'static str,
    known: (Kind, &'static str),
    less: Certainty,
    asks: Asks,
    expects: Expects,
) -> Check {
    Check { less: Some(less), ..always(id, says, known, asks, expects) }
}

pub(super) const fn odd(id: &'static str, says: &'static str, asks: Asks, status: u16) -> Check {
    // The status is one of few, so that the expectation can stand in the table.
    let expects: Expects = match status {
        400 => &[Status(400)],
        411 => &[Status(411)],
        413 => &[Status(413)],
        414 => &[Status(414)],
        431 => &[Status(431)],
        _ => &[Status(505)],
    };
    Check { when: When::Intrusive, ..always(id, says, (Rule, id), asks, expects) }
}
