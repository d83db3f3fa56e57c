use core::fmt;

use super::table::{ALL, LOOKUP, SERVING, STAGE_RULES, TOKEN_EXPIRED, evaluate};
use super::{Facts, RULES, Rule, Verdict};
use crate::http::{CheckOrder, Stage};

/// The rules that were evaluated for a request, their verdicts, and the rule that decided.
///
/// A trace contains no byte of the request or the response, so it can be logged. It is `Copy` and
/// allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    order: &'static CheckOrder,
    /// Bit i: rule i passed.
    passed: u64,
    /// The index of the rule that decided. Later rules were not evaluated.
    decided: u8,
}

/// The first rule in this order that decides.
///
/// All checks are evaluated at once, except the lookup of the path: it is the costliest, and only
/// needed if no rule before it decides.
#[inline]
pub fn decide(facts: &Facts<'_>, order: &'static CheckOrder) -> Trace {
    let mut findings = evaluate(facts);
    // Most requests are served: only rules of the last stage decide.
    let (mut decided, mut before) = if findings.decides & !SERVING == 0 {
        first_of(findings.decides, SERVING, ALL & !SERVING)
    } else {
        first(order, findings.decides)
    };
    if findings.passes & before & LOOKUP != 0 && !(facts.found)() {
        findings.passes &= !LOOKUP;
        (decided, before) = first(order, LOOKUP);
    }
    Trace { order, passed: findings.passes & before, decided: decided as u8 }
}

/// The first of these rules in this order, and the rules before it.
fn first(order: &CheckOrder, rules: u64) -> (u32, u64) {
    let mut earlier = 0;
    for stage in order.stages() {
        let of_stage = STAGE_RULES[*stage as usize];
        if rules & of_stage != 0 {
            return first_of(rules, of_stage, earlier);
        }
        earlier |= of_stage;
    }
    first_of(rules, SERVING, earlier)
}

/// The first of these rules in one stage, and the rules before it.
#[inline(always)]
fn first_of(rules: u64, of_stage: u64, earlier: u64) -> (u32, u64) {
    let rule = (rules & of_stage).trailing_zeros();
    (rule, earlier | of_stage & !(u64::MAX << rule))
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
        self.passed
    }

    /// Returns `true` if the rules about the token were evaluated, and the token is valid.
    pub(crate) fn is_authenticated(&self) -> bool {
        self.passed & TOKEN_EXPIRED != 0
    }

    /// Every rule with its verdict, in the order of evaluation.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static Rule, Verdict)> + '_ {
        let (_, before) = first(self.order, 1 << self.decided);
        let stages = self.order.stages().iter().copied().chain([Stage::Serve]);
        stages.flat_map(move |stage| {
            let mut rest = STAGE_RULES[stage as usize];
            core::iter::from_fn(move || {
                let rule = rest.trailing_zeros();
                let bit = rest & rest.wrapping_neg();
                rest ^= bit;
                let verdict = if bit & before == 0 {
                    if rule == u32::from(self.decided) { Verdict::Decides } else { Verdict::NotReached }
                } else if bit & self.passed == 0 {
                    Verdict::DoesNotApply
                } else {
                    Verdict::Passes
                };
                (bit != 0).then(|| (&RULES[rule as usize], verdict))
            })
        })
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = self.verdicts().take_while(|(_, verdict)| *verdict != Verdict::NotReached);
        f.debug_map().entries(reached.map(|(rule, verdict)| (rule.id, verdict))).finish()
    }
}
