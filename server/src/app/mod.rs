//! The application: the fleet, its files, and the state that connections share.

pub mod fleet_store;
pub mod fleet_writer;
pub mod initial_fleet;
pub mod query_response;
pub mod router;
pub mod service;
mod state_document;
pub mod state_file;
