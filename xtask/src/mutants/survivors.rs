//! Reasons why no test notices a mutant.

/// Returns why no test notices a mutant, given by its name.
pub fn reason(mutant: &str) -> Option<&'static str> {
    REASONS.iter().find(|(part, _)| mutant.contains(part)).map(|(_, reason)| *reason)
}

/// A part of the mutant's name, without its line, and the reason.
const REASONS: &[(&str, &str)] = &[
    ("in <impl fmt::Debug for Connection>::fmt", "`Debug` is for developers: tests read only that it shows no secret"),
    // Every branch of `evaluate` evaluates the same checks. Its facts are constants that equal the request's, or that
    // no rule of the branch reads.
    ("in evaluate", "only faster: the branches of usual requests give what the general one gives"),
    ("in bit_of", "evaluated at compile time: no id of a rule is the beginning of another"),
    ("replace < with <= in decide", "no rule decides in the stage of the lookup"),
    ("replace | with ^ in Trace::before", "both sets are disjoint"),
    ("from struct Connection expression in Connection::reset", "only faster: the buffers keep their capacity"),
    ("replace > with >= in Connection::receive", "draining no byte changes nothing"),
    ("replace - with + in Connection::advance_transmit", "more bytes than offered have the effect of all bytes"),
];
