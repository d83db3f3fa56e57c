//! Wall-clock time: the timestamp type of this crate, and the three formats that the service prints.
//!
//! The crate reads no clock: the caller passes each [`Timestamp`]. Deadlines, expiries and dates all use
//! this type. There is no monotonic time.

mod civil;
mod rfc3339;

use alloc::vec::Vec;
use core::fmt::{self, Write};

use civil::Civil;
pub use rfc3339::TimestampError;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The range is 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, so the year has four digits in each
/// format. `Display` and `Debug` print RFC 3339, with the milliseconds only if they are not 0. JSON has
/// the same text.
///
/// ```
/// use imds::time::Timestamp;
///
/// let launched = Timestamp::parse_rfc3339("2020-09-26T16:28:58+02:00")?;
/// assert_eq!(launched.to_string(), "2020-09-26T14:28:58Z");
///
/// assert_eq!(&launched.http_date(), b"Sat, 26 Sep 2020 14:28:58 GMT");
/// # Ok::<(), imds::time::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Timestamp = Timestamp(0);
    /// 9999-12-31T23:59:59.999Z.
    pub const MAX: Timestamp = Timestamp(253_402_300_799_999);

    /// The instant `millis` milliseconds after the epoch. `None` if it is after [`Timestamp::MAX`].
    pub const fn from_millis(millis: u64) -> Option<Timestamp> {
        if millis <= Timestamp::MAX.0 { Some(Timestamp(millis)) } else { None }
    }

    /// The instant `millis` milliseconds after the epoch, at most [`Timestamp::MAX`].
    pub const fn saturating_from_millis(millis: u64) -> Timestamp {
        match Timestamp::from_millis(millis) {
            Some(timestamp) => timestamp,
            None => Timestamp::MAX,
        }
    }

    /// Parses the `date-time` of RFC 3339 section 5.6, for example `2020-09-26T14:28:58Z` or
    /// `2020-09-26t16:28:58.25+02:00`.
    ///
    /// `T` and `Z` may be in lower case. A fraction may have any number of digits. Those after the third are
    /// ignored. A space instead of `T`, which a note of that section allows, is rejected.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] is the first fault: another format, a field out of its range, a leap second, an instant out
    /// of the range of a timestamp, or text after the offset.
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, TimestampError> {
        rfc3339::parse(text)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The instant `millis` milliseconds later, at most [`Timestamp::MAX`].
    pub const fn saturating_add_millis(self, millis: u64) -> Timestamp {
        Timestamp::saturating_from_millis(self.0.saturating_add(millis))
    }

    /// The instant `seconds` seconds later, at most [`Timestamp::MAX`].
    pub const fn saturating_add_seconds(self, seconds: u64) -> Timestamp {
        self.saturating_add_millis(seconds.saturating_mul(1000))
    }

    /// The instant `millis` milliseconds earlier, at least [`Timestamp::EPOCH`].
    pub const fn saturating_sub_millis(self, millis: u64) -> Timestamp {
        Timestamp(self.0.saturating_sub(millis))
    }

    /// Milliseconds from `earlier` to this instant. 0 if `earlier` is later.
    pub const fn millis_since(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant without its milliseconds.
    pub const fn truncate_to_second(self) -> Timestamp {
        Timestamp(self.0 - self.0 % 1000)
    }

    /// The instant as an HTTP date without milliseconds, for example `Sat, 26 Sep 2020 14:45:29 GMT`.
    ///
    /// The format is `IMF-fixdate` of RFC 9110 section 5.6.7, always 29 bytes.
    // Inlined into the loop over headers, it would be hoisted and done for dates that are not written.
    #[inline(never)]
    pub fn http_date(self) -> [u8; 29] {
        Civil::from(self).imf_fixdate()
    }

    /// Appends the instant in RFC 3339 without milliseconds, for example `2020-09-26T14:28:58Z`. It is 20 bytes long.
    pub fn push_rfc3339_seconds(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Civil::from(self).rfc3339());
    }

    /// Appends the instant in the format of `events/maintenance/scheduled`, without milliseconds: 23 or 24 bytes, for
    /// example `21 Jan 2019 09:00:43 GMT` or `1 Jan 2021 02:00:00 GMT`.
    ///
    /// The first example is from AWS's documentation. The second, whose day is not padded, was seen on a real
    /// instance (banzaicloud/spot-termination-exporter#14).
    pub fn push_event_date(self, out: &mut Vec<u8>) {
        let date = Civil::from(self).imf_fixdate();
        let day = if date[5] == b'0' { 6 } else { 5 };
        out.extend_from_slice(&date[day..]);
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [until_second @ .., _z] = Civil::from(*self).rfc3339();
        for byte in until_second {
            f.write_char(char::from(byte))?;
        }
        match self.0 % 1000 {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
