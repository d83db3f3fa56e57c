use core::fmt;

use crate::limits;

/// How long a token is good: 1 to 21,600 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

/// What is wrong with a life that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TtlFault {
    /// Not 1 to 5 decimal digits.
    Spelling,
    /// A number, but not 1 to 21,600.
    Range,
}

impl Ttl {
    /// One second.
    pub const MIN: Ttl = Ttl(1);
    /// Six hours.
    pub const MAX: Ttl = Ttl(limits::TTL_SECONDS);

    /// A life of so many seconds.
    pub const fn new(seconds: u32) -> Result<Ttl, TtlFault> {
        if seconds < Ttl::MIN.0 || seconds > Ttl::MAX.0 { Err(TtlFault::Range) } else { Ok(Ttl(seconds)) }
    }

    /// Reads a field's value, blanks around it already gone. Leading zeros are fine, a sign is not.
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

    /// The life in seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl fmt::Display for TtlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TtlFault::Spelling => f.write_str("a token's life is 1 to 5 decimal digits"),
            TtlFault::Range => write!(f, "a token's life is {} to {} seconds", Ttl::MIN.0, Ttl::MAX.0),
        }
    }
}

impl core::error::Error for TtlFault {}
