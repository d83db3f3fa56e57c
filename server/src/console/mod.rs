//! The console: the playground, the EC2 API, metrics and events, for the operator of the server.
//!
//! Only the console can change what is served. It does not verify SigV4 signatures: its address, by
//! default a loopback address, keeps other machines out, and the host guard keeps web pages out.

mod assets;
mod body;
mod call;
mod call_response;
mod connection;
mod control_routes;
mod ec2_query;
mod events;
mod host_guard;
mod host_name;
mod in_process;
mod index;
mod listener;
mod rejection;
mod routes;
mod shared;
mod timed_stream;

pub use host_name::HostName;
pub use in_process::InProcess;
pub use listener::{Console, ConsoleConfig, MAX_CONNECTIONS};
