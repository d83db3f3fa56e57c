//! The further paths of a record.

use alloc::vec::Vec;

use super::context::ReadContext;
use super::directory::{Directory, Kind};
use super::members::Scopes;
use super::path::Segment;
use super::table::TREE;
use crate::record::{ExtraPath, ExtraValue, Map, Record, RecordError, extra_error};
use crate::write::ShortText;

type Extra = Map<ExtraPath, ExtraValue>;

/// A further path: a value, or a directory around one.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExtraNode {
    /// The index of the value; of the first one in a directory.
    index: usize,
    /// The length of the path. A directory's is shorter than the value's.
    length: usize,
}

/// The further path with these segments.
pub(super) fn find<'s>(extra: &Extra, segments: impl Iterator<Item = Segment<'s>> + Clone) -> Option<ExtraNode> {
    extra.keys().enumerate().find_map(|(index, path)| {
        let mut length = 0;
        for segment in segments.clone() {
            let rest = path.get(length..)?;
            let rest = if length == 0 { rest } else { rest.strip_prefix('/')? };
            let name = rest.split('/').next()?;
            if !segment.is(name) {
                return None;
            }
            length = path.len() - rest.len() + name.len();
        }
        Some(ExtraNode { index, length })
    })
}

impl ExtraNode {
    /// Appends the value, or the listing of the directory.
    pub fn write_to(self, extra: &Extra, out: &mut Vec<u8>) {
        let Some((path, value)) = extra.iter().nth(self.index) else { return };
        let directory = &path[..self.length];
        if directory.len() == path.len() {
            out.extend_from_slice(value.as_str().as_bytes());
            return;
        }
        let start = out.len();
        for path in extra.keys() {
            if let Some(rest) = path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')) {
                insert(rest, true, out, start);
            }
        }
    }
}

/// Inserts the names of further paths into the listing of a computed directory, which starts at
/// `start`.
pub(super) fn add_names(
    context: &ReadContext<'_>,
    directory: &'static Directory,
    scope: usize,
    out: &mut Vec<u8>,
    start: usize,
) {
    let row = directory.rows[0].path.trim_end_matches('/');
    let parents = row.rsplit_once('/').map_or("", |(parents, _)| parents);
    for path in context.record().extra.keys() {
        let mut rest = Some(&**path);
        for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
            rest = rest.and_then(|rest| rest.split_once('/')).and_then(|(name, rest)| {
                let is_parent = match parent {
                    "{mac}" => context.interface(scope).mac.as_str() == name,
                    "{index}" => ShortText::of(scope).as_str() == name,
                    _ => parent == name,
                };
                is_parent.then_some(rest)
            });
        }
        if let Some(rest) = rest {
            insert(rest, !parents.is_empty(), out, start);
        }
    }
}

/// Inserts the first name of a path into a sorted listing, unless it is there.
fn insert(path: &str, with_slash: bool, out: &mut Vec<u8>, start: usize) {
    let name = match path.split_once('/') {
        Some((name, _)) if with_slash => &path[..=name.len()],
        Some((name, _)) => name,
        None => path,
    };
    let name = name.as_bytes();
    let mut at = start;
    while at < out.len() {
        let end = memchr::memchr(b'\n', &out[at..]).map_or(out.len(), |length| at + length);
        if out[at..end] == *name {
            return;
        }
        if out[at..end] > *name {
            out.splice(at..at, name.iter().copied().chain([b'\n']));
            return;
        }
        at = end + 1;
    }
    if out.len() > start {
        out.push(b'\n');
    }
    out.extend_from_slice(name);
}

/// Checks that no further path of a record is, contains, or is below a computed value, and that
/// none is a computed directory.
///
/// # Errors
///
/// The first path that is not allowed.
#[doc(hidden)]
pub fn check_extra(record: &Record) -> Result<(), RecordError> {
    for path in record.extra.keys() {
        if let Some(reason) = conflict(record, path) {
            return Err(extra_error(path, reason));
        }
    }
    Ok(())
}

fn conflict(record: &Record, path: &str) -> Option<&'static str> {
    const COMPUTED: &str = "the metadata has this path already: set the key of the record that it shows";
    let mut segments = path.split('/');
    let mut directory = &TREE;
    loop {
        let name = segments.next()?;
        if directory.rows[0].path == TREE.rows[0].path && name == "api" {
            return Some("`api` has the path of the tokens: use another name");
        }
        // A new name in a computed directory.
        let row = directory.rows.iter().find(|row| row.name == name)?;
        directory = match row.kind {
            Kind::Always(_) | Kind::Optional(_) | Kind::Values(..) => return Some(COMPUTED),
            Kind::Directory(below) => below,
            Kind::Directories(scopes, below) => {
                let scope = segments.next();
                if !scope.is_some_and(|scope| has_scope(record, scopes, scope)) {
                    return Some(match scopes {
                        Scopes::Interfaces => "no interface of the record states this MAC address",
                        Scopes::PublicKeys => "no public key of the record has this index",
                    });
                }
                below
            }
        };
        if segments.clone().next().is_none() {
            return Some(COMPUTED);
        }
    }
}

fn has_scope(record: &Record, scopes: Scopes, name: &str) -> bool {
    match scopes {
        Scopes::Interfaces => {
            let mut macs = record.network_interfaces.iter().filter_map(|interface| interface.mac.as_ref());
            macs.any(|mac| mac.as_str() == name)
        }
        Scopes::PublicKeys => (0..record.public_keys.len()).any(|index| ShortText::of(index).as_str() == name),
    }
}
