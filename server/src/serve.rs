//! `imds serve`: builds the server from its configuration and runs it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;

use crate::app::fleet_writer::FleetWriter;
use crate::app::router::EndpointMode;
use crate::app::service::{Loaded, Service, ServiceConfig};
use crate::app::state_file::StateFile;
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
    let Loaded { service, writer, state } = Service::load(&config.service)?;
    let service = Arc::new(service);
    let no_threads = |error: io::Error| format!("cannot start threads: {}", terminal::reason(&error));
    let log = log::start(config.log, service.clock).map_err(no_threads)?;
    let metadata = Builder::new_multi_thread().thread_name("metadata").enable_all().build().map_err(no_threads)?;
    // Threads of its own: a call of the console delays no response of the metadata ports.
    let console = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(MAX_CONSOLE_CALLS)
        .thread_name("console")
        .enable_all()
        .build()
        .map_err(no_threads)?;
    let status = metadata.block_on(serve(config, service, writer, state, console.handle()))?;
    // The grace period is over: remaining tasks are dropped.
    console.shutdown_background();
    metadata.shutdown_background();
    log.finish();
    Ok(status)
}

async fn serve(
    config: &ServeConfig,
    service: Arc<Service>,
    mut writer: FleetWriter,
    state: Option<StateFile>,
    console_threads: &Handle,
) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot handle signals: {}", terminal::reason(&error)))?;
    let Listeners { metadata, console } = Listeners::bind(config, &service, &mut writer, state, console_threads)?;
    raise_fd_limit(config);
    warn_of_ignored_options(config, &service);
    writer.start().map_err(|error| format!("cannot start a thread: {}", terminal::reason(&error)))?;

    let (stop, stopped) = watch::channel(());
    let limit = ConnectionLimit::new(config.max_connections, OVERFLOW);
    let (listeners, addresses): (Vec<Listener>, Vec<SocketAddr>) = metadata.into_iter().unzip();
    for listener in listeners {
        tokio::spawn(listener.serve(service.clone(), limit.clone(), stopped.clone()));
    }
    if service.router.mode() == EndpointMode::Ports && service.can_have_more_instances() {
        tokio::spawn(endpoint_binding::serve_ports(service.clone(), limit, stopped.clone()));
    }
    if let Some(console) = console {
        console_threads.spawn(console.serve(service.clone(), addresses, stopped.clone()));
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
    let Some(file) = config.service.fleet.state.as_deref() else { return Ok(ExitCode::SUCCESS) };
    // Timers can change the fleet until now, so the state is written last.
    tokio::select! {
        written = service.fleet.finish() => Ok(match written {
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
    fn bind(
        config: &ServeConfig,
        service: &Service,
        writer: &mut FleetWriter,
        state: Option<StateFile>,
        console_threads: &Handle,
    ) -> Result<Listeners, String> {
        let metadata = endpoint_binding::bind(&config.listen, service, writer)?;
        let console = match (&config.console, &service.telemetry) {
            (Some(console), Some(telemetry)) => {
                // Its socket belongs to its own threads.
                let _context = console_threads.enter();
                Some(Console::bind(console, telemetry.clone())?)
            }
            _ => None,
        };
        if let Some(state) = state {
            let cannot_write =
                |name: String, error: io::Error| format!("cannot write state to {name}: {}", terminal::reason(&error));
            let name = state.path().display().to_string();
            writer.store_in(Box::new(state)).map_err(|error| cannot_write(name, error))?;
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

fn raise_fd_limit(config: &ServeConfig) {
    let listeners = config.listen.len() as u64 + 1;
    let connections = u64::from(config.max_connections) + u64::from(OVERFLOW) + console::MAX_CONNECTIONS;
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

/// Calls of the EC2 API that read, at the same time. Further ones wait. It bounds the memory of
/// their responses, and the processors that they take from the metadata ports.
const MAX_CONSOLE_CALLS: usize = 2;
/// Connections over --max-connections, whose requests are answered with 503: enough to reject a burst
/// quickly, few compared with the served connections.
const OVERFLOW: u32 = 64;
/// How long connections, and then the state file, have to finish after a signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Standard streams, the runtime's own files, and some reserve.
const OTHER_FILES: u64 = 32;
