//! `imds check`: runs the conformance checks against a metadata service over sockets.

mod endpoint;
mod level;
mod report;
mod socket;

use std::process::ExitCode;
use std::time::Instant;

use imds::http::Profile;

use crate::clock::{Clock, ClockStart};
use crate::terminal;
pub use endpoint::Url;
pub use level::Level;
use report::CheckReport;
pub use report::Format;
use socket::Socket;

/// The configuration of a run.
pub struct CheckConfig {
    pub url: Url,
    /// The value of Host, if it differs from the URL's.
    pub host: Option<String>,
    /// The generation of EC2 to compare with; detected if `None`.
    pub profile: Option<&'static Profile>,
    /// Whether to send malformed and large requests.
    pub intrusive: bool,
    pub level: Level,
    pub format: Format,
}

/// Runs the checks and prints the report. The exit status is 1 if a check failed.
///
/// # Errors
///
/// One line that says why the checks could not be run to the end.
pub fn run(config: &CheckConfig) -> Result<ExitCode, String> {
    let cannot_check = |reason: String| format!("cannot check {}: {reason}", config.url);
    let started = Instant::now();
    let mut socket = Socket::new(&config.url, config.host.as_deref(), started).map_err(cannot_check)?;
    let options = imds_conformance::CheckOptions { profile: config.profile, intrusive: config.intrusive };
    let results = imds_conformance::run(&mut socket, options).map_err(cannot_check)?;
    let report = CheckReport {
        url: config.url.to_string(),
        time: Clock::start(ClockStart::System).now(),
        level: config.level,
        intrusive: config.intrusive,
        requests: socket.requests(),
        seconds: started.elapsed().as_secs_f64(),
        results,
    };
    terminal::output(&report::render(&report, config.format)?)?;
    if report.failed() > 0 {
        return Ok(ExitCode::from(CHECK_FAILED));
    }
    match &report.results.stop_reason {
        Some(reason) => Err(format!("the run is incomplete: {reason}")),
        None => Ok(ExitCode::SUCCESS),
    }
}

const CHECK_FAILED: u8 = 1;
