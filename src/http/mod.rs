//! HTTP as the metadata service speaks it: parsing of requests and writing of responses.
//!
//! Headers, statuses and the differences between the generations of the service ([`Profile`]) are
//! here. Metadata, tokens and rules are in other modules.

mod body;
mod body_reader;
mod chunked;
mod head;
pub mod header;
mod hop_limit;
mod kept;
mod order;
mod profile;
mod request;
mod response;
mod status;

pub use body::Body;
pub(crate) use body_reader::BodyReader;
pub use head::{ContentType, Persistence};
pub use hop_limit::{HopLimit, HopLimitError};
pub(crate) use kept::KeptHeads;
pub use order::{CheckOrder, Stage};
#[doc(hidden)]
pub use profile::HeaderLayout;
pub use profile::{PROFILE_FIELDS, PROFILES, Page, Profile, ProfileError, ProfileField, ResponseHeader, StatusLine};
pub(crate) use request::HeadScanner;
pub use request::{HeaderValue, Method, Request, RequestFault};
pub use response::{Content, Payload, Response};
pub use status::{STATUSES, Status};
