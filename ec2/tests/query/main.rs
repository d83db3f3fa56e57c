//! EC2's Query API: the effects of forms on a fleet, the responses and the errors.

mod cost;
mod describing;
mod launching;
mod lifecycle;
mod memory;
mod options;
mod parameters;
mod properties;
mod requests;
mod soak;
mod support;
mod tagging;
