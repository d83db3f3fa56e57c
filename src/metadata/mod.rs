//! The metadata tree: the paths of each version, and their values on one instance.
//!
//! The tree is a table of rows (`table.rs`; [`categories`] lists them). A listing is computed from
//! the rows. An instance has a directory if it has something in it. This module knows no HTTP.

mod category;
mod context;
mod credentials;
mod directory;
mod document;
mod extra;
mod flat;
mod members;
mod path;
mod table;
mod tree;
mod value;

pub use category::Category;
pub(crate) use context::ReadContext;
pub(crate) use credentials::Delivery;
pub(crate) use document::push_identity_document;
#[doc(hidden)]
pub use extra::check_extra;
pub(crate) use path::is_token_path;
pub use table::categories;
pub use tree::TreeNode;
pub(crate) use tree::resolve;
