use imds::record::json::{Json, JsonError, JsonNode, Printer};

/// The position of an instance in the order of all launches of its fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaunchSeq(u32);

impl LaunchSeq {
    /// The position of the first instance.
    pub const FIRST: LaunchSeq = LaunchSeq(0);

    /// The next position. The last possible position is its own successor.
    #[must_use]
    pub const fn next(self) -> LaunchSeq {
        LaunchSeq(self.0.saturating_add(1))
    }

    /// The position as a number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<u32> for LaunchSeq {
    fn from(position: u32) -> LaunchSeq {
        LaunchSeq(position)
    }
}

impl Json for LaunchSeq {
    fn placeholder() -> LaunchSeq {
        LaunchSeq::FIRST
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        self.0.read(node)
    }

    fn write(&self, to: &mut Printer) {
        self.0.write(to);
    }
}
