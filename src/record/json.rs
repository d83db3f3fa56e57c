//! Reading and writing JSON.
//!
//! JSON is parsed into a tree of nodes, which types are then read from. So an error has a path, and
//! one function reads all objects, given the keys and a reference to each field.

mod convert;
mod node;
mod object;
mod parse;
mod print;
mod values;

pub use convert::{Json, read_json, write_compact, write_pretty};
pub use node::{JsonError, JsonNode};
pub use object::{JsonShape, Word, most_similar, read_word};
pub use print::Printer;
