//! The checks as data: requests, and what their responses must satisfy.

pub(crate) mod builders;
pub(crate) mod check;
pub(crate) mod expect;
pub(crate) mod request;
pub(crate) mod table;

pub use check::{Check, Condition};
pub use expect::Expect;
pub use request::{PLACEHOLDERS, Pace};
pub use table::CHECKS;
