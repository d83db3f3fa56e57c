//! Small second readings of the core, which its own tests hold it against too.

#[path = "../../../ec2/tests/models/fleet.rs"]
pub mod fleet;
#[path = "../../../tests/models/stream.rs"]
pub mod stream;
#[path = "../../../tests/models/token.rs"]
pub mod token;
#[path = "../../../tests/models/tree.rs"]
pub mod tree;
