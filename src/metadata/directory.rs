use alloc::vec::Vec;

use super::context::{ChangeTrigger, ReadContext};
use super::members::{Members, Scopes};
use super::value::Value;
use crate::source::Source;
use crate::version::{Date, VERSIONS, Version};

/// One row of the tree: a value, or a directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The path below the version, with `{…}` for the segments that differ between instances.
    pub path: &'static str,
    /// The last segment of the path.
    pub name: &'static str,
    /// The last segment as it is listed: with the slash, if the path ends in one.
    pub listed: &'static str,
    /// The first version that has it, as AWS documents it or as a recording shows it. It need not be
    /// a version that is served.
    pub since: &'static str,
    /// `since` as a number.
    pub date: Date,
    pub kind: Kind,
    /// Whether every instance has it, in each version that does.
    pub always: bool,
    /// The event that changes it.
    pub trigger: ChangeTrigger,
    /// Whether the value is bytes of any kind, and not text.
    pub is_binary: bool,
    pub source: Source,
}

/// A row's content, as functions of an instance and a scope. The scope is the index of an interface
/// or a public key; 0 for rows below neither.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A value that every instance has.
    Always(for<'a> fn(&ReadContext<'a>, usize) -> Value<'a>),
    /// A value that some instances have.
    Optional(for<'a> fn(&ReadContext<'a>, usize) -> Option<Value<'a>>),
    /// A directory of rows.
    Directory(&'static Directory),
    /// A directory of values, and the placeholder for their names.
    Values(for<'a> fn(&ReadContext<'a>, usize) -> Members<'a>, &'static str),
    /// A directory of directories, each with the same rows.
    Directories(Scopes, &'static Directory),
}

/// A value that every instance has.
pub(super) const fn always(
    path: &'static str,
    since: &'static str,
    read: for<'a> fn(&ReadContext<'a>, usize) -> Value<'a>,
) -> Row {
    row(path, since, Kind::Always(read))
}

/// A value that some instances have.
pub(super) const fn optional(
    path: &'static str,
    since: &'static str,
    read: for<'a> fn(&ReadContext<'a>, usize) -> Option<Value<'a>>,
) -> Row {
    row(path, since, Kind::Optional(read))
}

/// A directory of rows.
pub(super) const fn directory(path: &'static str, since: &'static str, directory: &'static Directory) -> Row {
    row(path, since, Kind::Directory(directory))
}

/// A directory of values. The placeholder is for their names.
pub(super) const fn values(
    path: &'static str,
    placeholder: &'static str,
    since: &'static str,
    members: for<'a> fn(&ReadContext<'a>, usize) -> Members<'a>,
) -> Row {
    row(path, since, Kind::Values(members, placeholder))
}

/// A directory of directories with these rows.
pub(super) const fn directories(
    path: &'static str,
    since: &'static str,
    scopes: Scopes,
    directory: &'static Directory,
) -> Row {
    row(path, since, Kind::Directories(scopes, directory))
}

const fn row(path: &'static str, since: &'static str, kind: Kind) -> Row {
    let date = Date::of(since);
    let (always, trigger) = match kind {
        Kind::Always(_) => (true, ChangeTrigger::Launch),
        Kind::Directory(directory) => (directory.has_always_since(date), directory.trigger()),
        _ => (false, ChangeTrigger::Launch),
    };
    let listed = last_segment(path);
    let name = without_slash(listed);
    Row { path, name, listed, since, date, kind, always, trigger, is_binary: false, source: DOCUMENTED }
}

impl Row {
    /// The row with another source than AWS's list of categories.
    pub const fn source(self, source: Source) -> Row {
        Row { source, ..self }
    }

    /// The row, changed by an event. The default is the launch.
    pub const fn changed_by(self, trigger: ChangeTrigger) -> Row {
        Row { trigger, ..self }
    }

    /// The row, for a directory that is empty on no instance.
    pub const fn never_empty(self) -> Row {
        Row { always: true, ..self }
    }

    /// The row, for a value that is not text.
    pub const fn binary(self) -> Row {
        Row { is_binary: true, ..self }
    }

    /// The path without a slash at its end.
    #[inline(always)]
    pub const fn plain_path(&self) -> &'static [u8] {
        without_slash(self.path).as_bytes()
    }

    /// Whether the instance has the row, in a version that defines it.
    #[inline(always)]
    pub fn is_present(&self, context: &ReadContext<'_>, version: Version, scope: usize) -> bool {
        self.always
            || match self.kind {
                Kind::Always(_) => true,
                Kind::Optional(read) => read(context, scope).is_some(),
                Kind::Directory(directory) => directory.is_present(context, version, scope),
                Kind::Values(members, _) => !members(context, scope).is_empty(),
                Kind::Directories(scopes, _) => !scopes.is_empty(context),
            }
    }
}

const fn last_segment(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut at = bytes.len() - 1;
    while at > 0 && bytes[at - 1] != b'/' {
        at -= 1;
    }
    path.split_at(at).1
}

const fn without_slash(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [.., b'/'] => name.split_at(name.len() - 1).0,
        _ => name,
    }
}

const DOCUMENTED: Source = Source::documented("AWS: instance metadata categories");

