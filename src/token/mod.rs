//! Session tokens: sealed, not stored.
//!
//! A token contains its expiry, protected by a keyed hash. So an issued token takes no memory. It
//! looks like a token of the real service: 56 characters of padded URL-safe base64 over 40 bytes.
//! The first four bytes name the generation of the service, and the next four are the same for all
//! tokens of an instance.

mod authority;
#[doc(hidden)]
pub mod base64;
mod fault;
mod memo;
mod nonce;
mod sealed;
mod session;
mod ttl;

pub use authority::Authority;
pub use fault::TokenFault;
pub(crate) use memo::TokenMemo;
pub use nonce::Nonce;
pub use sealed::{TOKEN_CHARS, Token};
pub use session::Session;
pub use ttl::{Ttl, TtlFault};
