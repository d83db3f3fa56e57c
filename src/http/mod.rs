//! HTTP as the metadata service speaks it: parsing of request heads and writing of responses.
//!
//! Headers, statuses and the differences between the generations of the service ([`Profile`]) are
//! here. Metadata, tokens and rules are in other modules.

mod head;
pub mod header;
mod hop_limit;
mod profile;
mod request;
mod response;
mod status;

pub use hop_limit::{HopLimit, HopLimitError};
#[doc(hidden)]
pub use profile::HeaderLayout;
pub use profile::{PROFILE_FIELDS, PROFILES, Profile, ProfileError, ProfileField, ResponseHeader, StatusLine};
pub(crate) use request::HeadScanner;
pub use request::{Body, HeaderValue, Method, Request, RequestFault};
pub use response::{Content, ContentType, Payload, Persistence, Response};
pub use status::{STATUSES, Status};
