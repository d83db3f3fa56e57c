//! The decision on a request: a table of rules and the order of a dialect.
//!
//! Each rule of [`RULES`] judges a request alone. The dialect's
//! [`CheckOrder`](crate::http::CheckOrder) selects the first rule that decides: it determines the
//! response, and the verdicts up to it are the [`Trace`]. The last rules serve, so a rule decides
//! every request.

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
