//! Tests of the binary with curl and plain sockets.

mod article;
mod check;
mod command_line;
mod connection_limit;
mod console;
mod default_instance;
mod environment;
mod errors;
mod fleet;
#[cfg(target_os = "linux")]
mod hop_limit;
mod identity;
mod ipv6;
mod keep_alive;
mod log;
#[cfg(unix)]
mod shutdown;
mod slow_peers;
#[cfg(unix)]
mod state_file;
mod support;
