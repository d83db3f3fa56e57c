//! The versions that the metadata tree is served in.

use core::fmt;

/// A version that is served: a row of [`VERSIONS`].
///
/// Sources: the list of a Nitro instance, recorded on 2026-09-26, and the one of a Xen instance
/// (flaws.cloud, 2024-08-31). They differ in
/// [`Profile::absent_versions`](crate::http::Profile::absent_versions). The documented "version
/// introduced" of a category is not always one of them: the category is in all versions from that
/// date on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

/// The names of all served versions, oldest first, without [`LATEST`].
pub const VERSIONS: &[&str] = &[
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-07-09",
    "2022-09-24",
    "2024-04-11",
    "2025-10-04",
    "2026-04-15",
];

/// The name that stands for the newest version of an instance.
pub const LATEST: &str = "latest";

impl Version {
    /// The newest version of [`VERSIONS`].
    pub const NEWEST: Version = Version(VERSIONS.len() as u8 - 1);

    /// All versions, in the order of [`VERSIONS`].
    pub(crate) const ALL: [Version; VERSIONS.len()] = {
        let mut all = [Version(0); VERSIONS.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Version(index as u8);
            index += 1;
        }
        all
    };

    /// All versions, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Version> {
        Version::ALL.into_iter()
    }

    /// The version with this name. [`LATEST`] is not one, because its version depends on the
    /// instance.
    ///
    /// # Errors
    ///
    /// If no version has the name.
    pub fn named(name: &str) -> Result<Version, VersionError> {
        Version::all().find(|version| version.name() == name).ok_or(VersionError)
    }

    /// The name, which is a path segment.
    pub fn name(self) -> &'static str {
        VERSIONS[usize::from(self.0)]
    }

    /// The index in [`VERSIONS`].
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the version has a row that was introduced at this date.
    pub(crate) const fn has(self, since: Date) -> bool {
        since.0 <= DATES[self.0 as usize].0
    }
}

/// A date of AWS's tables, or the version "1.0", which is before all dates: the digits as one
/// number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(u32);

impl Date {
    pub const fn is_before(self, other: Date) -> bool {
        self.0 < other.0
    }

    pub const fn of(name: &str) -> Date {
        let digits = name.as_bytes();
        let (mut number, mut at) = (0, 0);
        while at < digits.len() {
            if digits[at].is_ascii_digit() {
                number = number * 10 + (digits[at] - b'0') as u32;
            }
            at += 1;
        }
        Date(number)
    }
}

const DATES: [Date; VERSIONS.len()] = {
    let mut dates = [Date(0); VERSIONS.len()];
    let mut at = 0;
    while at < VERSIONS.len() {
        dates[at] = Date::of(VERSIONS[at]);
        at += 1;
    }
    dates
};

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a name that no version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionError;

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a version is one of {} to {}, as `/` lists them", VERSIONS[0], Version::NEWEST)
    }
}

impl core::error::Error for VersionError {}
