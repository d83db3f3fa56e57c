//! The paths of `latest` that every instance resolves to the same row, as a hash table.
//!
//! The table follows from [`TREE`], at compile time. It finds the row that the walk through the
//! directories finds: a test compares them.

use super::directory::{Directory, Kind, Row};
use super::table::TREE;
use crate::version::Date;

/// A row that is below neither an interface nor a public key.
#[derive(Clone, Copy)]
pub(super) struct FlatRow {
    pub row: &'static Row,
    /// The first version that has the row and each directory around it.
    pub since: Date,
}

/// The row of a path in its usual spelling: `/latest/`, the names, and at most one slash at the
/// end. Another spelling may lead to a row too.
#[inline(always)]
pub(super) fn find(path: &[u8]) -> Option<&'static FlatRow> {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let names = path.strip_prefix(PREFIX)?;
    let mut slot = slot_of(path.last_chunk()?, path.len());
    loop {
        let flat = ROWS.get(usize::from(SLOTS[slot]))?.as_ref()?;
        if flat.row.plain_path() == names {
            return Some(flat);
        }
        slot = (slot + 1) % SLOTS.len();
    }
}

/// The slot of a path. Few paths have the last eight bytes and the length in common.
const fn slot_of(end: &[u8; 8], length: usize) -> usize {
    let mixed = u64::from_le_bytes(*end).wrapping_add(length as u64).wrapping_mul(MULTIPLIER);
    (mixed >> 56) as usize
}

const PREFIX: &[u8] = b"/latest/";
/// 2^64 divided by the golden ratio: a multiplier that spreads keys (Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4).
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const NONE: u8 = u8::MAX;
const COUNT: usize = count(&TREE);
const _: () = assert!(COUNT < SLOTS_LENGTH / 2 && COUNT < NONE as usize, "a search ends soon");
const SLOTS_LENGTH: usize = 256;

/// The rows in the order of the tree.
static ROWS: [Option<FlatRow>; COUNT] = collect(&TREE, Date::of("1.0"), [None; COUNT], 0).0;

/// The index in [`ROWS`] of the path in each slot, or [`NONE`]. A path whose slot is taken is in
/// the next free one.
static SLOTS: [u8; SLOTS_LENGTH] = {
    let mut slots = [NONE; SLOTS_LENGTH];
    let mut index = 0;
    while index < COUNT {
        if let Some(flat) = ROWS[index] {
            let names = flat.row.plain_path();
            // The last eight bytes of the whole path.
            let mut end = [0; 8];
            let mut at = 0;
            while at < end.len() {
                let from_end = end.len() - at;
                end[at] = if from_end <= names.len() {
                    names[names.len() - from_end]
                } else {
                    PREFIX[PREFIX.len() + names.len() - from_end]
                };
                at += 1;
            }
            let mut slot = slot_of(&end, PREFIX.len() + names.len());
            while slots[slot] != NONE {
                slot = (slot + 1) % SLOTS_LENGTH;
            }
            slots[slot] = index as u8;
        }
        index += 1;
    }
    slots
};

/// The number of rows in a directory and in those below it.
const fn count(directory: &Directory) -> usize {
    let (mut count, mut row) = (0, 0);
    while row < directory.rows.len() {
        count += 1;
        if let Kind::Directory(below) = directory.rows[row].kind {
            count += self::count(below);
        }
        row += 1;
    }
    count
}

/// Appends the rows of a directory and of those below it. Returns the rows and their number.
const fn collect(
    directory: &'static Directory,
    since: Date,
    mut rows: [Option<FlatRow>; COUNT],
    mut length: usize,
) -> ([Option<FlatRow>; COUNT], usize) {
    let mut index = 0;
    while index < directory.rows.len() {
        let row = &directory.rows[index];
        let since = if since.is_before(row.date) { row.date } else { since };
        rows[length] = Some(FlatRow { row, since });
        length += 1;
        if let Kind::Directory(below) = row.kind {
            (rows, length) = collect(below, since, rows, length);
        }
        index += 1;
    }
    (rows, length)
}
