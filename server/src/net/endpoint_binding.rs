//! Where each instance of a fleet is served.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use imds::record::Name;
use imds_ec2::fleet::{LaunchSeq, Settings};
use tokio::sync::watch;

use crate::args::{Endpoints, Options};
use crate::listener::{Listener, Whom};
use crate::places::Places;
use crate::service::Service;
use crate::tell;

/// The sockets of --listen, each with the address that is told for it.
///
/// Where instances have addresses of the loopback network, the first of the addresses that is one stands for all of them at its
/// port: a second socket could not be bound there.
pub fn bind(options: &Options, service: &Service) -> Result<Vec<(Listener, SocketAddr)>, String> {
    let mut bound: Vec<(Listener, SocketAddr)> = Vec::new();
    let whole = whole_loopback(options, service);
    let mut covered = false;
    for (place, &wanted) in options.listen.iter().enumerate() {
        let cannot = |error: io::Error| format!("cannot listen on {wanted}: {}", tell::reason(&error));
        #[cfg(target_os = "linux")]
        if let Some(Whole { first, port, addresses }) = &whole
            && (*first == place
                || (covered && wanted.port() == *port && *port != 0 && addresses.contains(&wanted.ip())))
        {
            if covered {
                continue;
            }
            match Listener::bind_loopback(*port, addresses.clone()) {
                Ok(listener) => {
                    let port = listener.address().map_err(cannot)?.port();
                    service.fleet.change(|fleet| {
                        fleet.set_settings(Settings { loopback_port: Some(port), ..*fleet.settings() });
                    });
                    bound.push((listener, SocketAddr::new(wanted.ip(), port)));
                    covered = true;
                    continue;
                }
                // Of the two it is the port that a person can do something about.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(cannot(error)),
                Err(error) => tell::warning(format_args!(
                    "instances have no addresses of their own, for one socket cannot have the whole loopback network ({}); \
                     --endpoints ports gives them ports",
                    tell::reason(&error)
                )),
            }
        }
        let listener = Listener::bind(wanted, Whom::First).map_err(cannot)?;
        let address = listener.address().map_err(cannot)?;
        bound.push((listener, address));
    }
    Ok(bound)
}

/// The addresses of --listen that one socket for the whole loopback network stands for.
struct Whole {
    /// The place of the first of them.
    first: usize,
    port: u16,
    addresses: Vec<IpAddr>,
}

fn whole_loopback(options: &Options, service: &Service) -> Option<Whole> {
    if options.endpoints() != Endpoints::Addresses || !service.may_grow(options) {
        return None;
    }
    let is_loopback = |address: &SocketAddr| address.is_ipv4() && address.ip().is_loopback();
    let first = options.listen.iter().position(is_loopback)?;
    let port = options.listen[first].port();
    let addresses = options.listen.iter().filter(|address| is_loopback(address) && address.port() == port);
    Some(Whole { first, port, addresses: addresses.map(SocketAddr::ip).collect() })
}

/// Gives each instance a port of its own, for as long as it is there.
pub async fn give_ports(service: Arc<Service>, places: Places, stop: watch::Receiver<()>) {
    let mut open: BTreeMap<Name, watch::Sender<()>> = BTreeMap::new();
    let mut changes = service.fleet.changes();
    let mut stopped = stop.clone();
    loop {
        changes.mark_unchanged();
        let fleet = service.fleet.now().clone();
        let now = service.clock.now();
        open.retain(|id, _| {
            let is_served = fleet.member(id).is_some_and(|member| member.is_served(now));
            if !is_served {
                // Somebody else may have the port next: an instance that was stopped names it no longer.
                let _ = service.fleet.change(|fleet| fleet.set_endpoint(id, None));
            }
            is_served
        });
        for member in fleet.members(LaunchSeq::FIRST).filter(|member| member.is_served(now)) {
            if open.contains_key(member.id()) {
                continue;
            }
            let id = member.id().clone();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let listener = match Listener::bind(address, Whom::One(id.clone())).and_then(|listener| {
                let address = listener.address()?;
                Ok((listener, address))
            }) {
                Ok((listener, SocketAddr::V4(address))) => {
                    give(&service, &id, address);
                    listener
                }
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!("no port for {id}: {}", tell::reason(&error));
                    continue;
                }
            };
            let (close, closed) = watch::channel(());
            tokio::spawn(listener.serve_until(closed, service.clone(), places.clone(), stop.clone()));
            open.insert(id, close);
        }
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

fn give(service: &Service, id: &Name, address: SocketAddrV4) {
    // The instance may be gone by now: then the socket goes at the next change.
    let _ = service.fleet.change(|fleet| fleet.set_endpoint(id, Some(address)));
    tracing::info!(instance = %id, endpoint = %address);
}
