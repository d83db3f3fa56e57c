use core::fmt;

use super::table::{LOOKUP, STAGE_RULES, STAGES, TOKEN_EXPIRED, evaluate};
use super::{Facts, RULES, Rule, Verdict};
use crate::http::{CheckOrder, Stage};

/// The rules that were evaluated for a request, their verdicts, and the rule that decided.
///
/// A trace contains no byte of the request or the response, so it can be logged. It is `Copy` and
/// allocates nothing.
#[derive(Clone, Copy)]
pub struct Trace {
    order: &'static CheckOrder,
    /// Bit i: rule i passes. Rules after the one that decided are included.
    passes: u64,
    /// The index of the rule that decided.
    decided: u8,
}

/// The first rule in this order that decides.
///
/// All checks are evaluated at once, except the lookup of the path: it is the costliest, and only
/// needed if no rule before it decides.
#[inline]
pub fn decide(facts: &Facts<'_>, order: &'static CheckOrder) -> Trace {
    let mut findings = evaluate(facts);
    let mut decided = first(order, findings.decides);
    let looks_up = findings.passes & LOOKUP != 0 && order.place(Stage::Lookup) < place(order, decided);
    if looks_up && !(facts.found)() {
        findings.passes &= !LOOKUP;
        decided = LOOKUP.trailing_zeros();
    }
    Trace { order, passes: findings.passes, decided: decided as u8 }
}

/// The first of these rules in this order.
#[inline]
fn first(order: &CheckOrder, mut rules: u64) -> u32 {
    let mut first = rules.trailing_zeros();
    loop {
        rules &= rules - 1;
        if rules == 0 {
            return first;
        }
        // Within a stage the rules have the order of the table.
        let next = rules.trailing_zeros();
        if place(order, next) < place(order, first) {
            first = next;
        }
    }
}

/// The place of a rule's stage.
#[inline]
fn place(order: &CheckOrder, rule: u32) -> u8 {
    STAGES.get(rule as usize).map_or(0, |stage| order.place(*stage))
}

impl Trace {
    /// The rule that decided.
    pub fn rule(&self) -> &'static Rule {
        &RULES[usize::from(self.decided)]
    }

    /// The index in [`RULES`] of the rule that decided.
    pub fn rule_index(&self) -> usize {
        usize::from(self.decided)
    }

    /// The rules that passed: bit i is rule i of [`RULES`]. With [`Trace::rule_index`] and the
    /// order it is the whole trace.
    pub fn passed(&self) -> u64 {
        self.passes & self.before()
    }

    /// Returns `true` if the rules about the token were evaluated, and the token is valid.
    #[inline]
    pub(crate) fn is_authenticated(&self) -> bool {
        self.passes & TOKEN_EXPIRED != 0 && self.order.place(Stage::Token) < place(self.order, self.decided.into())
    }

    /// The rules before the one that decided. Bit i is rule i.
    fn before(&self) -> u64 {
        let decided = u32::from(self.decided);
        let mut before = 0;
        for stage in self.order.stages() {
            if self.order.place(*stage) < place(self.order, decided) {
                before |= STAGE_RULES[*stage as usize];
            }
        }
        let of_stage = STAGES.get(decided as usize).map_or(0, |stage| STAGE_RULES[*stage as usize]);
        before | of_stage & !(u64::MAX << decided)
    }

    /// Every rule with its verdict, in the order of evaluation.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static Rule, Verdict)> + '_ {
        let before = self.before();
        let stages = self.order.stages().iter().copied().chain([Stage::Serve]);
        stages.flat_map(move |stage| {
            let mut rest = STAGE_RULES[stage as usize];
            core::iter::from_fn(move || {
                let rule = rest.trailing_zeros();
                let bit = rest & rest.wrapping_neg();
                rest ^= bit;
                let verdict = if bit & before == 0 {
                    if rule == u32::from(self.decided) { Verdict::Decides } else { Verdict::NotReached }
                } else if bit & self.passes == 0 {
                    Verdict::DoesNotApply
                } else {
                    Verdict::Passes
                };
                (bit != 0).then(|| (&RULES[rule as usize], verdict))
            })
        })
    }
}

/// Traces are equal if their verdicts are.
impl PartialEq for Trace {
    fn eq(&self, other: &Trace) -> bool {
        (self.order, self.decided, self.passed()) == (other.order, other.decided, other.passed())
    }
}

impl Eq for Trace {}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = self.verdicts().take_while(|(_, verdict)| *verdict != Verdict::NotReached);
        f.debug_map().entries(reached.map(|(rule, verdict)| (rule.id, verdict))).finish()
    }
}
