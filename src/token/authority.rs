use core::fmt;

use super::sealed::{Parts, Sealed};
use super::{Nonce, Session, Token, TokenFault, Ttl};
use crate::seed::Seed;
use crate::time::Timestamp;

/// Issues and verifies the tokens of an instance.
///
/// Each generation of an instance has its own key, so a stop and start voids every earlier token.
#[derive(Clone, PartialEq, Eq)]
pub struct Authority {
    key: [u8; 32],
    version: [u8; 4],
    instance: [u8; 4],
}

impl Authority {
    /// The authority of an instance.
    ///
    /// `version` is [`Profile::token_version`](crate::http::Profile::token_version). `generation`
    /// counts the starts of the instance.
    pub fn new(seed: &Seed, version: [u8; 4], instance_id: &str, generation: u64) -> Authority {
        let id = instance_id.as_bytes();
        Authority {
            key: seed.generate("imds 2026 token key v1", &[id, &generation.to_le_bytes()]),
            version,
            // Not secret and independent of the seed: other authorities recognize the instance by
            // it.
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

    /// Verifies a token at this time.
    ///
    /// # Errors
    ///
    /// [`TokenFault`] is the first reason to reject the token, in the order of its variants.
    pub fn verify(&self, now: Timestamp, token: &[u8]) -> Result<Session, TokenFault> {
        session(now, self.expiry(token)?)
    }

    /// The expiry of a token that this authority issued.
    pub(super) fn expiry(&self, token: &[u8]) -> Result<Timestamp, TokenFault> {
        let sealed = Sealed::parse(token)?;
        if sealed.instance() != self.instance {
            return Err(TokenFault::OtherInstance);
        }
        // The key does not depend on the version, so a token of the other version can have a valid
        // seal.
        if sealed.version() != self.version {
            return Err(TokenFault::Forged);
        }
        sealed.open(&self.key).ok_or(TokenFault::Forged)
    }
}

/// The session of a token with a valid seal.
pub(super) fn session(now: Timestamp, expires: Timestamp) -> Result<Session, TokenFault> {
    if now >= expires {
        return Err(TokenFault::Expired { since: expires });
    }
    // If the clock was set back, more than the longest TTL remains.
    let remaining = expires.millis_since(now).div_ceil(1000).min(Ttl::MAX.seconds().into()) as u32;
    Ok(Session { expires, remaining })
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("version", &self.version)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}
