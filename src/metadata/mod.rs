//! The metadata tree: which paths there are in which version, and what each is worth on one instance.
//!
//! The tree is a table ([`categories`] lists its rows). A listing is computed from it; a directory is there when something in
//! it is. This module knows no HTTP.

mod credentials;
mod directory;
mod document;
mod path;
mod presence;
mod table;
mod tree;
mod value;

pub(crate) use credentials::Delivery;
pub use table::{Category, categories};
pub use tree::TreeNode;
pub(crate) use tree::resolve;

use crate::record::Details;
use crate::time::Timestamp;

/// One look at an instance: everything that a value can depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'a> {
    pub details: &'a Details,
    pub now: Timestamp,
    /// Whether the tags are visible.
    pub tags_visible: bool,
    /// Since when they are, or are not.
    pub tags_changed: Timestamp,
    /// How the asker came here, for credentials tell it.
    pub delivery: Delivery,
}
