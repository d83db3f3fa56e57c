//! How a behaviour is known.

use core::fmt;

/// Where a behaviour comes from, and how certain that makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// How certain it is.
    pub certainty: Certainty,
    /// The page, thread or reason.
    pub reference: &'static str,
}

/// How certain a behaviour is, from a real exchange down to our own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// In raw exchanges of the real service, so many of them independent.
    Seen(u8),
    /// AWS says so.
    Documented,
    /// From clients, peers and the like of it.
    Inferred,
    /// Nobody has shown it: this project picked it, for the reason given. A real exchange wins.
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

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Certainty::Seen(1) => f.write_str("seen once"),
            Certainty::Seen(times) => write!(f, "seen {times} times"),
            Certainty::Documented => f.write_str("documented"),
            Certainty::Inferred => f.write_str("inferred"),
            Certainty::Chosen => f.write_str("chosen"),
        }
    }
}
