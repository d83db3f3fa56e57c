//! Wall-clock time: the one instant type of the core, and the three spellings in which the service prints it.
//!
//! The core reads no clock, so a [`Timestamp`] always comes from the caller. There is no monotonic time beside it:
//! deadlines, expiries and dates are all points on this one line.

mod civil;
mod rfc3339;

use alloc::vec::Vec;
use core::fmt::{self, Write};

use civil::Civil;
pub use rfc3339::TimestampError;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// It lies in 1970-01-01T00:00:00Z ..= 9999-12-31T23:59:59.999Z, the instants from the epoch on that four digits of
/// year can print, so printing one cannot fail. `Display` and `Debug` print RFC 3339 with the milliseconds only where
/// they are not 0. In JSON it is the same text.
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

    /// The instant that many milliseconds after the epoch, or `None` past [`Timestamp::MAX`].
    pub const fn from_millis(millis: u64) -> Option<Timestamp> {
        if millis <= Timestamp::MAX.0 { Some(Timestamp(millis)) } else { None }
    }

    /// The instant that many milliseconds after the epoch, or [`Timestamp::MAX`] where that is earlier.
    pub const fn saturating_from_millis(millis: u64) -> Timestamp {
        match Timestamp::from_millis(millis) {
            Some(timestamp) => timestamp,
            None => Timestamp::MAX,
        }
    }

    /// Reads the `date-time` of RFC 3339 section 5.6, such as `2020-09-26T14:28:58Z` or `2020-09-26t16:28:58.25+02:00`.
    ///
    /// `T` and `Z` may be in lower case. A fraction may have any number of digits, of which the first three count. The
    /// space that a note of that section allows in place of `T` is refused.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] names the first thing that is wrong: text of another form, a field that no calendar or clock
    /// has, a leap second, an instant that a timestamp cannot hold, or text behind the offset.
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, TimestampError> {
        rfc3339::parse(text)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, a begun one not counted.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The instant that many milliseconds later, at most [`Timestamp::MAX`].
    pub const fn saturating_add_millis(self, millis: u64) -> Timestamp {
        Timestamp::saturating_from_millis(self.0.saturating_add(millis))
    }

    /// The instant that many seconds later, at most [`Timestamp::MAX`].
    pub const fn saturating_add_seconds(self, seconds: u64) -> Timestamp {
        self.saturating_add_millis(seconds.saturating_mul(1000))
    }

    /// The instant that many milliseconds earlier, at least [`Timestamp::EPOCH`].
    pub const fn saturating_sub_millis(self, millis: u64) -> Timestamp {
        Timestamp(self.0.saturating_sub(millis))
    }

    /// Milliseconds from `earlier` to this instant, 0 where `earlier` is the later one.
    pub const fn millis_since(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The start of the second that this instant lies in.
    pub const fn truncate_to_second(self) -> Timestamp {
        Timestamp(self.0 - self.0 % 1000)
    }

    /// The instant as an HTTP date: the `IMF-fixdate` of RFC 9110 section 5.6.7, 29 bytes, the milliseconds
    /// left out, such as `Sat, 26 Sep 2020 14:45:29 GMT`.
    // Inlined where a head is written, in a loop over its fields, it would be hoisted and done for dates that are not written.
    #[inline(never)]
    pub fn http_date(self) -> [u8; 29] {
        Civil::from(self).imf_fixdate()
    }

    /// Appends the instant in RFC 3339 without its milliseconds: 20 bytes, such as `2020-09-26T14:28:58Z`.
    pub fn push_rfc3339_seconds(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Civil::from(self).rfc3339());
    }

    /// Appends the instant as `events/maintenance/scheduled` prints it: 23 or 24 bytes, the milliseconds left out, such
    /// as `21 Jan 2019 09:00:43 GMT` or `1 Jan 2021 02:00:00 GMT`.
    ///
    /// The first is the example of AWS's documentation. A day below 10 without padding was seen on a real instance:
    /// `1 Jan 2021 02:00:00 GMT` (banzaicloud/spot-termination-exporter#14).
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
