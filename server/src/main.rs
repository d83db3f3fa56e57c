//! The `imds` binary: connects the core to sockets, a clock, a source of randomness and a command
//! line. The core makes every decision about the metadata service.

mod app;
mod check;
mod cli;
mod clock;
mod console;
mod identity;
mod keygen;
mod net;
mod serve;
mod signals;
mod source_json;
mod telemetry;
mod terminal;
mod vectors;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let command = match cli::parse() {
        Ok(command) => command,
        Err(status) => return status,
    };
    let result = match command {
        Command::Serve(options) => serve::run(&options.into_config()),
        Command::Check(options) => check::run(&options.into_config()),
        Command::Keygen(options) => keygen::run(&options.into_config()),
        Command::Vectors => vectors::print(),
    };
    result.unwrap_or_else(|error| {
        terminal::error(&error);
        ExitCode::from(cli::CANNOT_RUN)
    })
}
