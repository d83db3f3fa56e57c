//! How a behaviour is known.

use core::fmt;

/// Where a behaviour comes from, and how certain it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// How certain the behaviour is.
    pub certainty: Certainty,
    /// The page, the thread or the reason.
    pub reference: &'static str,
}

/// How certain a behaviour is, in descending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Seen in this many independent raw exchanges with the real service.
    Seen(u8),
    /// Documented by AWS.
    Documented,
    /// Inferred from clients or from other evidence.
    Inferred,
    /// Chosen by this project, for the given reason, because no evidence exists.
    Chosen,
}

impl Source {
    #[doc(hidden)]
    pub const fn seen(times: u8, reference: &'static str) -> Source {
        Source { certainty: Certainty::Seen(times), reference }
    }

    #[doc(hidden)]
    pub const fn documented(reference: &'static str) -> Source {
        Source { certainty: Certainty::Documented, reference }
    }

    #[doc(hidden)]
    pub const fn inferred(reference: &'static str) -> Source {
        Source { certainty: Certainty::Inferred, reference }
    }

    #[doc(hidden)]
    pub const fn chosen(reference: &'static str) -> Source {
        Source { certainty: Certainty::Chosen, reference }
    }
}

impl Certainty {
    /// The stable name, for logs and tools.
    pub const fn name(self) -> &'static str {
        match self {
            Certainty::Seen(_) => "seen",
            Certainty::Documented => "documented",
            Certainty::Inferred => "inferred",
            Certainty::Chosen => "chosen",
        }
    }
}

/// The name, and how often the behaviour was seen.
impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Certainty::Seen(1) => f.write_str("seen once"),
            Certainty::Seen(times) => write!(f, "seen {times} times"),
            other => f.write_str(other.name()),
        }
    }
}
