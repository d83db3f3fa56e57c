use alloc::format;
use alloc::string::String;

use super::error::{
    Error, INCORRECT_INSTANCE_STATE, INSTANCE_LIMIT_EXCEEDED, INSUFFICIENT_FREE_ADDRESSES, INVALID_IP_ADDRESS_IN_USE,
    OPERATION_NOT_PERMITTED, TAG_LIMIT_EXCEEDED, UNSUPPORTED_OPERATION,
};
use crate::fleet::{Fleet, FleetError, InstanceState};

/// What is done to a fleet, for EC2 words the same refusal in many ways.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Launch,
    ModifyOptions,
    Reboot,
    Start,
    Stop,
    Tag,
    Terminate,
}

impl Doing {
    /// A refusal of the fleet's in EC2's words.
    pub fn refused(self, fleet: &Fleet, error: FleetError) -> Error {
        match error {
            FleetError::NoSuchInstance(id) => Error::no_such_instances(&[&id]),
            FleetError::WrongState(id, state) => {
                let has_run = fleet.member(&id).is_some_and(|member| member.instance().generation() > 0);
                Error::new(&INCORRECT_INSTANCE_STATE, self.wrong_state(&id, state, has_run))
            }
            // Seen, when an instance was to be modified in an account that enforces; documented for launches.
            FleetError::TokensEnforced if self == Doing::ModifyOptions => Error::new(
                &UNSUPPORTED_OPERATION,
                "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.",
            ),
            FleetError::TokensEnforced => Error::new(
                &UNSUPPORTED_OPERATION,
                "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either \
                 launch the instance with httpTokens=required or contact your account owner to disable \
                 httpTokensEnforced using the ModifyInstanceMetadataDefaults API or the account settings in the EC2 \
                 console.",
            ),
            // Seen: aws-cli#7178.
            FleetError::AddressInUse(address) => {
                Error::new(&INVALID_IP_ADDRESS_IN_USE, format!("Address {address} is in use."))
            }
            // As Eucalyptus, moto and Ansible have it.
            FleetError::AddressOutside(..) => Error::value("Address does not fall within the subnet's address range"),
            FleetError::NoFreeAddress(subnet) => Error::new(
                &INSUFFICIENT_FREE_ADDRESSES,
                format!(
                    "There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of \
                     instances."
                ),
            ),
            // Seen many times, with both backslashes.
            FleetError::TagKey(key) => Error::value(format!(
                "'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{{1,255}}), and \
                 must not be a reserved name ('.', '..', '_index')"
            )),
            // As moto has it.
            FleetError::TooManyTags => {
                Error::new(&TAG_LIMIT_EXCEEDED, "The maximum number of Tags for a resource has been reached.")
            }
            // AWS, EC2 user guide: change termination protection.
            FleetError::TerminationProtected(id) => Error::new(
                &OPERATION_NOT_PERMITTED,
                format!(
                    "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute \
                     and try again."
                ),
            ),
            FleetError::NotForSeveral(what) => {
                Error::combination(format!("A {what} may not be specified when launching more than one instance"))
            }
            error @ FleetError::TooManyLaunches => Error::new(&INSTANCE_LIMIT_EXCEEDED, format!("{error}")),
            error @ (FleetError::IdInUse(_) | FleetError::Record(_)) => Error::value(format!("{error}")),
        }
    }

    fn wrong_state(self, id: &str, state: InstanceState, has_run: bool) -> String {
        match self {
            // Seen: ubuntu-pro-client#1697.
            Doing::Start => format!("The instance '{id}' is not in a state from which it can be started."),
            // Seen: cloud-custodian#6014.
            Doing::Stop if state == InstanceState::Pending && !has_run => {
                format!("Instance '{id}' cannot be stopped as it has never reached the 'running' state.")
            }
            // Seen, in a record of CloudTrail's.
            Doing::Stop => format!("This instance '{id}' is not in a state from which it can be stopped."),
            Doing::Launch | Doing::ModifyOptions | Doing::Reboot | Doing::Tag | Doing::Terminate => {
                format!("The instance '{id}' is not in a valid state for this operation: it is {}.", state.name())
            }
        }
    }
}
