use core::fmt;

use super::table::evaluate;
use super::{Facts, RULES, Rule, Verdict};

/// The rules that were evaluated for a request, their verdicts, and the rule that decided.
///
/// A trace contains no byte of the request or the response, so it can be logged. It is `Copy` and
/// allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// Bit i: rule i passed.
    passed: u64,
    /// The index of the rule that decided. Later rules were not evaluated.
    decided: u8,
}

/// Evaluates the rules in order until one decides.
#[inline]
pub fn decide(facts: &Facts<'_>) -> Trace {
    let (passed, decided) = evaluate(facts);
    Trace { passed, decided: decided as u8 }
}

const _: () = assert!(RULES.len() <= 64, "a trace has a bit for each rule");

impl Trace {
    /// The rule that decided.
    pub fn rule(&self) -> &'static Rule {
        &RULES[usize::from(self.decided)]
    }

    /// The index in [`RULES`] of the rule that decided.
    pub fn rule_index(&self) -> usize {
        usize::from(self.decided)
    }

    /// The rules that passed: bit i is rule i. With [`Trace::rule_index`] it is the whole trace.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Every rule with its verdict, in the order of the table.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static Rule, Verdict)> + '_ {
        RULES.iter().enumerate().map(|(index, rule)| (rule, self.verdict(index)))
    }

    fn verdict(&self, index: usize) -> Verdict {
        let decided = usize::from(self.decided);
        if index > decided {
            Verdict::NotReached
        } else if index == decided {
            Verdict::Decides
        } else if self.passed & (1 << index) == 0 {
            Verdict::DoesNotApply
        } else {
            Verdict::Passes
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = self.verdicts().take_while(|(_, verdict)| *verdict != Verdict::NotReached);
        f.debug_map().entries(reached.map(|(rule, verdict)| (rule.id, verdict))).finish()
    }
}
