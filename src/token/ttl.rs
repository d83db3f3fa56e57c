use core::fmt;

use crate::limits;

/// The TTL of a token: 0 to 21,600 seconds. A token with a TTL of 0 is never valid.
///
/// `Profile::shortest_ttl` is the shortest that a PUT may request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

/// Why a requested TTL is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TtlFault {
    /// The value is not 1 to 5 decimal digits.
    Spelling,
    /// The value is a number, but longer than 21,600 seconds or shorter than the generation allows.
    Range,
}

impl Ttl {
    /// No time at all.
    pub const ZERO: Ttl = Ttl(0);
    /// One second.
    pub const ONE_SECOND: Ttl = Ttl(1);
    /// Six hours.
    pub const MAX: Ttl = Ttl(limits::TTL_SECONDS);

    /// A TTL in seconds.
    ///
    /// # Errors
    ///
    /// [`TtlFault::Range`] if `seconds` is more than 21,600.
    pub const fn new(seconds: u32) -> Result<Ttl, TtlFault> {
        if seconds > Ttl::MAX.0 { Err(TtlFault::Range) } else { Ok(Ttl(seconds)) }
    }

    /// Parses the value of a header, without surrounding whitespace. Leading zeros are accepted, a
    /// sign is not.
    ///
    /// # Errors
    ///
    /// [`TtlFault`] if the value is not 1 to 5 decimal digits, or more than 21,600.
    pub fn parse(value: &[u8]) -> Result<Ttl, TtlFault> {
        if value.is_empty() || value.len() > 5 {
            return Err(TtlFault::Spelling);
        }
        let mut seconds = 0;
        for byte in value {
            match byte.wrapping_sub(b'0') {
                digit @ 0..=9 => seconds = seconds * 10 + u32::from(digit),
                _ => return Err(TtlFault::Spelling),
            }
        }
        Ttl::new(seconds)
    }

    /// The TTL in seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl fmt::Display for TtlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TtlFault::Spelling => f.write_str("the token TTL is not 1 to 5 decimal digits"),
            TtlFault::Range => write!(f, "the token TTL is out of range: use at most {} seconds", Ttl::MAX.0),
        }
    }
}

impl core::error::Error for TtlFault {}