/// A directory of rows, with what follows from them for every instance.
#[derive(Debug)]
pub(super) struct Directory {
    /// Sorted by byte, in the order of a listing.
    pub rows: &'static [Row],
    /// The names of all rows as they are listed, each followed by a line feed.
    names: &'static [u8],
    /// The offset of each row's name in `names`, and last the length of `names`.
    offsets: &'static [u16],
    /// The rows of each version.
    known: [RowSet; VERSIONS.len()],
    /// The rows that every instance has, in each version that does.
    always: RowSet,
    /// The rows that an instance can get or lose after its launch.
    dynamic: RowSet,
    /// The rows that not every instance has and this one does, in any version, as the bits of a
    /// [`RowSet`].
    optional: fn(&ReadContext<'_>, Version, usize) -> u64,
}

/// A set of rows of a directory. Bit i is row i, so that adjacent names are appended at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowSet(u64);

/// A [`Directory`] of these rows.
macro_rules! rows {
    ($($row:expr),* $(,)?) => {{
        const ROWS: &[Row] = &[$($row),*];
        const NAMES: &[u8] = &$crate::metadata::directory::names::<{ $crate::metadata::directory::length(ROWS) }>(ROWS);
        const OFFSETS: &[u16] = &$crate::metadata::directory::offsets::<{ ROWS.len() + 1 }>(ROWS);
        // One statement for each row, and not a loop: the index of a row is then a constant, so
        // that its function is inlined and makes no value. A listing of `meta-data` costs 5,871
        // instructions; with a loop, 6,937.
        fn optional_rows(context: &ReadContext<'_>, version: Version, scope: usize) -> u64 {
            let (mut bits, mut row) = (0, 0);
            $(
                let _ = stringify!($row);
                if !ROWS[row].always {
                    bits |= u64::from(ROWS[row].is_present(context, version, scope)) << row;
                }
                row += 1;
            )*
            let _ = row;
            bits
        }
        Directory::new(ROWS, NAMES, OFFSETS, optional_rows)
    }};
}
pub(super) use rows;

impl Directory {
    pub const fn new(
        rows: &'static [Row],
        names: &'static [u8],
        offsets: &'static [u16],
        optional: fn(&ReadContext<'_>, Version, usize) -> u64,
    ) -> Directory {
        assert!(rows.len() < 64, "a set of rows has 64 bits");
        let mut known = [RowSet(0); VERSIONS.len()];
        let (mut always, mut dynamic) = (0, 0);
        let mut row = 0;
        while row < rows.len() {
            let bit = 1 << row;
            let mut version = 0;
            while version < known.len() {
                if Version::ALL[version].has(rows[row].date) {
                    known[version].0 |= bit;
                }
                version += 1;
            }
            if rows[row].always {
                always |= bit;
            }
            if rows[row].trigger.is_dynamic() {
                dynamic |= bit;
            }
            row += 1;
        }
        Directory { rows, names, offsets, known, always: RowSet(always), dynamic: RowSet(dynamic), optional }
    }

    /// Whether one of the rows is on every instance from that date on.
    const fn has_always_since(&self, date: Date) -> bool {
        let (mut has_always, mut row) = (false, 0);
        while row < self.rows.len() {
            has_always |= self.rows[row].always && !date.is_before(self.rows[row].date);
            row += 1;
        }
        has_always
    }

    /// The event that changes the directory around this one: what all rows have in common.
    const fn trigger(&self) -> ChangeTrigger {
        let trigger = self.rows[0].trigger;
        let mut row = 1;
        while row < self.rows.len() {
            if self.rows[row].trigger as u8 != trigger as u8 {
                return ChangeTrigger::Launch;
            }
            row += 1;
        }
        trigger
    }

    /// The rows of a version that an instance has.
    pub fn present(&self, context: &ReadContext<'_>, version: Version, scope: usize) -> RowSet {
        let RowSet(known) = self.known[version.index()];
        if known & !self.always.0 == 0 {
            return RowSet(known);
        }
        RowSet(known & (self.always.0 | (self.optional)(context, version, scope)))
    }

    /// Whether the instance has one of the rows of a version.
    #[inline(always)]
    pub fn is_present(&self, context: &ReadContext<'_>, version: Version, scope: usize) -> bool {
        let RowSet(known) = self.known[version.index()];
        known & self.always.0 != 0 || known & (self.optional)(context, version, scope) != 0
    }

    /// The rows of a version that an instance can get or lose after its launch.
    pub fn dynamic(&self, version: Version) -> impl Iterator<Item = &'static Row> {
        let RowSet(known) = self.known[version.index()];
        RowSet(known & self.dynamic.0).iter().map(|row| &self.rows[row])
    }

    /// Appends the names of these rows, with line feeds between them and none after the last.
    pub fn push_names(&self, rows: RowSet, out: &mut Vec<u8>) {
        // Names of adjacent rows are appended at once.
        let RowSet(mut left) = rows;
        while left != 0 {
            let first = left.trailing_zeros();
            let end = first + (left >> first).trailing_ones();
            let run = usize::from(self.offsets[first as usize])..usize::from(self.offsets[end as usize]);
            out.extend_from_slice(&self.names[run]);
            left &= u64::MAX << end;
        }
        if rows.0 != 0 {
            out.pop();
        }
    }
}

impl RowSet {
    /// The indices of the rows.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let row = (left != 0).then_some(left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            row
        })
    }
}

pub(super) const fn length(rows: &[Row]) -> usize {
    let (mut length, mut row) = (0, 0);
    while row < rows.len() {
        length += rows[row].listed.len() + 1;
        row += 1;
    }
    length
}

pub(super) const fn names<const LENGTH: usize>(rows: &[Row]) -> [u8; LENGTH] {
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

pub(super) const fn offsets<const OFFSETS: usize>(rows: &[Row]) -> [u16; OFFSETS] {
    let mut offsets = [0; OFFSETS];
    let mut row = 0;
    while row < rows.len() {
        offsets[row + 1] = offsets[row] + rows[row].listed.len() as u16 + 1;
        row += 1;
    }
    offsets
}
