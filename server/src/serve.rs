//! `imds serve` from its beginning to its end.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::args::Options;
use crate::listener::Listener;
use crate::log;
use crate::open_files;
use crate::places::Places;
use crate::service::Service;
use crate::signals::Signals;
use crate::tell;

/// Serves until a signal comes. An error is what kept it from beginning.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let service = Arc::new(Service::new(options)?);
    log::start(options.log, service.clock);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads: {}", tell::reason(&error)))?;
    let status = runtime.block_on(serve(options, service))?;
    // Whoever is not done by now is not waited for.
    runtime.shutdown_background();
    Ok(status)
}

async fn serve(options: &Options, service: Arc<Service>) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {}", tell::reason(&error)))?;
    let listeners = listen(options, &service)?;
    warn_of_files(options);

    let (stop, stopped) = watch::channel(());
    let places = Places::new(options.max_connections);
    for listener in listeners {
        tokio::spawn(listener.serve(service.clone(), places.clone(), stopped.clone()));
    }
    drop(stopped);

    signals.next().await;
    // Every connection holds a receiver until it is over.
    let _ = stop.send(());
    tokio::select! {
        () = stop.closed() => Ok(ExitCode::SUCCESS),
        status = signals.next() => Ok(ExitCode::from(status)),
        () = tokio::time::sleep(PATIENCE) => {
            tracing::warn!("stopping: connections cut off: {}", stop.receiver_count());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Binds every address before any is told, so that what is told is true.
fn listen(options: &Options, service: &Service) -> Result<Vec<Listener>, String> {
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for &wanted in &options.listen {
        let cannot = |error: io::Error| format!("cannot listen on {wanted}: {}", tell::reason(&error));
        let listener = Listener::bind(wanted).map_err(cannot)?;
        addresses.push(listener.address().map_err(cannot)?);
        listeners.push(listener);
    }
    for address in addresses {
        tell::news(format_args!("listening on http://{address}"));
        if !address.ip().is_loopback() {
            tell::warning(format_args!("{address} is not a loopback address: other machines may reach it"));
        }
        if service.refuses(address) {
            tell::warning(format_args!("IPv6 is disabled: connections to {address} are closed without an answer"));
        }
    }
    Ok(listeners)
}

fn warn_of_files(options: &Options) {
    let wanted = Places::total(options.max_connections) + FURTHER_FILES + options.listen.len() as u64;
    if let Err(given) = open_files::ask_for(wanted) {
        tell::warning(format_args!(
            "the system allows {given} open files, too few for --max-connections {}: connections past that wait",
            options.max_connections
        ));
    }
}

/// How long those in flight have to finish.
const PATIENCE: Duration = Duration::from_secs(5);
/// Standard streams, what the runtime has open, and room to breathe.
const FURTHER_FILES: u64 = 32;
