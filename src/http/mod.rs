//! HTTP as the metadata service speaks it: one request head in, one response out.
//!
//! This module knows fields, statuses and the spelling of each generation of the service ([`Profile`]). It knows no
//! metadata, no tokens and no rule: what a request deserves is decided elsewhere.

mod head;
pub mod header;
mod hop_limit;
mod profile;
mod request;
mod response;
mod status;

pub use hop_limit::{HopLimit, HopLimitError};
pub use profile::{Field, FieldLayout, PROFILE_FIELDS, PROFILES, Profile, ProfileError, ProfileField, StatusLine};
pub(crate) use request::HeadScanner;
pub use request::{Body, FieldValue, Method, Request, RequestFault};
pub use response::{Content, ContentType, Empty, Payload, Persistence, Response};
pub use status::{STATUSES, Status};
