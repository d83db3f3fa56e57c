use alloc::string::String;
use core::fmt;
use core::net::IpAddr;

use super::InstanceState;
use imds::record::{Line, Name, RecordError};
use imds::write::Quoted;

/// Why an operation on a fleet is refused. Nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FleetError {
    /// There is no instance of that id.
    NoSuchInstance(String),
    /// The instance is in a state in which that cannot be done.
    WrongState(Name, InstanceState),
    /// The account enforces tokens, and `optional` was asked for.
    TokensEnforced,
    /// An instance with that id is there.
    IdInUse(Name),
    /// Another instance has that address.
    AddressInUse(IpAddr),
    /// The address is not of the subnet, or one of those that every subnet keeps for itself.
    AddressOutside(IpAddr, Line),
    /// The subnet, named by its block of addresses, has no free one left.
    NoFreeAddress(Line),
    /// A tag key that the metadata cannot show, where tags are in the metadata.
    TagKey(String),
    /// More tags than a resource can have.
    TooManyTags,
    /// The instance is protected from being terminated.
    TerminationProtected(Name),
    /// The fleet has launched as many instances as it can count.
    TooManyLaunches,
    /// Several instances were to get what only one can have.
    NotForSeveral(&'static str),
    /// The record of the launch is wrong.
    Record(RecordError),
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FleetError::NoSuchInstance(id) => write!(f, "there is no instance {id}"),
            FleetError::WrongState(id, state) => write!(f, "{id} is {}", state.name()),
            FleetError::TokensEnforced => f.write_str("the account enforces tokens: `optional` is refused"),
            FleetError::IdInUse(id) => write!(f, "there is an instance {id} already"),
            FleetError::AddressInUse(address) => write!(f, "another instance has the address {address}"),
            FleetError::AddressOutside(address, block) => {
                write!(f, "{address} is no address for an instance in {block}")
            }
            FleetError::NoFreeAddress(block) => write!(f, "no address is free in {block}"),
            FleetError::TagKey(key) => write!(f, "the metadata cannot show a tag with the key {}", Quoted(key)),
            FleetError::TooManyTags => f.write_str("an instance has at most 50 tags"),
            FleetError::TerminationProtected(id) => write!(f, "{id} is protected from termination"),
            FleetError::TooManyLaunches => f.write_str("a fleet launches at most 4294967295 instances in its life"),
            FleetError::NotForSeveral(what) => write!(f, "several instances cannot have one {what}"),
            FleetError::Record(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FleetError {}

impl From<RecordError> for FleetError {
    fn from(error: RecordError) -> FleetError {
        FleetError::Record(error)
    }
}
