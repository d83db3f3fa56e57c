//! The models that the core's own tests also use.

#[path = "../../../ec2/tests/models/cost.rs"]
pub mod cost;
#[path = "../../../ec2/tests/models/fleet.rs"]
pub mod fleet;
#[path = "../../../tests/models/stream.rs"]
pub mod stream;
#[path = "../../../tests/models/token.rs"]
pub mod token;
#[path = "../../../tests/models/tree.rs"]
pub mod tree;
