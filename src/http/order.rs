use core::fmt;

/// A group of checks of a request, which a dialect of the protocol places in its order as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The head can be read.
    Head,
    /// The endpoint is enabled.
    Endpoint,
    /// The headers are well-formed.
    Headers,
    /// The request is within the rate limit.
    Throttle,
    /// The request did not come through a proxy.
    Forwarded,
    /// The client does not send `Expect`.
    Expect,
    /// The token is valid, or none is needed.
    Token,
    /// The path allows the method.
    Method,
    /// The body is acceptable.
    Body,
    /// The TTL of a new token is acceptable.
    Ttl,
    /// The path exists.
    Lookup,
    /// The request is served. This stage is the last in every order.
    Serve,
}

/// The order in which a dialect checks a request. It determines which of several reasons to reject
/// a request the response has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CheckOrder {
    stages: [Stage; CheckOrder::LENGTH],
    /// The place of each stage in the order.
    places: [u8; CheckOrder::LENGTH + 1],
}

impl CheckOrder {
    /// The number of stages that can reject a request: all but [`Stage::Serve`].
    pub const LENGTH: usize = 11;

    /// The order of EC2, in both generations.
    pub const EC2: CheckOrder = CheckOrder::new([
        Stage::Head,
        Stage::Endpoint,
        Stage::Headers,
        Stage::Throttle,
        Stage::Forwarded,
        Stage::Expect,
        Stage::Token,
        Stage::Method,
        Stage::Body,
        Stage::Ttl,
        Stage::Lookup,
    ]);

    /// These stages, then [`Stage::Serve`].
    ///
    /// # Panics
    ///
    /// A stage is repeated, so another is missing.
    pub const fn new(stages: [Stage; CheckOrder::LENGTH]) -> CheckOrder {
        let last = CheckOrder::LENGTH as u8;
        let mut places = [last; CheckOrder::LENGTH + 1];
        let mut place = 0;
        while place < last {
            let stage = stages[place as usize];
            assert!(places[stage as usize] == last && stage as usize != Stage::Serve as usize, "a stage is repeated");
            places[stage as usize] = place;
            place += 1;
        }
        CheckOrder { stages, places }
    }

    /// The stages in order, without the last, [`Stage::Serve`].
    pub const fn stages(&self) -> &[Stage; CheckOrder::LENGTH] {
        &self.stages
    }

    /// The place of a stage in the order, from 0.
    pub const fn place(&self, stage: Stage) -> u8 {
        self.places[stage as usize]
    }
}

impl fmt::Debug for CheckOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.stages, f)
    }
}
