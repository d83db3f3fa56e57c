//! The decision on a request: an ordered table of rules.
//!
//! [`RULES`] is evaluated from the top. The first rule that decides determines the response, and the
//! verdicts up to it are the [`Trace`]. The last rules serve, so a rule decides every request.

mod facts;
mod input;
mod table;
mod trace;

pub use facts::Endpoint;
#[doc(hidden)]
pub use facts::{Facts, TokenField, TtlField};
pub use input::Input;
#[doc(hidden)]
pub use table::decide;
pub use table::{Outcome, RULES, Rule};
pub use trace::{Trace, Verdict};
