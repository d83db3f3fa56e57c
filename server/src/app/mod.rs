//! The application: the fleet, its files, and the state that connections share.

pub mod fleet_store;
pub mod initial_fleet;
pub mod query_response;
pub mod router;
pub mod service;
pub mod state_file;
