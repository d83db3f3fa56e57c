//! What a request deserves: an ordered table of rules over a small set of facts.
//!
//! [`RULES`] is asked from the top. The first rule that decides is the answer's rule; what was asked on the way is its
//! [`Trace`]. The last rules of the table serve, so that every request is decided by a rule, and each answer can name it.

mod facts;
mod table;
mod trace;

pub use facts::{Endpoint, Facts, TokenField, TtlField};
pub use table::{Outcome, RULES, Rule, decide};
pub use trace::{Trace, Verdict};
