//! The console: the playground, the EC2 API, metrics and events, for the operator of the server.
//!
//! Only the console can change what is served. It does not verify SigV4 signatures: its address, by
//! default a loopback address, keeps other machines out, and the host guard keeps web pages out.

mod assets;
mod call;
mod connection;
mod ec2_query;
mod events;
mod host_guard;
mod host_name;
mod index;
mod listener;
mod peer_counts;
mod query_body;
mod rejection;
mod routes;
mod shared;

pub use host_name::HostName;
pub use listener::{Console, ConsoleConfig, MAX_CONNECTIONS};
