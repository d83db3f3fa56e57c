use alloc::string::String;
use core::fmt;

use super::directory::{Kind, Row};
use crate::source::Source;

/// One kind of metadata: a row of the table that holds a value, or a directory of values.
#[derive(Clone, Copy)]
pub struct Category {
    row: &'static Row,
}

impl Category {
    pub(super) const fn new(row: &'static Row) -> Category {
        Category { row }
    }

    /// Whether every instance has it, in each version that does.
    #[doc(hidden)]
    pub fn is_always(self) -> bool {
        self.row.always
    }

    /// Its path below the version, with `{…}` for the segments that differ between instances:
    /// `meta-data/network/interfaces/macs/{mac}/device-number`.
    pub fn path(&self) -> String {
        let mut path = String::from(self.row.path);
        if let Kind::Values(_, placeholder) = self.row.kind {
            path.push_str(placeholder);
        }
        path
    }

    /// The first version that has it, as AWS documents it or as a recording shows it. A directory
    /// that contains it may be younger.
    pub fn since(&self) -> &'static str {
        self.row.since
    }

    /// The source of its behaviour.
    pub fn source(&self) -> Source {
        self.row.source
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl PartialEq for Category {
    fn eq(&self, other: &Category) -> bool {
        core::ptr::eq(self.row, other.row)
    }
}

impl Eq for Category {}
