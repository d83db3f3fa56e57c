//! A run of all checks against one endpoint.

mod categories;
mod detect;
mod endpoint;
mod endpoint_state;
mod evaluate;
mod format;
mod json;
mod report;
mod response;
mod runner;

pub use endpoint::{Endpoint, NoReply, RawResponse};
pub use evaluate::error_page;
pub use report::{Finding, Outcome, Report};
pub use runner::{CheckOptions, run};
