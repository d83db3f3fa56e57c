//! Session tokens: sealed, not stored.
//!
//! A token carries its own expiry under a keyed seal, so that nothing is kept for a token that was issued, however many are.
//! What it looks like is the real service's: 56 characters of padded URL-safe base64 over 40 bytes, the first four naming the
//! service's generation, the next four the same for all tokens of an instance.

mod nonce;
mod sealed;
mod ttl;

use core::fmt;

pub use nonce::Nonce;
use sealed::{Parts, Sealed};
pub use sealed::{TOKEN_CHARS, Token};
pub use ttl::{Ttl, TtlFault};

use crate::seed::Seed;
use crate::time::Timestamp;

/// Issues the tokens of one instance in one generation, and verifies them.
///
/// A new generation has a new key: it voids every token of the one before, as a stop and start does.
#[derive(Clone)]
pub struct Authority {
    key: [u8; 32],
    version: [u8; 4],
    instance: [u8; 4],
}

/// What a token that verifies proves: that its holder may go on until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The first instant at which the token is no longer good.
    pub expires: Timestamp,
    /// The seconds that remain, rounded up, 1 to 21,600: what the answer's field says.
    pub remaining: u32,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenFault {
    /// Not 56 characters.
    Length,
    /// 56 characters that are not the one spelling of 40 bytes.
    Spelling,
    /// Issued for another instance.
    OtherInstance,
    /// The seal is not ours: made up, altered, or of another generation.
    Forged,
    /// Ours, and over.
    Expired {
        /// The first instant at which it was no longer good.
        since: Timestamp,
    },
}

impl Authority {
    /// The authority of one instance. `version` is the profile's; `generation` counts the instance's lives.
    pub fn new(seed: &Seed, version: [u8; 4], instance_id: &str, generation: u64) -> Authority {
        let id = instance_id.as_bytes();
        Authority {
            key: seed.generate("imds 2026 token key v1", &[id, &generation.to_le_bytes()]),
            version,
            // Not secret and not of the seed: it names the instance wherever its tokens turn up.
            instance: Seed::new([0; 32]).generate("imds 2026 token instance v1", &[id]),
        }
    }

    /// Issues a token that is valid from `now` until `now + ttl`.
    pub fn issue(&self, now: Timestamp, ttl: Ttl, nonce: Nonce) -> Token {
        Parts {
            version: self.version,
            instance: self.instance,
            nonce: nonce.get(),
            expires: now.saturating_add_seconds(ttl.seconds().into()),
        }
        .seal(&self.key)
    }

    /// The session that a token opens at this time, or what is wrong with it.
    pub fn verify(&self, now: Timestamp, token: &[u8]) -> Result<Session, TokenFault> {
        let sealed = Sealed::parse(token)?;
        if sealed.instance() != self.instance {
            return Err(TokenFault::OtherInstance);
        }
        // One of the other version may have a good seal: the key knows no version.
        if sealed.version() != self.version {
            return Err(TokenFault::Forged);
        }
        let expires = sealed.open(&self.key).ok_or(TokenFault::Forged)?;
        if now >= expires {
            return Err(TokenFault::Expired { since: expires });
        }
        // A clock that was set back must not promise more than a token can last.
        let remaining = expires.millis_since(now).div_ceil(1000).min(Ttl::MAX.seconds().into()) as u32;
        Ok(Session { expires, remaining })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("version", &self.version)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}
