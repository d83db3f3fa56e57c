//! The parser of RFC 3339 section 5.6.

use core::fmt;

use super::Timestamp;
use super::civil::{days_in_month, days_since_epoch};

impl Timestamp {
    /// Parses the `date-time` of RFC 3339 section 5.6, for example `2020-09-26T14:28:58Z` or
    /// `2020-09-26t16:28:58.25+02:00`.
    ///
    /// `T` and `Z` may be in lower case. A fraction may have any number of digits. Those after the
    /// third are ignored. A space instead of `T`, which a note of that section allows, is rejected.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] is the first fault: another format, a field out of its range, a leap
    /// second, an instant out of the range of a timestamp, or text after the offset.
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, TimestampError> {
        parse(text)
    }
}

// date-time       = full-date "T" full-time
// full-date       = date-fullyear "-" date-month "-" date-mday
// full-time       = partial-time time-offset
// partial-time    = time-hour ":" time-minute ":" time-second [time-secfrac]
// time-secfrac    = "." 1*DIGIT
// time-offset     = "Z" / time-numoffset
// time-numoffset  = ("+" / "-") time-hour ":" time-minute
fn parse(text: &str) -> Result<Timestamp, TimestampError> {
    let mut rest = Reader { text: text.as_bytes(), at: 0 };
    let year = rest.field(YEAR)?;
    rest.one_of(b"-", "'-' after the year")?;
    let month = rest.field(MONTH)?;
    rest.one_of(b"-", "'-' after the month")?;
    let day = rest.field(Field { highest: days_in_month(year, month), ..DAY })?;
    rest.one_of(b"Tt", "'T' after the date")?;
    let hour = rest.field(HOUR)?;
    rest.one_of(b":", "':' after the hour")?;
    let minute = rest.field(MINUTE)?;
    rest.one_of(b":", "':' after the minute")?;
    let second = match rest.field(SECOND) {
        Err(TimestampError::FieldOutOfRange { value: 60, .. }) => {
            return Err(TimestampError::LeapSecond);
        }
        second => second?,
    };
    let millis = rest.fraction()?;
    let offset_minutes = rest.offset()?;
    if rest.at < rest.text.len() {
        return Err(TimestampError::TrailingText { at: rest.at });
    }

    let minutes = i64::from(hour * 60 + minute) - offset_minutes;
    let seconds = days_since_epoch(year, month, day) * 86_400 + minutes * 60 + i64::from(second);
    u64::try_from(seconds * 1000 + i64::from(millis))
        .ok()
        .and_then(Timestamp::from_millis)
        .ok_or(TimestampError::OutOfRange)
}

/// Why a text is not a timestamp. Positions are byte offsets in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimestampError {
    /// The text has something other than a digit at `at`, or ends there.
    Digit {
        /// The field whose digit is missing, for example `month`.
        field: &'static str,
        /// Where it is missing.
        at: usize,
    },
    /// The text has something other than a required character at `at`, or ends there.
    Expected {
        /// What RFC 3339 requires there.
        what: &'static str,
        /// Where it is missing.
        at: usize,
    },
    /// A field of the calendar or the clock is out of its range.
    FieldOutOfRange {
        /// The field, for example `month`.
        field: &'static str,
        /// Its value.
        value: u32,
        /// The lowest allowed value.
        lowest: u32,
        /// The highest allowed value. For a day it depends on the year and the month.
        highest: u32,
    },
    /// The second is 60. A [`Timestamp`] does not count leap seconds.
    LeapSecond,
    /// The instant is before [`Timestamp::EPOCH`] or after [`Timestamp::MAX`].
    OutOfRange,
    /// The text continues after the offset.
    TrailingText {
        /// The first byte after the offset.
        at: usize,
    },
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TimestampError::Digit { field, at } => {
                write!(f, "expected a digit of the {field} at byte {at}")
            }
            TimestampError::Expected { what, at } => write!(f, "expected {what} at byte {at}"),
            TimestampError::FieldOutOfRange { field, value, lowest, highest } => {
                write!(f, "the {field} is {value}, which is not in {lowest} to {highest}")
            }
            TimestampError::LeapSecond => f.write_str("the second is 60: a timestamp cannot hold a leap second"),
            TimestampError::OutOfRange => {
                write!(f, "the instant is outside {} to {}", Timestamp::EPOCH, Timestamp::MAX)
            }
            TimestampError::TrailingText { at } => {
                write!(f, "the text goes on after the offset, at byte {at}")
            }
        }
    }
}

impl core::error::Error for TimestampError {}

/// A text and the position in it: `0 <= at <= text.len()`.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn digit(&mut self, field: &'static str) -> Result<u32, TimestampError> {
        match self.peek() {
            Some(digit @ b'0'..=b'9') => {
                self.at += 1;
                Ok(u32::from(digit - b'0'))
            }
            _ => Err(TimestampError::Digit { field, at: self.at }),
        }
    }

    fn one_of(&mut self, allowed: &[u8], what: &'static str) -> Result<u8, TimestampError> {
        match self.peek() {
            Some(byte) if allowed.contains(&byte) => {
                self.at += 1;
                Ok(byte)
            }
            _ => Err(TimestampError::Expected { what, at: self.at }),
        }
    }

    fn field(&mut self, field: Field) -> Result<u32, TimestampError> {
        let Field { name, digits, lowest, highest } = field;
        let mut value = 0;
        for _ in 0..digits {
            value = value * 10 + self.digit(name)?;
        }
        if (lowest..=highest).contains(&value) {
            Ok(value)
        } else {
            Err(TimestampError::FieldOutOfRange { field: name, value, lowest, highest })
        }
    }

    /// The milliseconds of the optional fraction. Digits after the third are ignored.
    fn fraction(&mut self) -> Result<u32, TimestampError> {
        if self.peek() != Some(b'.') {
            return Ok(0);
        }
        self.at += 1;
        let mut millis = self.digit("fraction")? * 100;
        let mut weight = 10;
        while let Ok(digit) = self.digit("fraction") {
            millis += digit * weight;
            weight /= 10;
        }
        Ok(millis)
    }

    /// Minutes east of Greenwich. `-00:00`, "the offset to local time is unknown", is UTC as well.
    fn offset(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.one_of(b"Zz+-", "'Z' or an offset such as '+02:00'")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(0),
        };
        let hours = self.field(OFFSET_HOUR)?;
        self.one_of(b":", "':' in the offset")?;
        let minutes = self.field(OFFSET_MINUTE)?;
        Ok(sign * i64::from(hours * 60 + minutes))
    }
}

/// A number in the text: its name in errors, its length and its range.
#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    digits: u32,
    lowest: u32,
    highest: u32,
}

const fn field(name: &'static str, digits: u32, lowest: u32, highest: u32) -> Field {
    Field { name, digits, lowest, highest }
}

const YEAR: Field = field("year", 4, 0, 9999);
const MONTH: Field = field("month", 2, 1, 12);
const DAY: Field = field("day", 2, 1, 31);
const HOUR: Field = field("hour", 2, 0, 23);
const MINUTE: Field = field("minute", 2, 0, 59);
const SECOND: Field = field("second", 2, 0, 59);
const OFFSET_HOUR: Field = field("offset's hour", 2, 0, 23);
const OFFSET_MINUTE: Field = field("offset's minute", 2, 0, 59);
