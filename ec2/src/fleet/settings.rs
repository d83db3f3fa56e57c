/// The behaviour of a fleet where EC2 leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The time that a change of metadata options is pending, in milliseconds. The default is 1000.
    pub modify_millis: u64,
    /// The time that a launch, a start, a stop and a termination take, in milliseconds. The default
    /// is 0.
    pub transition_millis: u32,
    /// The port of the [endpoints](crate::fleet::FleetInstance::endpoint) in 127.0.0.0/8. With the
    /// default, `None`, instances have no endpoints.
    pub loopback_port: Option<u16>,
}

impl Settings {
    /// The default settings.
    pub const fn new() -> Settings {
        Settings { modify_millis: 1000, transition_millis: 0, loopback_port: None }
    }

    /// These settings with another [`modify_millis`](Settings::modify_millis).
    #[must_use]
    pub const fn with_modify_millis(mut self, millis: u64) -> Settings {
        self.modify_millis = millis;
        self
    }

    /// These settings with another [`transition_millis`](Settings::transition_millis).
    #[must_use]
    pub const fn with_transition_millis(mut self, millis: u32) -> Settings {
        self.transition_millis = millis;
        self
    }

    /// These settings with another [`loopback_port`](Settings::loopback_port).
    #[must_use]
    pub const fn with_loopback_port(mut self, port: Option<u16>) -> Settings {
        self.loopback_port = port;
        self
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::new()
    }
}
