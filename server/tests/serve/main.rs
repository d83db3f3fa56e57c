//! The binary, started as a person starts it, asked by curl and over plain sockets.

mod article;
mod bounds;
mod check;
mod command_line;
mod console;
mod default_instance;
mod environment;
mod errors;
mod fleet;
#[cfg(target_os = "linux")]
mod hop_limit;
mod ipv6;
mod keep_alive;
mod log;
mod slow;
#[cfg(unix)]
mod state;
#[cfg(unix)]
mod stop;
mod support;
