use core::{fmt, ptr};

use imds::record::IdentityKeys;

/// The behaviour of a fleet where EC2 leaves it open.
///
/// `Debug` shows only whether there are keys.
#[derive(Clone, Copy)]
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
    /// The keys that sign identity documents. With the default, `None`, a record with a key is
    /// rejected.
    ///
    /// The operation that changes a document signs it: a launch, a start, a replacement of the
    /// record or the restoration of a snapshot. New keys do not sign the documents of instances
    /// that exist.
    pub identity_keys: Option<&'static dyn IdentityKeys>,
}

impl Settings {
    /// The default settings.
    pub const fn new() -> Settings {
        Settings { modify_millis: 1000, transition_millis: 0, loopback_port: None, identity_keys: None }
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

    /// These settings with other [`identity_keys`](Settings::identity_keys).
    #[must_use]
    pub const fn with_identity_keys(mut self, keys: Option<&'static dyn IdentityKeys>) -> Settings {
        self.identity_keys = keys;
        self
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::new()
    }
}

/// Keys are equal if they are the same object.
impl PartialEq for Settings {
    fn eq(&self, other: &Settings) -> bool {
        let has_same_keys = match (self.identity_keys, other.identity_keys) {
            (Some(one), Some(other)) => ptr::addr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        has_same_keys
            && (self.modify_millis, self.transition_millis, self.loopback_port)
                == (other.modify_millis, other.transition_millis, other.loopback_port)
    }
}

impl Eq for Settings {}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("modify_millis", &self.modify_millis)
            .field("transition_millis", &self.transition_millis)
            .field("loopback_port", &self.loopback_port)
            .field("has_identity_keys", &self.identity_keys.is_some())
            .finish()
    }
}
