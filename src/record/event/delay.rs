use alloc::string::ToString;
use core::fmt;
use core::str::FromStr;

use crate::json_string;

/// A duration as text: numbers with the units `d`, `h`, `m`, `s` and `ms`, the larger units first,
/// for example `2m` or `1h30m`. At most 3650 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Delay(u64);

impl Delay {
    /// A duration in milliseconds. `None` if it is longer than 3650 days.
    pub const fn from_millis(millis: u64) -> Option<Delay> {
        if millis <= MAX_MILLIS { Some(Delay(millis)) } else { None }
    }

    /// The duration in milliseconds.
    pub const fn millis(self) -> u64 {
        self.0
    }
}

impl FromStr for Delay {
    type Err = DelayError;

    fn from_str(text: &str) -> Result<Delay, DelayError> {
        let mut millis: u64 = 0;
        let mut rest = text;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = rest.split_at(digits);
            let length = after.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
            let (unit, after) = after.split_at(length);
            // The iterator goes on, so a unit that is repeated or too large is not found.
            let (_, factor) = units.find(|(name, _)| *name == unit).ok_or(DelayError)?;
            let number: u64 = number.parse().map_err(|_| DelayError)?;
            millis = number.checked_mul(*factor).and_then(|part| millis.checked_add(part)).ok_or(DelayError)?;
            rest = after;
        }
        if text.is_empty() { Err(DelayError) } else { Delay::from_millis(millis).ok_or(DelayError) }
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, factor) in UNITS {
            if rest >= *factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

json_string! {
    Delay, "a duration such as \"2m\"", Delay(0), str::parse::<Delay>, Delay::to_string;
}

/// A text that is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DelayError;

impl fmt::Display for DelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration is a number with a unit, for example 90s, 2m, 1h30m or 1d, and at most 3650d")
    }
}

impl core::error::Error for DelayError {}

const UNITS: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
const MAX_MILLIS: u64 = 3650 * 86_400_000;
