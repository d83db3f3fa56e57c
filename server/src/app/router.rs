//! Which instance a connection is for.

use std::net::IpAddr;

use imds::Timestamp;
use imds::record::Name;
use imds_ec2::Fleet;
use imds_ec2::fleet::FleetInstance;

/// What tells the instance.
#[derive(Debug, Clone)]
pub enum Route {
    /// It is this one, whatever was asked.
    Instance(Name),
    /// It has this address: that was asked, or whoever asks has it.
    Address(IpAddr),
    /// There is none.
    Nobody,
}

impl Route {
    /// The instance, if it is there and on.
    pub fn find<'a>(&self, fleet: &'a Fleet, now: Timestamp) -> Option<&'a FleetInstance> {
        match self {
            Route::Instance(id) => fleet.member(id).filter(|member| member.is_served(now)),
            Route::Address(address) => fleet.find_by_address(now, *address),
            Route::Nobody => None,
        }
    }
}
