//! The server: connects the core to sockets, a clock, a source of randomness and a command line. The
//! core makes every decision about the metadata service.
//!
//! The binary `imds` calls [`main`]. The fuzz targets of the console and of the state file use
//! [`InProcess`] and [`state_document`].

mod app;
mod check;
mod cli;
mod clock;
mod console;
mod control;
mod escape;
mod file_operations;
mod identity;
mod keygen;
mod line_queue;
mod net;
mod remote;
mod serve;
mod signals;
mod source_json;
mod telemetry;
mod terminal;
mod text_file;
mod vectors;

use std::process::ExitCode;

pub use app::state_document;
use cli::Command;
pub use console::InProcess;

/// Runs the command line.
pub fn main() -> ExitCode {
    let command = match cli::parse() {
        Ok(command) => command,
        Err(status) => return status,
    };
    let result = match command {
        Command::Serve(options) => serve::run(&options.into_config()),
        Command::Check(options) => check::run(&options.into_config()),
        Command::Keygen(options) => keygen::run(&options.into_config()),
        Command::Event(options) => remote::run(&options.into_config()).map(|()| ExitCode::SUCCESS),
        Command::Clock(options) => remote::run(&options.into_config()).map(|()| ExitCode::SUCCESS),
        Command::Vectors => vectors::print(),
    };
    let status = result.unwrap_or_else(|error| {
        terminal::error(&error);
        ExitCode::from(cli::CANNOT_RUN)
    });
    terminal::finish();
    status
}
