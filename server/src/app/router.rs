//! Selects the instance that answers a connection.

use std::net::IpAddr;

use imds::Timestamp;
use imds::record::Name;
use imds_ec2::Fleet;
use imds_ec2::fleet::FleetInstance;

/// How the instances of a fleet are addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointMode {
    /// Each instance has an address in 127.0.0.0/8.
    Addresses,
    /// Each instance has a port at 127.0.0.1.
    Ports,
    /// The client has the instance's address.
    Peers,
}

/// Maps connections to routes.
#[derive(Debug)]
pub struct Router {
    /// The instance at the addresses of `--listen`.
    first: Option<Name>,
    mode: EndpointMode,
}

/// The instance that a connection addresses.
#[derive(Debug, Clone)]
pub enum Route {
    /// The instance with this id.
    Instance(Name),
    /// The instance with this address: the local address of the connection, or that of the peer.
    Address(IpAddr),
    /// No instance.
    None,
}

impl Router {
    pub fn new(first: Option<Name>, mode: EndpointMode) -> Router {
        Router { first, mode }
    }

    pub fn mode(&self) -> EndpointMode {
        self.mode
    }

    /// Returns the route of a connection: by the peer's address in [`EndpointMode::Peers`];
    /// otherwise the owner of the local address, or the first instance if the local address is one
    /// of `--listen`, which has no `owned` address.
    pub fn route(&self, owned: Option<IpAddr>, peer: IpAddr) -> Route {
        match (self.mode, owned, &self.first) {
            (EndpointMode::Peers, ..) => Route::Address(peer),
            (_, Some(address), _) => Route::Address(address),
            (_, None, Some(first)) => Route::Instance(first.clone()),
            (_, None, None) => Route::None,
        }
    }
}

impl Route {
    /// Returns the instance if it exists and serves metadata at `now`.
    pub fn find<'a>(&self, fleet: &'a Fleet, now: Timestamp) -> Option<&'a FleetInstance> {
        match self {
            Route::Instance(id) => fleet.instance(id).filter(|instance| instance.is_served(now)),
            Route::Address(address) => fleet.find_by_address(now, *address),
            Route::None => None,
        }
    }
}
