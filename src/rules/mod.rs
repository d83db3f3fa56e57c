//! The decision on a request: an ordered table of rules.
//!
//! [`RULES`] is evaluated from the top. The first rule that decides determines the response, and
//! the verdicts up to it are the [`Trace`]. The last rules serve, so a rule decides every request.

mod facts;
mod input;
mod rule;
mod table;
mod trace;
mod verdict;

pub use facts::Endpoint;
#[doc(hidden)]
pub use facts::{Facts, TokenField, TtlField};
pub use input::Input;
pub use rule::{Outcome, Rule};
pub use table::RULES;
pub use trace::Trace;
#[doc(hidden)]
pub use trace::decide;
pub use verdict::Verdict;
