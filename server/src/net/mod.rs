//! TCP: listeners, connections and their limits.

pub mod capacity;
mod connection;
pub mod endpoint_binding;
pub mod fd_limit;
mod hop_limit;
pub mod listener;
mod peer_counts;
mod timer;
