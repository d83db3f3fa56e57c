use alloc::vec::Vec;

use super::presence::Things;
use super::table::{Appears, Entry};
use crate::version::{VERSIONS, Version};

/// A directory of rows, and what can be said of them without an instance.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Sorted by byte, as they are listed.
    pub rows: &'static [Entry],
    /// The names of all rows as they are listed, a line feed behind each.
    names: &'static [u8],
    /// Where the name of each row begins in `names`, and last where they end.
    begins: &'static [u16],
    /// The rows that each version has.
    known: [Rows; VERSIONS.len()],
    /// What an instance has that has any of the rows of a version.
    things: [Things; VERSIONS.len()],
    /// The rows that every instance has, in each version that does.
    always: Rows,
    /// The rows that an instance may get or lose in its life.
    later: Rows,
}

/// Some rows of a directory: bit i is row i.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rows(u64);

/// A [`Directory`] of these rows.
macro_rules! directory {
    ($($row:expr),* $(,)?) => {{
        const ROWS: &[Entry] = &[$($row),*];
        const NAMES: &[u8] = &$crate::metadata::directory::names::<{ $crate::metadata::directory::length(ROWS) }>(ROWS);
        const BEGINS: &[u16] = &$crate::metadata::directory::begins::<{ ROWS.len() + 1 }>(ROWS);
        Directory::new(ROWS, NAMES, BEGINS)
    }};
}
pub(super) use directory;

impl Directory {
    pub const fn new(rows: &'static [Entry], names: &'static [u8], begins: &'static [u16]) -> Directory {
        assert!(rows.len() < 64, "a set of rows has a bit for each");
        let mut known = [Rows(0); VERSIONS.len()];
        let mut things = [Things::NONE; VERSIONS.len()];
        let (mut always, mut later) = (0, 0);
        let mut row = 0;
        while row < rows.len() {
            let bit = 1 << row;
            let mut version = 0;
            while version < known.len() {
                if Version::ALL[version].has(rows[row].date) {
                    known[version].0 |= bit;
                    things[version] = things[version].or(rows[row].things(Version::ALL[version]));
                }
                version += 1;
            }
            if rows[row].always {
                always |= bit;
            }
            if !matches!(rows[row].appears, Appears::Launch) {
                later |= bit;
            }
            row += 1;
        }
        Directory { rows, names, begins, known, things, always: Rows(always), later: Rows(later) }
    }

    /// What an instance has that has any of the rows in this version.
    pub const fn things(&self, version: Version) -> Things {
        self.things[version.place()]
    }

    /// The rows of a version that every instance has, and those that it may have.
    pub fn rows_of(&self, version: Version) -> (Rows, Rows) {
        let Rows(known) = self.known[version.place()];
        (Rows(known & self.always.0), Rows(known & !self.always.0))
    }

    /// The rows of a version that an instance may get or lose in its life.
    pub fn later_rows_of(&self, version: Version) -> Rows {
        Rows(self.known[version.place()].0 & self.later.0)
    }

    /// Appends the names of these rows, with line feeds between them and none after the last.
    pub fn push_names(&self, rows: Rows, out: &mut Vec<u8>) {
        // What stands in a row is appended at once.
        let Rows(mut left) = rows;
        while left != 0 {
            let first = left.trailing_zeros();
            let behind = first + (left >> first).trailing_ones();
            let run = usize::from(self.begins[first as usize])..usize::from(self.begins[behind as usize]);
            out.extend_from_slice(&self.names[run]);
            left &= u64::MAX << behind;
        }
        if rows.0 != 0 {
            out.pop();
        }
    }
}

impl Rows {
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rows that are in one of two sets.
    pub fn or(self, other: Rows) -> Rows {
        Rows(self.0 | other.0)
    }

    /// Those of the rows that are as asked. In the directory that the set is of, they have these places.
    pub fn filter(self, mut fits: impl FnMut(usize) -> bool) -> Rows {
        let mut fitting = 0;
        for row in self.places() {
            fitting |= u64::from(fits(row)) << row;
        }
        Rows(fitting)
    }

    /// The places of the rows in their directory.
    pub fn places(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let row = (left != 0).then_some(left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            row
        })
    }
}

pub(super) const fn length(rows: &[Entry]) -> usize {
    let (mut length, mut row) = (0, 0);
    while row < rows.len() {
        length += rows[row].listed.len() + 1;
        row += 1;
    }
    length
}

pub(super) const fn names<const LENGTH: usize>(rows: &[Entry]) -> [u8; LENGTH] {
    let mut names = [b'\n'; LENGTH];
    let (mut at, mut row) = (0, 0);
    while row < rows.len() {
        let name = rows[row].listed.as_bytes();
        let mut byte = 0;
        while byte < name.len() {
            names[at + byte] = name[byte];
            byte += 1;
        }
        at += name.len() + 1;
        row += 1;
    }
    names
}

pub(super) const fn begins<const BEGINS: usize>(rows: &[Entry]) -> [u16; BEGINS] {
    let mut begins = [0; BEGINS];
    let mut row = 0;
    while row < rows.len() {
        begins[row + 1] = begins[row] + rows[row].listed.len() as u16 + 1;
        row += 1;
    }
    begins
}
