//! The checks as data: requests, and what their responses must satisfy.

pub(crate) mod builders;
pub(crate) mod check;
mod data;
pub(crate) mod expect;
pub(crate) mod request;
pub(crate) mod table;

pub use check::{Check, Condition};
pub use expect::Expect;
pub use request::{PLACEHOLDERS, Pace};

use data::DATA;
use table::EXCHANGES;

/// The checks of rules, profile fields and conventions. A run adds one check for each category of
/// metadata.
pub const CHECKS: &[Check] = &joined::<{ EXCHANGES.len() + DATA.len() }>(EXCHANGES, DATA);

const fn joined<const N: usize>(first: &[Check], second: &[Check]) -> [Check; N] {
    let mut all = [first[0]; N];
    let mut index = 1;
    while index < N {
        all[index] = if index < first.len() { first[index] } else { second[index - first.len()] };
        index += 1;
    }
    all
}
