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
    /// Bit i: rule i applied.
    applied: u64,
    /// How many rules were asked, the deciding one included.
    asked: u8,
    /// Whether the last one asked decided.
    decided: bool,
}

const _: () = assert!(RULES.len() <= 64, "a trace has a bit for each rule");

impl Trace {
    pub(super) const fn new() -> Trace {
        Trace { applied: 0, asked: 0, decided: false }
    }

    pub(super) fn note(&mut self, index: usize, verdict: Verdict) {
        self.asked = index as u8 + 1;
        self.applied |= u64::from(verdict != Verdict::DoesNotApply) << index;
        self.decided = verdict == Verdict::Decides;
    }

    /// The rule that decided. The table ends with rules that serve whatever is left, so there is one.
    pub fn rule(&self) -> &'static Rule {
        &RULES[usize::from(self.asked).saturating_sub(1)]
    }

    /// Every rule of the table with what it said, in the table's order.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static Rule, Verdict)> + '_ {
        RULES.iter().enumerate().map(|(index, rule)| (rule, self.verdict(index)))
    }

    fn verdict(&self, index: usize) -> Verdict {
        let asked = usize::from(self.asked);
        if index >= asked {
            Verdict::NotAsked
        } else if self.decided && index + 1 == asked {
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
