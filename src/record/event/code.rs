use crate::json_enum;

/// The codes of scheduled events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventCode {
    /// The instance reboots.
    InstanceReboot,
    /// The host reboots, and the instance with it.
    SystemReboot,
    /// Maintenance of the network or the power can affect the instance.
    SystemMaintenance,
    /// The instance is stopped if its root device is an EBS volume, and terminated if it is not.
    InstanceRetirement,
    /// The instance is stopped.
    InstanceStop,
}

json_enum! {
    EventCode: InstanceReboot SystemReboot SystemMaintenance InstanceRetirement InstanceStop;
}

impl EventCode {
    /// All codes.
    pub const CODES: [EventCode; 5] = [
        EventCode::InstanceReboot,
        EventCode::SystemReboot,
        EventCode::SystemMaintenance,
        EventCode::InstanceRetirement,
        EventCode::InstanceStop,
    ];

    /// The name in the metadata.
    pub const fn name(self) -> &'static str {
        match self {
            EventCode::InstanceReboot => "instance-reboot",
            EventCode::SystemReboot => "system-reboot",
            EventCode::SystemMaintenance => "system-maintenance",
            EventCode::InstanceRetirement => "instance-retirement",
            EventCode::InstanceStop => "instance-stop",
        }
    }

    /// Documented by AWS for `system-reboot`; the others are chosen.
    pub(super) const fn description(self) -> &'static str {
        match self {
            EventCode::InstanceReboot | EventCode::SystemReboot => "scheduled reboot",
            EventCode::SystemMaintenance => "scheduled maintenance",
            EventCode::InstanceRetirement | EventCode::InstanceStop => "The instance is running on degraded hardware",
        }
    }

    /// Whether EC2 shows `NotAfter`.
    pub(super) const fn has_end(self) -> bool {
        !matches!(self, EventCode::InstanceRetirement | EventCode::InstanceStop)
    }
}
