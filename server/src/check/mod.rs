//! `imds check`: asks a metadata service over sockets what the core's checks ask, and tells what came of it.

mod endpoint;
mod level;
mod options;
mod socket;
mod told;

use std::process::ExitCode;
use std::time::Instant;

use crate::clock::Clock;
use crate::tell;
pub use options::{EXAMPLES, Options};
use socket::Socket;
pub use told::source;
use told::{Format, Told};

/// Runs the checks. An error is what kept them from being run.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let endpoint = &options.url;
    let cannot = |reason: String| format!("cannot check {endpoint}: {reason}");
    let started = Instant::now();
    let mut socket = Socket::new(endpoint, options.host.as_deref(), started).map_err(cannot)?;
    let report = imds_conformance::run(&mut socket, options.run()).map_err(cannot)?;
    let told = Told {
        url: endpoint.to_string(),
        time: Clock::System.now(),
        level: options.level,
        is_intrusive: options.intrusive,
        requests: socket.requests(),
        seconds: started.elapsed().as_secs_f64(),
        report,
    };
    tell::output(&match options.format {
        Format::Table => told.table(),
        Format::Json => told.json(),
        Format::Junit => told.junit()?,
    })
    .map_err(|error| format!("cannot write: {}", tell::reason(&error)))?;
    if told.failed() > 0 {
        return Ok(ExitCode::from(FAILED));
    }
    match &told.report.stop_reason {
        Some(reason) => Err(format!("the run did not come to its end: {reason}")),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The exit status where a check has failed that counts.
const FAILED: u8 = 1;
