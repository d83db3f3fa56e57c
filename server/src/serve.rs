//! `imds serve`: builds the server from its configuration and runs it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::router::EndpointMode;
use crate::app::service::{Service, ServiceConfig};
use crate::app::state_file;
use crate::console::{self, Console, ConsoleConfig};
use crate::net::capacity::ConnectionLimit;
use crate::net::listener::Listener;
use crate::net::{endpoint_binding, fd_limit};
use crate::signals::Signals;
use crate::telemetry::RejectReason;
use crate::telemetry::log::{self, LogFormat};
use crate::terminal;

/// The configuration of the server.
pub struct ServeConfig {
    pub service: ServiceConfig,
    pub listen: Vec<SocketAddr>,
    pub console: Option<ConsoleConfig>,
    pub log: LogFormat,
    pub max_connections: u32,
}

/// Serves until a signal ends the program.
///
/// # Errors
///
/// One line that says why the server cannot start.
pub fn run(config: &ServeConfig) -> Result<ExitCode, String> {
    let service = Arc::new(Service::new(&config.service)?);
    let no_threads = |error: io::Error| format!("cannot start threads: {}", terminal::reason(&error));
    let log = log::start(config.log, service.clock).map_err(no_threads)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(no_threads)?;
    let status = runtime.block_on(serve(config, service))?;
    // The grace period is over: remaining tasks are dropped.
    runtime.shutdown_background();
    log.finish();
    Ok(status)
}

async fn serve(config: &ServeConfig, service: Arc<Service>) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot handle signals: {}", terminal::reason(&error)))?;
    let Listeners { metadata, console } = Listeners::bind(config, &service)?;
    raise_fd_limit(config);
    warn_of_ignored_options(config, &service);

    let (stop, stopped) = watch::channel(());
    let limit = ConnectionLimit::new(config.max_connections);
    let (listeners, addresses): (Vec<Listener>, Vec<SocketAddr>) = metadata.into_iter().unzip();
    for listener in listeners {
        tokio::spawn(listener.serve(service.clone(), limit.clone(), stopped.clone()));
    }
    if service.router.mode() == EndpointMode::Ports && service.can_have_more_instances() {
        tokio::spawn(endpoint_binding::serve_ports(service.clone(), limit, stopped.clone()));
    }
    tokio::spawn(run_fleet_timers(service.clone(), stopped.clone()));
    // Connections can change the fleet until they end, so the state is written last.
    let (finish, finished) = watch::channel(());
    let state = config.service.fleet.state.as_deref();
    let writer =
        state.map(|file| tokio::spawn(state_file::keep_current(service.fleet.clone(), file.to_owned(), finished)));
    if let Some(console) = console {
        tokio::spawn(console.serve(service, addresses, stopped.clone()));
    }
    drop(stopped);

    signals.next().await;
    // Every connection holds a receiver until it ends.
    let _ = stop.send(());
    tokio::select! {
        () = stop.closed() => {}
        status = signals.next() => return Ok(ExitCode::from(status)),
        () = tokio::time::sleep(SHUTDOWN_GRACE) => {
            tracing::warn!(
                "shutdown: closing connections that did not finish within {} seconds: {}",
                SHUTDOWN_GRACE.as_secs(),
                stop.receiver_count()
            );
        }
    }
    let (Some(file), Some(writer)) = (state, writer) else { return Ok(ExitCode::SUCCESS) };
    let _ = finish.send(());
    tokio::select! {
        written = writer => Ok(match written.unwrap_or_else(|error| Err(error.into())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => state_lost(file, &terminal::reason(&error)),
        }),
        status = signals.next() => Ok(ExitCode::from(status)),
        () = tokio::time::sleep(SHUTDOWN_GRACE) => Ok(state_lost(file, "timed out")),
    }
}

/// Reports, even if the log is off, that changes since the last write are lost.
fn state_lost(file: &Path, reason: &str) -> ExitCode {
    terminal::error(&format!("cannot write state to {}: {reason}", file.display()));
    ExitCode::FAILURE
}

struct Listeners {
    metadata: Vec<(Listener, SocketAddr)>,
    console: Option<Console>,
}

impl Listeners {
    /// Binds all addresses and writes the state file before it announces any of them.
    fn bind(config: &ServeConfig, service: &Service) -> Result<Listeners, String> {
        let metadata = endpoint_binding::bind(&config.listen, service)?;
        let console = match (&config.console, &service.telemetry) {
            (Some(console), Some(telemetry)) => Some(Console::bind(console, telemetry.clone())?),
            _ => None,
        };
        if let Some(file) = &config.service.fleet.state {
            state_file::remove_temporary_files(file);
            state_file::write(file, &service.fleet.load())
                .map_err(|error| format!("cannot write state to {}: {}", file.display(), terminal::reason(&error)))?;
        }
        let listeners = Listeners { metadata, console };
        listeners.announce(service);
        Ok(listeners)
    }

    fn announce(&self, service: &Service) {
        for (_, address) in &self.metadata {
            terminal::status(format_args!("listening on http://{address}"));
            if !address.ip().is_loopback() {
                terminal::warning(format_args!("{address} is not a loopback address: other machines may reach it"));
            }
            let route = service.router.route(*address, true, address.ip());
            if service.router.mode() != EndpointMode::Peers
                && service.reject_reason(&route, *address) == Some(RejectReason::Ipv6Disabled)
            {
                terminal::warning(format_args!(
                    "HttpProtocolIpv6 is disabled: connections to {address} are closed without a response"
                ));
            }
        }
        if let Some(console) = &self.console {
            console.announce();
        }
    }
}

/// Lets the fleet's timers expire.
async fn run_fleet_timers(service: Arc<Service>, mut stop: watch::Receiver<()>) {
    let mut changes = service.fleet.subscribe();
    loop {
        changes.mark_unchanged();
        let now = service.clock.now();
        let timeout = service.fleet.load().poll_timeout();
        if timeout.is_some_and(|at| at <= now) {
            service.fleet.update(|fleet| fleet.handle_timeout(now));
            continue;
        }
        let wait = timeout.map_or(MAX_WAIT, |at| Duration::from_millis(at.millis_since(now)).min(MAX_WAIT));
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn raise_fd_limit(config: &ServeConfig) {
    let listeners = config.listen.len() as u64 + 1;
    let connections = ConnectionLimit::total(config.max_connections) + console::MAX_CONNECTIONS as u64;
    if let Err(limit) = fd_limit::raise_to(connections + listeners + OTHER_FILES) {
        terminal::warning(format_args!(
            "the limit of {limit} open files is too low for --max-connections {}: further connections wait",
            config.max_connections
        ));
    }
}

/// Warns if the state file overrides metadata options of the command line, for example if tokens
/// are not required although `--http-tokens required` is given.
fn warn_of_ignored_options(config: &ServeConfig, service: &Service) {
    let Some(file) = &config.service.fleet.state else { return };
    let fleet = service.fleet.load();
    let Some(first) = fleet.first_launched() else { return };
    let (options, _) = first.instance().requested_options(service.clock.now());
    if options.with(&config.service.fleet.metadata_options) != options {
        terminal::warning(format_args!(
            "the metadata options in {} override those of the command line; change them with the EC2 API",
            file.display()
        ));
    }
}

/// The longest wait for a timer; a change of the fleet ends it earlier.
const MAX_WAIT: Duration = Duration::from_secs(3600);
/// How long connections, and then the state file, have to finish after a signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Standard streams, the runtime's own files, and some reserve.
const OTHER_FILES: u64 = 32;
