//! The application: the fleet, its files, and the state that connections share.

pub mod call_limits;
pub mod fleet_store;
pub mod fleet_writer;
pub mod initial_fleet;
#[cfg(all(test, unix))]
mod power_failures;
pub mod query_response;
pub mod router;
pub mod service;
pub mod state_document;
pub mod state_file;
