//! `imds serve`: builds the server from its configuration and runs it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;

use crate::app::call_limits;
use crate::app::fleet_writer::{FleetWriter, cannot_write_state};
use crate::app::router::EndpointMode;
use crate::app::service::{Loaded, Service, ServiceConfig};
use crate::app::state_file::StateFile;
use crate::console::{self, Console, ConsoleConfig};
use crate::net::capacity::ConnectionLimit;
use crate::net::listener::Listener;
use crate::net::{endpoint_binding, fd_limit};
use crate::signals::FirstSignal;
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
    /// The connections of each address, if they have a limit.
    pub max_connections_of_peer: Option<u32>,
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
    let signal =
        FirstSignal::catch().map_err(|error| format!("cannot handle signals: {}", terminal::reason(&error)))?;
    // From here on, signals do not end the program by themselves: nothing may block it.
    terminal::stop_waiting_for_readers().map_err(no_threads)?;
    let log = log::start(config.log, service.clock.clone()).map_err(no_threads)?;
    let metadata = Builder::new_multi_thread().thread_name("metadata").enable_all().build().map_err(no_threads)?;
    // Threads of its own: a call of the console delays no response of the metadata ports.
    let console = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(call_limits::MAX_THREADS)
        .thread_name("console")
        .enable_all()
        .build()
        .map_err(no_threads)?;
    let status = metadata.block_on(serve(config, service, writer, state, console.handle(), signal))?;
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
    signal: FirstSignal,
) -> Result<ExitCode, String> {
    let Listeners { metadata, console } = Listeners::bind(config, &service, &mut writer, state, console_threads)?;
    let has_instance_ports = service.router.mode() == EndpointMode::Ports && service.can_have_more_instances();
    let descriptors = Descriptors::reserve(config, has_instance_ports);
    warn_of_ignored_options(config, &service);
    writer.start().map_err(|error| format!("cannot start a thread: {}", terminal::reason(&error)))?;

    let (stop, stopped) = watch::channel(());
    let mut limit = ConnectionLimit::new(descriptors.served, descriptors.overflow);
    if let Some(of_peer) = config.max_connections_of_peer {
        limit = limit.with_limit_of_peer(of_peer, true);
    }
    let (listeners, addresses): (Vec<Listener>, Vec<SocketAddr>) = metadata.into_iter().unzip();
    for listener in listeners {
        tokio::spawn(listener.serve(service.clone(), limit.clone(), stopped.clone()));
    }
    if has_instance_ports {
        let ports = endpoint_binding::serve_ports(service.clone(), limit, descriptors.instance_ports, stopped.clone());
        tokio::spawn(ports);
    }
    if let Some(console) = console {
        console_threads.spawn(console.serve(service.clone(), addresses, stopped.clone()));
    }
    drop(stopped);

    signal.wait().await;
    // Every connection holds a receiver until it ends.
    let _ = stop.send(());
    tokio::select! {
        () = stop.closed() => {}
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
        () = tokio::time::sleep(SHUTDOWN_GRACE) => Ok(state_lost(file, "timed out")),
    }
}

/// Reports, even if the log is off, that changes since the last write are lost.
fn state_lost(file: &Path, reason: &str) -> ExitCode {
    terminal::error(&cannot_write_state(file.display(), reason));
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
            writer.store_in(Box::new(state))?;
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
            let route = service.router.route(None, address.ip());
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

/// The descriptors that the system's limit on open files leaves for the metadata ports.
struct Descriptors {
    /// Connections that are served.
    served: u32,
    /// Connections whose requests are rejected.
    overflow: u32,
    /// Listeners of instances.
    instance_ports: usize,
}

impl Descriptors {
    /// Raises the limit and divides it, so that metadata connections leave the console its own.
    fn reserve(config: &ServeConfig, has_instance_ports: bool) -> Descriptors {
        let wanted = u64::from(config.max_connections) + u64::from(OVERFLOW);
        let ports = if has_instance_ports { MAX_INSTANCE_PORTS } else { 0 };
        // Each listener may hold a connection that waits for a permit.
        let listeners = 2 * (config.listen.len() as u64 + u64::from(config.console.is_some()));
        let console = if config.console.is_some() { console::MAX_CONNECTIONS } else { 0 };
        let reserved = listeners + console + OTHER_FILES;
        match fd_limit::raise_to(wanted + 2 * ports + reserved) {
            Ok(()) => {
                Descriptors { served: config.max_connections, overflow: OVERFLOW, instance_ports: ports as usize }
            }
            Err(limit) => {
                let descriptors = Descriptors::divide(config.max_connections, ports, limit.saturating_sub(reserved));
                if descriptors.served < config.max_connections {
                    terminal::warning(format_args!(
                        "the limit of {limit} open files is too low for --max-connections {}: at most {} connections \
                         are served at a time",
                        config.max_connections, descriptors.served
                    ));
                }
                descriptors
            }
        }
    }

    fn divide(max_connections: u32, ports: u64, free: u64) -> Descriptors {
        let ports = ports.min(free / 4);
        let connections = u32::try_from(free - 2 * ports).unwrap_or(u32::MAX).max(2);
        let overflow = OVERFLOW.min(connections / 4).max(1);
        let served = max_connections.min(connections - overflow);
        Descriptors { served, overflow, instance_ports: ports as usize }
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

/// Connections over --max-connections, whose requests are answered with 503: enough to reject a burst
/// quickly, few compared with the served connections.
const OVERFLOW: u32 = 64;
/// The ports of instances that have descriptors if the system permits that many.
const MAX_INSTANCE_PORTS: u64 = 10_000;
/// How long connections, and then the state file, have to finish after a signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Standard streams, the runtime's own files, and some reserve.
const OTHER_FILES: u64 = 32;

#[cfg(test)]
mod tests {
    use super::{Descriptors, OVERFLOW};

    #[test]
    fn connections_and_ports_share_the_descriptors_that_are_left() {
        for (max_connections, ports, free) in
            [(10_000, 0, 0), (10_000, 0, 30), (10, 0, 900), (10_000, 10_000, 900), (10_000, 10_000, 60_000)]
        {
            let Descriptors { served, overflow, instance_ports } = Descriptors::divide(max_connections, ports, free);
            let used = u64::from(served) + u64::from(overflow) + 2 * instance_ports as u64;
            assert!(used <= free.max(2), "{used} of {free}");
            assert!((1..=max_connections).contains(&served) && (1..=OVERFLOW).contains(&overflow), "{free}");
            assert_eq!(instance_ports > 0, ports > 0);
        }
    }
}
