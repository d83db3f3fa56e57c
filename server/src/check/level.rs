use clap::ValueEnum;
use imds::source::Certainty;

/// How certain a behaviour has to be for its absence to count.
#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
    /// What raw exchanges of the real service show
    Seen,
    /// And what AWS documents
    Documented,
    /// And what is inferred from clients, or is this project's own choice
    Chosen,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Seen => "seen",
            Level::Documented => "documented",
            Level::Chosen => "chosen",
        }
    }

    pub fn counts(self, certainty: Certainty) -> bool {
        match certainty {
            Certainty::Seen(_) => true,
            Certainty::Documented => !matches!(self, Level::Seen),
            Certainty::Inferred | Certainty::Chosen => matches!(self, Level::Chosen),
        }
    }
}
