//! Binds the sockets at which instances are served.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use imds::record::Name;
use imds_ec2::fleet::LaunchSeq;
use tokio::sync::watch;

use super::capacity::ConnectionLimit;
use super::listener::{Listener, ListenerScope};
use crate::app::fleet_writer::FleetWriter;
use crate::app::router::EndpointMode;
use crate::app::service::Service;
use crate::terminal;

/// Binds the addresses of `--listen`. Returns each socket with the address to announce.
///
/// If instances have loopback addresses, one socket for all of 127.0.0.0/8 takes the place of the
/// first loopback address and of all others with its port, which could not be bound beside it.
///
/// # Errors
///
/// One line that names the address.
pub fn bind(
    listen: &[SocketAddr],
    service: &Service,
    writer: &mut FleetWriter,
) -> Result<Vec<(Listener, SocketAddr)>, String> {
    let mut bound: Vec<(Listener, SocketAddr)> = Vec::new();
    let network = loopback_network(listen, service);
    let mut is_network_bound = false;
    for (index, &wanted) in listen.iter().enumerate() {
        let cannot_listen = |error: io::Error| {
            format!("cannot listen on {wanted}: {}; set --listen to another address", terminal::reason(&error))
        };
        #[cfg(target_os = "linux")]
        if let Some(LoopbackNetwork { first, port, addresses }) = &network
            && (*first == index
                || (is_network_bound && wanted.port() == *port && *port != 0 && addresses.contains(&wanted.ip())))
        {
            if is_network_bound {
                continue;
            }
            match Listener::bind_loopback(*port, addresses.clone()) {
                Ok(listener) => {
                    let port = listener.address().map_err(cannot_listen)?.port();
                    writer.change_now(|fleet| {
                        fleet.set_settings(fleet.settings().with_loopback_port(Some(port)));
                    });
                    bound.push((listener, SocketAddr::new(wanted.ip(), port)));
                    is_network_bound = true;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(cannot_listen(error)),
                Err(error) => terminal::warning(format_args!(
                    "instances have no addresses of their own: cannot bind 127.0.0.0/8 on the loopback interface \
                     ({}); use --endpoints ports",
                    terminal::reason(&error)
                )),
            }
        }
        let listener = Listener::bind(wanted, ListenerScope::ListenAddress).map_err(cannot_listen)?;
        let address = listener.address().map_err(cannot_listen)?;
        bound.push((listener, address));
    }
    Ok(bound)
}

/// The addresses of `--listen` that one socket for 127.0.0.0/8 replaces.
struct LoopbackNetwork {
    /// The index of the first of them.
    first: usize,
    port: u16,
    addresses: Vec<IpAddr>,
}

fn loopback_network(listen: &[SocketAddr], service: &Service) -> Option<LoopbackNetwork> {
    if service.router.mode() != EndpointMode::Addresses || !service.can_have_more_instances() {
        return None;
    }
    let is_loopback = |address: &SocketAddr| address.is_ipv4() && address.ip().is_loopback();
    let first = listen.iter().position(is_loopback)?;
    let port = listen[first].port();
    let addresses = listen.iter().filter(|address| is_loopback(address) && address.port() == port);
    Some(LoopbackNetwork { first, port, addresses: addresses.map(SocketAddr::ip).collect() })
}

/// Serves each running instance at a port of 127.0.0.1, until `stop` is notified. There are at most
/// `max_ports` ports.
pub async fn serve_ports(service: Arc<Service>, limit: ConnectionLimit, max_ports: usize, stop: watch::Receiver<()>) {
    let mut open: BTreeMap<Name, watch::Sender<()>> = BTreeMap::new();
    let mut changes = service.fleet.subscribe();
    let mut stopped = stop.clone();
    loop {
        changes.mark_unchanged();
        let fleet = service.fleet.load().clone();
        let now = service.clock.now();
        let is_stopped = |id: &Name| !fleet.instance(id).is_some_and(|instance| instance.is_served(now));
        let stopped_ids: Vec<Name> = open.keys().filter(|id| is_stopped(id)).cloned().collect();
        for id in stopped_ids {
            open.remove(&id);
            // Another program may get the port, so a stopped instance must not announce it.
            set_endpoint(&service, &id, None).await;
        }
        for instance in fleet.instances(LaunchSeq::FIRST).filter(|instance| instance.is_served(now)) {
            let id = instance.id();
            if open.contains_key(id) {
                continue;
            }
            if open.len() >= max_ports {
                tracing::error!("cannot bind a port for {id} and later instances: the limit on open files is reached");
                break;
            }
            match bind_port(id) {
                Ok((listener, address)) => {
                    set_endpoint(&service, id, Some(address)).await;
                    tracing::info!(instance = %id, endpoint = %address);
                    let (close, closed) = watch::channel(());
                    let serving = listener.serve_until_closed(closed, service.clone(), limit.clone(), stop.clone());
                    tokio::spawn(serving);
                    open.insert(id.clone(), close);
                }
                Err(error) => tracing::error!("cannot bind a port for {id}: {}", terminal::reason(&error)),
            }
        }
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

fn bind_port(id: &Name) -> io::Result<(Listener, SocketAddrV4)> {
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), ListenerScope::Instance(id.clone()))?;
    match listener.address()? {
        SocketAddr::V4(address) => Ok((listener, address)),
        SocketAddr::V6(address) => Err(io::Error::other(format!("{address} is not an IPv4 address"))),
    }
}

/// Sets the endpoint that the fleet shows, unless the instance is gone.
async fn set_endpoint(service: &Service, id: &Name, endpoint: Option<SocketAddrV4>) {
    let id = id.clone();
    let _ = service.fleet.update(move |fleet| fleet.set_endpoint(&id, endpoint)).await;
}
