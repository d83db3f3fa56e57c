//! The instances as EC2's API shows them, and the parts of requests that several actions have.

pub mod constants;
pub mod ids;
pub mod instance_view;
pub mod instance_xml;
pub mod metadata_options;
pub mod state_changes;
pub mod tags;
pub mod zones;
