//! EC2's Query API: what a form does to a fleet, what it answers, and with which words it is refused.

mod describing;
mod launching;
mod lifecycle;
mod options;
mod properties;
mod requests;
mod support;
mod tagging;
