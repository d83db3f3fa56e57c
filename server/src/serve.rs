//! `imds serve` from its beginning to its end.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::args::{ConsoleAddress, Endpoints, Options};
use crate::console::watch::Refused;
use crate::console::{self, Console};
use crate::endpoints;
use crate::listener::Listener;
use crate::log;
use crate::open_files;
use crate::places::Places;
use crate::service::Service;
use crate::signals::Signals;
use crate::{state, tell};

/// Serves until a signal comes. An error is what kept it from beginning.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let service = Arc::new(Service::new(options)?);
    let no_threads = |error: io::Error| format!("cannot start threads: {}", tell::reason(&error));
    let log = log::start(options.log, service.clock).map_err(no_threads)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(no_threads)?;
    let status = runtime.block_on(serve(options, service))?;
    // Whoever is not done by now is not waited for.
    runtime.shutdown_background();
    log.finish();
    Ok(status)
}

async fn serve(options: &Options, service: Arc<Service>) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {}", tell::reason(&error)))?;
    let Listeners { metadata, console } = Listeners::bind(options, &service)?;
    warn_of_files(options);
    warn_of_options(options, &service);

    let (stop, stopped) = watch::channel(());
    let places = Places::new(options.max_connections);
    let (listeners, addresses): (Vec<Listener>, Vec<SocketAddr>) = metadata.into_iter().unzip();
    for listener in listeners {
        tokio::spawn(listener.serve(service.clone(), places.clone(), stopped.clone()));
    }
    if options.endpoints() == Endpoints::Ports && service.may_grow(options) {
        tokio::spawn(endpoints::give_ports(service.clone(), places.clone(), stopped.clone()));
    }
    tokio::spawn(let_time_pass(service.clone(), stopped.clone()));
    // Whoever is still served when the others are told to stop may change something: the state is the last to end.
    let (finish, finished) = watch::channel(());
    let keeping = options.state.as_ref().map(|file| tokio::spawn(state::keep(service.clone(), file.clone(), finished)));
    if let Some(console) = console {
        tokio::spawn(console.serve(service, addresses, stopped.clone()));
    }
    drop(stopped);

    signals.next().await;
    // Every connection holds a receiver until it is over.
    let _ = stop.send(());
    tokio::select! {
        () = stop.closed() => {}
        status = signals.next() => return Ok(ExitCode::from(status)),
        () = tokio::time::sleep(PATIENCE) => {
            tracing::warn!("stopping: connections cut off: {}", stop.receiver_count());
        }
    }
    let (Some(file), Some(keeping)) = (&options.state, keeping) else { return Ok(ExitCode::SUCCESS) };
    let _ = finish.send(());
    tokio::select! {
        written = keeping => Ok(match written.unwrap_or_else(|error| Err(error.into())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => state_is_lost(file, &tell::reason(&error)),
        }),
        status = signals.next() => Ok(ExitCode::from(status)),
        () = tokio::time::sleep(PATIENCE) => Ok(state_is_lost(file, "it takes too long")),
    }
}

/// Told whether or not there is a log: what was changed since the last write is gone.
fn state_is_lost(file: &Path, reason: &str) -> ExitCode {
    tell::error(&format!("the state is not written to {}: {reason}", file.display()));
    ExitCode::FAILURE
}

struct Listeners {
    metadata: Vec<(Listener, SocketAddr)>,
    console: Option<Console>,
}

impl Listeners {
    /// Binds every address and writes the state before any of it is told, so that what is told is true.
    fn bind(options: &Options, service: &Service) -> Result<Listeners, String> {
        let metadata = endpoints::bind(options, service)?;
        let console = match (options.console, &service.watch) {
            (ConsoleAddress::At(address), Some(watch)) => {
                Some(Console::bind(address, &options.console_host, watch.clone())?)
            }
            _ => None,
        };
        if let Some(file) = &options.state {
            state::clear(file);
            state::write(file, &service.fleet.now())
                .map_err(|error| format!("cannot write the state to {}: {}", file.display(), tell::reason(&error)))?;
        }
        let listeners = Listeners { metadata, console };
        listeners.tell(options, service);
        Ok(listeners)
    }

    fn tell(&self, options: &Options, service: &Service) {
        for (_, address) in &self.metadata {
            tell::news(format_args!("listening on http://{address}"));
            if !address.ip().is_loopback() {
                tell::warning(format_args!("{address} is not a loopback address: other machines may reach it"));
            }
            let route = service.route(*address, true, address.ip());
            if options.endpoints() != Endpoints::Peers
                && service.refuses(&route, *address) == Some(Refused::Ipv6Disabled)
            {
                tell::warning(format_args!("IPv6 is disabled: connections to {address} are closed without an answer"));
            }
        }
        if let Some(console) = &self.console {
            console.tell();
        }
    }
}

/// Lets happen what time alone brings about.
async fn let_time_pass(service: Arc<Service>, mut stop: watch::Receiver<()>) {
    let mut changes = service.fleet.changes();
    loop {
        changes.mark_unchanged();
        let now = service.clock.now();
        let due = service.fleet.now().poll_timeout();
        if due.is_some_and(|at| at <= now) {
            service.fleet.change(|fleet| fleet.handle_timeout(now));
            continue;
        }
        let wait = due.map_or(FOREVER, |at| Duration::from_millis(at.millis_since(now)).min(FOREVER));
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn warn_of_files(options: &Options) {
    let listeners = options.listen.len() as u64 + 1;
    let wanted = Places::total(options.max_connections) + console::CONNECTIONS as u64 + FURTHER_FILES + listeners;
    if let Err(given) = open_files::ask_for(wanted) {
        tell::warning(format_args!(
            "the system allows {given} open files, too few for --max-connections {}: connections past that wait",
            options.max_connections
        ));
    }
}

/// Whoever asks for tokens to be required must not believe that they are where an earlier state says otherwise.
fn warn_of_options(options: &Options, service: &Service) {
    let Some(file) = &options.state else { return };
    let fleet = service.fleet.now();
    let Some(first) = fleet.first_launched() else { return };
    let (wanted, _) = first.instance().wanted_options(service.clock.now());
    if wanted.with(&options.metadata_options()) != wanted {
        tell::warning(format_args!(
            "the state in {} has other metadata options than the command line, and they stay: the EC2 API changes them",
            file.display()
        ));
    }
}

/// Long enough not to matter; a change of the fleet ends the wait.
const FOREVER: Duration = Duration::from_secs(3600);
/// How long those in flight have to finish.
const PATIENCE: Duration = Duration::from_secs(5);
/// Standard streams, what the runtime has open, and room to breathe.
const FURTHER_FILES: u64 = 32;
