//! A console without sockets and threads, for its fuzz target.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use imds::connection::KeepAlive;
use imds::{Seed, Timestamp};
use imds_ec2::Fleet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::connection;
use super::host_guard::HostGuard;
use super::routes;
use super::shared::{Addresses, Shared};
use crate::app::fleet_writer::FleetWriter;
use crate::app::initial_fleet::FleetConfig;
use crate::app::router::EndpointMode;
use crate::app::service::{Loaded, Service, ServiceConfig};
use crate::clock::ClockStart;

/// The console of a server without sockets. The caller is both the network and the fleet's thread.
pub struct InProcess {
    service: Arc<Service>,
    writer: FleetWriter,
    router: Router,
    /// Its receivers stop when it is dropped.
    running: watch::Sender<()>,
}

impl InProcess {
    /// The address of the console, and of the clients.
    pub const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

    /// A server with the default instance.
    ///
    /// # Errors
    ///
    /// The default record cannot be loaded.
    pub fn new() -> Result<InProcess, String> {
        let config = ServiceConfig {
            fleet: FleetConfig::default(),
            seed: Some(Seed::new([7; 32])),
            clock: ClockStart::At(Timestamp::saturating_from_millis(START_MILLIS)),
            endpoint_mode: EndpointMode::Ports,
            keep_alive: KeepAlive::Off,
            request_rate: None,
            api_rate: None,
            has_console: true,
        };
        let Loaded { service, writer, .. } = Service::load(&config)?;
        let service = Arc::new(service);
        let telemetry = service.telemetry.clone().ok_or("no telemetry")?;
        let addresses = Arc::new(Addresses { metadata: Vec::new(), console: InProcess::ADDRESS });
        let (running, stopped) = watch::channel(());
        let shared = Shared { service: service.clone(), telemetry, addresses, stopped };
        let guard = HostGuard { addresses: [InProcess::ADDRESS; 2], names: Arc::new([]) };
        let router = guard.protect(routes::router(shared));
        Ok(InProcess { service, writer, router, running })
    }

    /// The fleet.
    pub fn fleet(&self) -> Fleet {
        Fleet::clone(&self.service.fleet.load())
    }

    /// Replaces the fleet.
    pub fn set_fleet(&mut self, fleet: Fleet) {
        self.writer.change_now(|current| *current = fleet);
    }

    /// Serves a connection until it ends.
    pub async fn serve(&mut self, stream: impl AsyncRead + AsyncWrite) {
        let stop = self.running.subscribe();
        let mut serving = pin!(connection::serve(stream, InProcess::ADDRESS, self.router.clone(), false, stop));
        poll_fn(|context| {
            loop {
                match serving.as_mut().poll(context) {
                    // The change that the connection waits for.
                    Poll::Pending if self.writer.run_waiting() => {}
                    poll => return poll,
                }
            }
        })
        .await;
    }
}

/// 2026-01-01.
const START_MILLIS: u64 = 1_767_225_600_000;
