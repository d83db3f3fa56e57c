//! What the tests of this package share: servers of a test's own, the clients that are held against them, and networks
//! made for a test alone. Every wait is bounded, and whatever is started is ended when it is dropped.
//!
//! `IMDS_BIN` names the server's binary, by an absolute path. A client or a network that cannot be had here is a skip that
//! is printed, and a failure where `CI` is `true` or `1`.
//!
//! ```sh
//! cargo build -p imds-server && IMDS_BIN=$PWD/target/debug/imds cargo test -p imds-clients
//! ```

pub mod api;
pub mod article;
pub mod aws;
pub mod curl;
pub mod dialogue;
pub mod ec2;
mod install;
pub mod metadata;
pub mod namespace;
pub mod node;
pub mod python;
pub mod relay;
pub mod run;
pub mod server;
pub mod skip;

pub use dialogue::Dialogue;
pub use ec2::Ec2;
pub use server::Server;
