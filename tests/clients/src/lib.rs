//! Shared code of the tests: a server for each test, the clients that use it, and networks. Every
//! wait is bounded, and a value that starts a process ends it when dropped.
//!
//! `IMDS_BIN` is the absolute path of the server binary. If a client or a network is not available,
//! the test prints a line and is skipped; if `CI` is `true` or `1`, it fails.
//!
//! ```sh
//! cargo build -p imds-server && IMDS_BIN=$PWD/target/debug/imds cargo test -p imds-clients
//! ```

pub mod api;
pub mod article;
pub mod aws;
pub mod catalogue;
pub mod curl;
mod debian;
pub mod debian_clients;
pub mod dialogue;
pub mod ec2;
pub mod go;
pub mod host;
mod install;
pub mod java;
pub mod metadata;
pub mod namespace;
pub mod node;
pub mod object_store;
pub mod proxy;
pub mod python;
pub mod relay;
pub mod run;
pub mod server;
pub mod skip;
pub mod smuggling;

pub use dialogue::Dialogue;
pub use ec2::Ec2;
pub use server::Server;
