//! The binary `imds`: sockets, a clock, randomness and a command line around the core, which makes every decision about the
//! metadata service. Nothing here does.

mod args;
mod beginning;
mod check;
mod clock;
mod console;
mod endpoints;
mod entry;
mod fleet;
mod listener;
mod log;
mod log_writer;
mod open_files;
mod places;
mod reply;
mod route;
mod serve;
mod service;
mod signals;
mod state;
mod stream;
mod tell;
mod timer;
mod vectors;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    let command = match args::parse() {
        Ok(command) => command,
        Err(stop) => return stop,
    };
    let done = match command {
        Command::Serve(options) => serve::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Vectors => vectors::print(),
    };
    done.unwrap_or_else(|error| {
        tell::error(&error);
        ExitCode::from(CANNOT_START)
    })
}

/// What is asked for cannot be done; also the status of a wrong command line.
const CANNOT_START: u8 = 2;
