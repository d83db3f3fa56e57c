use alloc::string::String;
use core::fmt;
use core::net::IpAddr;

use super::state::InstanceState;
use imds::limits;
use imds::record::{EventError, Line, MetadataTagKeyError, Name, RecordError};

/// The reason why an operation on a fleet failed. The fleet is unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FleetError {
    /// No instance has this id.
    NoSuchInstance(String),
    /// The state of the instance does not allow the operation.
    IncorrectState(Name, InstanceState),
    /// The account enforces tokens, and the request has `HttpTokens` `optional`.
    TokensEnforced,
    /// Another instance has this id.
    IdInUse(Name),
    /// Another instance has this address.
    AddressInUse(IpAddr),
    /// The address is not in the subnet, or is one that AWS reserves in every subnet.
    AddressOutsideSubnet(IpAddr, Line),
    /// All addresses of the subnet, given by its CIDR block, are in use.
    NoFreeAddress(Line),
    /// The tag key is not allowed while tags are in the metadata.
    InvalidTagKey(String),
    /// A resource has at most 50 tags.
    TooManyTags,
    /// The instance is protected from termination.
    TerminationProtected(Name),
    /// The instance is protected from stops.
    StopProtected(Name),
    /// The fleet has launched 4,294,967,295 instances.
    TooManyLaunches,
    /// A launch of several instances has a value that only one instance can have.
    SingleInstanceOnly(&'static str),
    /// No event of the fleet has this id.
    NoSuchEvent(String),
    /// The event is over, or its notice is in the metadata.
    EventHappened(Name),
    /// The fleet has the largest number of planned events.
    TooManyEvents,
    /// The selector matches the first number of instances, and requires at least the second.
    TooFewInstances(usize, usize),
    /// The record is invalid.
    Record(RecordError),
}

impl FleetError {
    /// A stable code for the kind of error, for example `no-such-instance`.
    pub const fn code(&self) -> &'static str {
        match self {
            FleetError::NoSuchInstance(_) => "no-such-instance",
            FleetError::IncorrectState(..) => "wrong-state",
            FleetError::TokensEnforced => "tokens-enforced",
            FleetError::IdInUse(_) => "id-in-use",
            FleetError::AddressInUse(_) => "address-in-use",
            FleetError::AddressOutsideSubnet(..) => "address-outside",
            FleetError::NoFreeAddress(_) => "no-free-address",
            FleetError::InvalidTagKey(_) => "tag-key",
            FleetError::TooManyTags => "too-many-tags",
            FleetError::TerminationProtected(_) => "termination-protected",
            FleetError::StopProtected(_) => "stop-protected",
            FleetError::TooManyLaunches => "too-many-launches",
            FleetError::SingleInstanceOnly(_) => "not-for-several",
            FleetError::NoSuchEvent(_) => "no-such-event",
            FleetError::EventHappened(_) => "event-happened",
            FleetError::TooManyEvents => "too-many-events",
            FleetError::TooFewInstances(..) => "too-few-instances",
            FleetError::Record(_) => "record",
        }
    }
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FleetError::NoSuchInstance(id) => write!(f, "there is no instance {id}"),
            FleetError::IncorrectState(id, state) => {
                write!(f, "instance {id} is {}, which does not allow this operation", state.name())
            }
            FleetError::TokensEnforced => f.write_str("the account enforces tokens: set HttpTokens to `required`"),
            FleetError::IdInUse(id) => write!(f, "there is an instance {id} already"),
            FleetError::AddressInUse(address) => write!(f, "another instance has the address {address}"),
            FleetError::AddressOutsideSubnet(address, block) => {
                write!(f, "no instance in the subnet {block} can have the address {address}")
            }
            FleetError::NoFreeAddress(block) => write!(f, "the subnet {block} has no free address"),
            FleetError::InvalidTagKey(key) => MetadataTagKeyError(key.clone()).fmt(f),
            FleetError::TooManyTags => f.write_str("an instance has at most 50 tags"),
            FleetError::TerminationProtected(id) => write!(f, "instance {id} is protected from termination"),
            FleetError::StopProtected(id) => write!(f, "instance {id} is protected from stops"),
            FleetError::TooManyLaunches => f.write_str("a fleet launches at most 4294967295 instances in its life"),
            FleetError::SingleInstanceOnly(value) => {
                write!(f, "a launch of several instances cannot set one {value}")
            }
            FleetError::NoSuchEvent(id) => write!(f, "there is no event {id}"),
            FleetError::EventHappened(id) => EventError::Happened(id.clone()).fmt(f),
            FleetError::TooManyEvents => {
                write!(f, "a fleet has at most {} events: cancel some, or select fewer instances", limits::FLEET_EVENTS)
            }
            FleetError::TooFewInstances(_, 0) => f.write_str("`count` is 0: select at least one instance"),
            FleetError::TooFewInstances(0, _) => f.write_str("no instance matches the selector"),
            FleetError::TooFewInstances(found, count) => {
                write!(f, "{found} instances match the selector, not {count}: set `count` to at most {found}")
            }
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
