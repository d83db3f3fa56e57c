//! Conversion of instants to calendar dates with times of day, and back.

use super::Timestamp;
use crate::write::two_digits;

/// A date of the Gregorian calendar with a time of day, in UTC.
pub(super) struct Civil {
    /// 1970 to 9999.
    year: u32,
    /// 1 to 12.
    month: u32,
    /// 1 to 31.
    day: u32,
    /// 0 for Sunday to 6.
    weekday: u32,
    /// 0 to 23.
    hour: u32,
    /// 0 to 59.
    minute: u32,
    /// 0 to 59.
    second: u32,
}

impl Civil {
    /// The `IMF-fixdate` of RFC 9110 section 5.6.7.
    #[inline(always)]
    pub(super) fn imf_fixdate(&self) -> [u8; 29] {
        let mut date = *b"Www, dd Mmm yyyy hh:mm:ss GMT";
        date[0..3].copy_from_slice(&WEEKDAYS[self.weekday as usize]);
        date[5..7].copy_from_slice(&two_digits(self.day));
        date[8..11].copy_from_slice(&MONTHS[self.month as usize - 1]);
        date[12..14].copy_from_slice(&two_digits(self.year / 100));
        date[14..16].copy_from_slice(&two_digits(self.year % 100));
        date[17..19].copy_from_slice(&two_digits(self.hour));
        date[20..22].copy_from_slice(&two_digits(self.minute));
        date[23..25].copy_from_slice(&two_digits(self.second));
        date
    }

    /// The `date-time` of RFC 3339 section 5.6, in UTC, without a fraction.
    pub(super) fn rfc3339(&self) -> [u8; 20] {
        let mut date = *b"yyyy-mm-ddThh:mm:ssZ";
        date[0..2].copy_from_slice(&two_digits(self.year / 100));
        date[2..4].copy_from_slice(&two_digits(self.year % 100));
        date[5..7].copy_from_slice(&two_digits(self.month));
        date[8..10].copy_from_slice(&two_digits(self.day));
        date[11..13].copy_from_slice(&two_digits(self.hour));
        date[14..16].copy_from_slice(&two_digits(self.minute));
        date[17..19].copy_from_slice(&two_digits(self.second));
        date
    }
}

impl From<Timestamp> for Civil {
    /// The algorithm of C. Neri and L. Schneider, "Euclidean affine functions and their application
    /// to calendar algorithms", 2022 (doi.org/10.1002/spe.3172). Years begin in March, so the leap
    /// day is the last day of a year. Every division is by a constant.
    #[inline(always)]
    fn from(timestamp: Timestamp) -> Civil {
        let seconds = timestamp.seconds();
        let days = (seconds / 86_400) as u32;
        let second_of_day = (seconds % 86_400) as u32;

        let century_numerator = 4 * (days + DAYS_FROM_YEAR_0_TO_EPOCH) + 3;
        let century = century_numerator / DAYS_PER_400_YEARS;
        let day_of_century = century_numerator % DAYS_PER_400_YEARS / 4;

        // Division by 1461, the days of four years: 2939745 is 2^32 / 1461 rounded up. The high
        // half of the product is the quotient. The low half is the remainder, scaled.
        let year_product = 2_939_745 * u64::from(4 * day_of_century + 3);
        let year_of_century = (year_product >> 32) as u32;
        let day_of_year = year_product as u32 / 2_939_745 / 4;

        // 65536 / 2141 is 30.6, the average length of the months from March to January.
        let month_numerator = 2141 * day_of_year + 197_913;
        let month_from_march = month_numerator >> 16;
        let day = (month_numerator & 0xffff) / 2141 + 1;

        let next_year = u32::from(day_of_year >= DAYS_FROM_MARCH_TO_JANUARY);
        Civil {
            year: 100 * century + year_of_century + next_year,
            month: month_from_march - 12 * next_year,
            day,
            weekday: (days + 4) % 7,
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }
}

/// Days from 1970-01-01 to a date in the years 0 to 9999. Negative before the epoch. It is the
/// inverse of the conversion above, from the same paper.
pub(super) fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    // January and February count as months of the previous year. 400 years more keep it above 0 in
    // year 0.
    let previous_year = u32::from(month <= 2);
    let year = year + 400 - previous_year;
    let month = month + 12 * previous_year;
    let century = year / 100;
    let day_of_year = (979 * month - 2919) / 32 + day - 1;
    let days = 1461 * year / 4 - century + century / 4 + day_of_year;
    i64::from(days) - i64::from(DAYS_FROM_YEAR_0_TO_EPOCH + DAYS_PER_400_YEARS)
}

pub(super) fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(400) => 29,
        2 if year.is_multiple_of(4) && !year.is_multiple_of(100) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const DAYS_PER_400_YEARS: u32 = 146_097;
/// From 0000-03-01, where the first year of the algorithm begins, to 1970-01-01.
const DAYS_FROM_YEAR_0_TO_EPOCH: u32 = 719_468;
const DAYS_FROM_MARCH_TO_JANUARY: u32 = 306;

const WEEKDAYS: [[u8; 3]; 7] = [*b"Sun", *b"Mon", *b"Tue", *b"Wed", *b"Thu", *b"Fri", *b"Sat"];
const MONTHS: [[u8; 3]; 12] =
    [*b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov", *b"Dec"];
