//! The command line and the environment variables of its flags.

mod check;
mod environment;
mod error;
mod keygen;
mod metadata_options;
mod remote;
mod serve;
mod values;

use std::env;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::terminal;
use check::CheckOptions;
use keygen::KeygenOptions;
use remote::{ClockOptions, EventOptions};
use serve::ServeOptions;

/// Serves the EC2 instance metadata (IMDSv1 and IMDSv2) of simulated instances
#[derive(Parser)]
#[command(
    name = "imds",
    version,
    after_help = serve::EXAMPLES,
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

/// A command line that begins with a command, and does not read the variables of another one.
#[derive(Parser)]
#[command(name = "imds", version, max_term_width = 100)]
struct Named {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve instance metadata (the default command)
    #[command(after_help = serve::EXAMPLES)]
    Serve(Box<ServeOptions>),

    /// Compare a metadata service with EC2's known behaviour
    #[command(after_help = check::EXAMPLES)]
    Check(CheckOptions),

    /// Make a key that signs identity documents
    ///
    /// Writes identity-certificate.pem, a self-signed certificate, and identity-key.pem, its RSA key
    /// of 2048 bits, which only its owner can read. The certificate names imds, not AWS, as its
    /// owner. Give it to the programs that verify signatures, in place of the certificate that AWS
    /// publishes for a Region.
    #[command(after_help = keygen::EXAMPLES)]
    Keygen(KeygenOptions),

    /// Plan events of the instances of a running server
    #[command(after_help = remote::EVENT_EXAMPLES)]
    Event(EventOptions),

    /// Advance, set or pause the clock of a running server
    #[command(after_help = remote::CLOCK_EXAMPLES)]
    Clock(ClockOptions),

    /// Print the checks and the recorded exchanges as JSON, for other implementations
    Vectors,
}

/// Parses the command line.
///
/// # Errors
///
/// The exit status, after it has printed the help, the version or an error.
pub fn parse() -> Result<Command, ExitCode> {
    let is_named = env::args_os().nth(1).is_some_and(|first| Cli::command().find_subcommand(first).is_some());
    let parsed = if is_named {
        Named::try_parse().map(|Named { command }| command)
    } else {
        Cli::try_parse().map(|Cli { command, serve }| command.unwrap_or_else(|| Command::Serve(Box::new(serve))))
    };
    match parsed {
        Ok(command) => {
            if matches!(command, Command::Serve(_)) {
                environment::warn_about_unknown(&Cli::command());
            }
            Ok(command)
        }
        Err(help) if matches!(help.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A closed pipe is not an error.
            let _ = help.print();
            Err(ExitCode::SUCCESS)
        }
        Err(error) => {
            terminal::error(&error::one_line(error, &Cli::command()));
            Err(ExitCode::from(CANNOT_RUN))
        }
    }
}

/// The exit status if a command cannot run, for example because of a wrong flag.
pub const CANNOT_RUN: u8 = 2;
