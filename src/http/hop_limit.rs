use core::fmt;

use crate::limits;

/// How many IP hops the response to a PUT may travel: 1 to 64.
///
/// It is the IP TTL (IPv6: hop limit) of the packets that carry the response. With a limit of 1, a
/// token does not leave the machine that requested it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HopLimit(u8);

impl HopLimit {
    /// One hop, the default of the EC2 API.
    pub const MIN: HopLimit = HopLimit(1);
    /// 64 hops.
    pub const MAX: HopLimit = HopLimit(limits::HOP_LIMIT);

    /// The hop limit as the number that a socket option takes.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u64> for HopLimit {
    type Error = HopLimitError;

    fn try_from(hops: u64) -> Result<HopLimit, HopLimitError> {
        match u8::try_from(hops) {
            Ok(hops) if (HopLimit::MIN.0..=HopLimit::MAX.0).contains(&hops) => Ok(HopLimit(hops)),
            _ => Err(HopLimitError(hops)),
        }
    }
}

impl From<HopLimit> for u64 {
    fn from(hops: HopLimit) -> u64 {
        hops.0.into()
    }
}

/// A number that is not 1 to 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HopLimitError(u64);

impl fmt::Display for HopLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a hop limit: use 1 to {}", self.0, limits::HOP_LIMIT)
    }
}

impl core::error::Error for HopLimitError {}
