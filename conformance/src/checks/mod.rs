//! The checks as data: requests, and what their responses must satisfy.

pub(crate) mod builders;
pub(crate) mod check;
mod data;
pub(crate) mod expect;
mod intrusive;
mod paths;
pub(crate) mod request;
pub(crate) mod table;

pub use check::{Check, Condition};
pub use expect::Expect;
pub use request::{PLACEHOLDERS, Pace};

use data::DATA;
use intrusive::INTRUSIVE;
use paths::PATHS;
use table::EXCHANGES;

/// The checks of rules, profile fields and conventions. A run adds one check for each category of
/// metadata.
pub const CHECKS: &[Check] =
    &joined::<{ EXCHANGES.len() + PATHS.len() + DATA.len() + INTRUSIVE.len() }>([EXCHANGES, PATHS, DATA, INTRUSIVE]);

const fn joined<const N: usize>(parts: [&[Check]; 4]) -> [Check; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut index, mut place) = (0, 0, 0);
    while place < N {
        if index < parts[part].len() {
            all[place] = parts[part][index];
            (index, place) = (index + 1, place + 1);
        } else {
            (part, index) = (part + 1, 0);
        }
    }
    all
}
