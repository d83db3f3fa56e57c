use core::fmt;

use super::{RULES, Rule};

/// What a rule said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// An earlier rule had decided.
    NotAsked,
    /// The rule is not about such a request.
    DoesNotApply,
    /// The rule has no objection.
    Passes,
    /// The rule decides.
    Decides,
}

/// Which rules were asked about a request, what each said, and which one decided.
///
/// It holds no byte of the request or the answer, so it can be logged, and costs no allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// Bit i: rule i was asked and applied.
    applied: u64,
    /// The index of the rule that decided; those after it were not asked.
    decided: u8,
}

const _: () = assert!(RULES.len() <= 64, "a trace has a bit for each rule");

impl Trace {
    pub(super) const fn new(applied: u64, decided: usize) -> Trace {
        Trace { applied, decided: decided as u8 }
    }

    /// The rule that decided.
    pub fn rule(&self) -> &'static Rule {
        &RULES[usize::from(self.decided)]
    }

    /// The place in [`RULES`] of the rule that decided.
    pub fn rule_index(&self) -> usize {
        usize::from(self.decided)
    }

    /// Bit i: rule i was asked and had no objection. With [`Trace::rule_index`] it is all that a trace holds.
    pub fn passed(&self) -> u64 {
        self.applied
    }

    /// Every rule of the table with what it said, in the table's order.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static Rule, Verdict)> + '_ {
        RULES.iter().enumerate().map(|(index, rule)| (rule, self.verdict(index)))
    }

    fn verdict(&self, index: usize) -> Verdict {
        let decided = usize::from(self.decided);
        if index > decided {
            Verdict::NotAsked
        } else if index == decided {
            Verdict::Decides
        } else if self.applied & (1 << index) == 0 {
            Verdict::DoesNotApply
        } else {
            Verdict::Passes
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.verdicts().take_while(|(_, verdict)| *verdict != Verdict::NotAsked);
        f.debug_map().entries(asked.map(|(rule, verdict)| (rule.id, verdict))).finish()
    }
}
