//! Puts a server of its own under load, and watches that it answers, keeps nothing and gives everything back.
//!
//! ```text
//! cargo build --release -p imds-server
//! cargo run --release -p imds-load -- [puts|keep-alive|idle|faults] [COUNT] [BINARY]
//! ```
//!
//! * `puts`, or nothing: COUNT tokens (200,000) are asked for, a connection each, 64 at a time.
//! * `keep-alive`: COUNT tokens (1,000,000) are asked for on 64 connections, pipelined.
//! * `idle`: COUNT connections (10,000) are held that send nothing, and some whose head never ends, while others ask.
//! * `faults`: what goes wrong, one after the other, COUNT times each where it is a peer that does it (500): what the server did
//!   meanwhile and afterwards, as a table in Markdown.
//!
//! BINARY is `$IMDS_BIN` if not given, else the `imds` that cargo built beside this program. It prints a table, and exits with 1
//! where an answer is wrong or late, what was acknowledged is lost, or the server has grown.

mod client;
#[cfg(unix)]
mod faults;
mod idle;
mod keep_alive;
mod puts;
mod report;
mod server;

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
    let kind = arguments.next_if(|argument| ["puts", "keep-alive", "idle", "faults"].contains(&argument.as_str()));
    let count = match arguments.next() {
        Some(text) => {
            Some(text.parse().map_err(|_| format!("`{text}` is neither puts, keep-alive, idle, faults nor a number"))?)
        }
        None => None,
    };
    let binary = server::binary(arguments.next())?;
    if let Some(argument) = arguments.next() {
        return Err(format!("`{argument}` is one argument too many"));
    }
    match kind.as_deref() {
        Some("keep-alive") => keep_alive::run(count.unwrap_or(1_000_000), &binary),
        #[cfg(unix)]
        Some("faults") => faults::run(count.unwrap_or(500), &binary),
        #[cfg(not(unix))]
        Some("faults") => Err("faults are made by the means of Unix".to_owned()),
        Some("idle") => idle::run(count.unwrap_or(10_000), &binary),
        _ => puts::run(count.unwrap_or(200_000), &binary),
    }
}
