//! Load and fault tests of the server: it must answer correctly and in time, and return the memory
//! and files that it used.
//!
//! ```text
//! cargo build --release -p imds-server
//! cargo run --release -p imds-load -- [puts|keep-alive|idle|faults] [COUNT] [BINARY]
//! ```
//!
//! * `puts`, the default: requests COUNT tokens (200,000), each on its own connection, 64 at a
//!   time.
//! * `keep-alive`: requests COUNT tokens (1,000,000), pipelined on 64 connections.
//! * `idle`: holds COUNT idle connections (10,000) and some with incomplete request heads, while
//!   other connections send requests.
//! * `faults`: runs one fault after the other, those caused by peers COUNT times (500), and prints
//!   a Markdown table of the server's behaviour during and after each fault.
//!
//! BINARY is by default `$IMDS_BIN`, or else the `imds` next to this program. The exit status is 1
//! if a response is wrong or late, an acknowledged change is lost, or the server's memory has
//! grown.

mod client;
#[cfg(unix)]
mod faults;
mod idle;
mod keep_alive;
mod report;
mod server;
mod token_requests;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("load: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = env::args().skip(1).peekable();
    let scenario = arguments.next_if(|argument| ["puts", "keep-alive", "idle", "faults"].contains(&argument.as_str()));
    let count = match arguments.next() {
        Some(text) => {
            Some(text.parse().map_err(|_| format!("`{text}` is not puts, keep-alive, idle, faults or a number"))?)
        }
        None => None,
    };
    let binary = server::binary(arguments.next())?;
    if let Some(argument) = arguments.next() {
        return Err(format!("unexpected argument `{argument}`"));
    }
    match scenario.as_deref() {
        Some("keep-alive") => keep_alive::run(count.unwrap_or(1_000_000), &binary),
        #[cfg(unix)]
        Some("faults") => faults::run(count.unwrap_or(500), &binary),
        #[cfg(not(unix))]
        Some("faults") => Err("`faults` needs Unix".to_owned()),
        Some("idle") => idle::run(count.unwrap_or(10_000), &binary),
        _ => token_requests::run(count.unwrap_or(200_000), &binary),
    }
}
