use alloc::format;
use alloc::string::String;

use super::error::{
    Error, INCORRECT_INSTANCE_STATE, INSTANCE_LIMIT_EXCEEDED, INSUFFICIENT_FREE_ADDRESSES, INVALID_IP_ADDRESS_IN_USE,
    OPERATION_NOT_PERMITTED, TAG_LIMIT_EXCEEDED, UNSUPPORTED_OPERATION,
};
use crate::fleet::{Fleet, FleetError, InstanceState};

/// An operation on a fleet. EC2's text for an error depends on the operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Launch,
    ModifyOptions,
    Reboot,
    Start,
    Stop,
    Tag,
    Terminate,
}

impl Operation {
    /// EC2's error for an error of the fleet.
    pub fn error(self, fleet: &Fleet, error: FleetError) -> Error {
        match error {
            FleetError::NoSuchInstance(id) => Error::no_such_instances(&[&id]),
            FleetError::IncorrectState(id, state) => {
                let has_run = fleet.instance(&id).is_some_and(|instance| instance.instance().generation() > 0);
                Error::new(&INCORRECT_INSTANCE_STATE, self.incorrect_state(&id, state, has_run))
            }
            // AWS documents the same sentence for a launch and for a change of options.
            FleetError::TokensEnforced => Error::new(
                &UNSUPPORTED_OPERATION,
                "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either \
                 launch the instance with httpTokens=required or contact your account owner to disable \
                 httpTokensEnforced using the ModifyInstanceMetadataDefaults API or the account settings in the EC2 \
                 console.",
            ),
            // Observed: aws-cli#7178.
            FleetError::AddressInUse(address) => {
                Error::new(&INVALID_IP_ADDRESS_IN_USE, format!("Address {address} is in use."))
            }
            // The text of Eucalyptus, moto and Ansible.
            FleetError::AddressOutsideSubnet(..) => {
                Error::value("Address does not fall within the subnet's address range")
            }
            FleetError::NoFreeAddress(subnet) => Error::new(
                &INSUFFICIENT_FREE_ADDRESSES,
                format!(
                    "There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of \
                     instances."
                ),
            ),
            // The text of moto.
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
            // Observed: cloud-custodian#10594.
            FleetError::StopProtected(id) => Error::new(
                &OPERATION_NOT_PERMITTED,
                format!(
                    "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try \
                     again."
                ),
            ),
            FleetError::SingleInstanceOnly(value) => {
                Error::combination(format!("A {value} may not be specified when launching more than one instance"))
            }
            error @ FleetError::TooManyLaunches => Error::new(&INSTANCE_LIMIT_EXCEEDED, format!("{error}")),
            error @ (FleetError::IdInUse(_)
            | FleetError::InvalidTagKey(_)
            | FleetError::NoSuchEvent(_)
            | FleetError::EventHappened(_)
            | FleetError::TooManyEvents
            | FleetError::TooFewInstances(..)
            | FleetError::Record(_)) => Error::value(format!("{error}")),
        }
    }

    fn incorrect_state(self, id: &str, state: InstanceState, has_run: bool) -> String {
        match self {
            // Observed: ubuntu-pro-client#1697.
            Operation::Start => format!("The instance '{id}' is not in a state from which it can be started."),
            // Observed: cloud-custodian#6014.
            Operation::Stop if state == InstanceState::Pending && !has_run => {
                format!("Instance '{id}' cannot be stopped as it has never reached the 'running' state.")
            }
            // Observed in a CloudTrail record.
            Operation::Stop => format!("This instance '{id}' is not in a state from which it can be stopped."),
            Operation::Launch
            | Operation::ModifyOptions
            | Operation::Reboot
            | Operation::Tag
            | Operation::Terminate => {
                format!("The instance '{id}' is not in a valid state for this operation: it is {}.", state.name())
            }
        }
    }
}
