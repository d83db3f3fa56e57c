use imds::source::Certainty;

/// The minimum certainty of a behaviour for a deviation to count as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Seen,
    Documented,
    Chosen,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Seen, Level::Documented, Level::Chosen];

    pub const fn name(self) -> &'static str {
        match self {
            Level::Seen => "seen",
            Level::Documented => "documented",
            Level::Chosen => "chosen",
        }
    }

    /// Describes the behaviours that count, in addition to those of the level before.
    pub const fn description(self) -> &'static str {
        match self {
            Level::Seen => "Behaviours seen in raw exchanges with EC2",
            Level::Documented => "Also behaviours that AWS documents",
            Level::Chosen => "Also behaviours inferred from clients or chosen by this project",
        }
    }

    /// Returns whether a deviation from a behaviour of this certainty is a failure.
    pub fn includes(self, certainty: Certainty) -> bool {
        match certainty {
            Certainty::Seen(_) => true,
            Certainty::Documented => !matches!(self, Level::Seen),
            Certainty::Inferred | Certainty::Chosen => matches!(self, Level::Chosen),
        }
    }
}
