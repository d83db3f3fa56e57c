/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The range is 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, so the year has four digits in
/// each format. `Display` and `Debug` print RFC 3339, with the milliseconds only if they are not 0.
/// JSON has the same text.
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
}
