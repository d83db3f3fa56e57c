//! The text formats of timestamps. The parser is in `rfc3339.rs`.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::Timestamp;
use super::civil::Civil;

impl Timestamp {
    /// The instant as an HTTP date without milliseconds, for example `Sat, 26 Sep 2020 14:45:29
    /// GMT`.
    ///
    /// The format is `IMF-fixdate` of RFC 9110 section 5.6.7, always 29 bytes.
    // Inlined into the loop over headers, it would be hoisted and done for dates that are not
    // written.
    #[inline(never)]
    pub fn http_date(self) -> [u8; 29] {
        Civil::from(self).imf_fixdate()
    }

    /// Appends the instant in RFC 3339 without milliseconds, for example `2020-09-26T14:28:58Z`. It
    /// is 20 bytes long.
    pub fn push_rfc3339_seconds(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Civil::from(self).rfc3339());
    }

    /// Appends the instant in the format of `events/maintenance/scheduled`, without milliseconds:
    /// 23 or 24 bytes, for example `21 Jan 2019 09:00:43 GMT` or `1 Jan 2021 02:00:00 GMT`.
    ///
    /// The first example is from AWS's documentation. The second, whose day is not padded, was seen
    /// on a real instance (banzaicloud/spot-termination-exporter#14).
    pub fn push_event_date(self, out: &mut Vec<u8>) {
        let date = Civil::from(self).imf_fixdate();
        let day = if date[5] == b'0' { 6 } else { 5 };
        out.extend_from_slice(&date[day..]);
    }

    /// Displays the instant in RFC 3339, always with milliseconds, for example
    /// `2020-09-26T14:28:58.000Z`. It is 24 bytes long.
    pub const fn display_with_millis(self) -> DisplayWithMillis {
        DisplayWithMillis(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.millis().is_multiple_of(1000) {
            return fmt::Display::fmt(&self.display_with_millis(), f);
        }
        write_until_second(*self, f)?;
        f.write_char('Z')
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A timestamp in RFC 3339 with milliseconds. [`Timestamp::display_with_millis`] returns it.
#[derive(Debug, Clone, Copy)]
pub struct DisplayWithMillis(Timestamp);

impl fmt::Display for DisplayWithMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_until_second(self.0, f)?;
        write!(f, ".{:03}Z", self.0.millis() % 1000)
    }
}

/// Writes the date and the time of day, without a fraction and without `Z`.
fn write_until_second(timestamp: Timestamp, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let [until_second @ .., _z] = Civil::from(timestamp).rfc3339();
    until_second.into_iter().try_for_each(|byte| f.write_char(char::from(byte)))
}
