//! What a request deserves: an ordered table of rules over a small set of facts.
//!
//! [`RULES`] is asked from the top. The first rule that decides is the answer's rule; what was asked on the way is its
//! [`Trace`]. The last rules of the table serve, so that every request is decided by a rule, and each answer can name it.

mod facts;
mod rules;
mod trace;

pub use facts::{Facts, Target, TokenFact, TtlFact};
pub use rules::{Outcome, RULES, Rule};
pub use trace::{Trace, Verdict};

/// Asks the rules in their order until one decides.
pub fn decide(facts: &Facts<'_>) -> Trace {
    let mut applied = 0;
    for (index, rule) in RULES.iter().enumerate() {
        match (rule.check)(facts) {
            Verdict::Decides => return Trace::new(applied, index),
            Verdict::Passes => applied |= 1 << index,
            Verdict::DoesNotApply | Verdict::NotAsked => {}
        }
    }
    // The last rule decides whatever comes to it.
    Trace::new(applied, RULES.len() - 1)
}
