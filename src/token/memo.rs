use constant_time_eq::constant_time_eq_n;

use super::authority::session;
use super::{Authority, Session, TOKEN_CHARS, TokenFault};
use crate::time::Timestamp;

/// The last token that was valid. The next request with it needs neither decoding nor a hash.
///
/// The seal and the expiry of a token depend on the authority and the token's characters only. The
/// memo has both, so a new key or generation voids it, and the expiry is compared with the clock
/// each time. A token that was rejected is not kept.
#[derive(Clone, Default)]
pub(crate) struct TokenMemo(Option<Verified>);

#[derive(Clone)]
struct Verified {
    authority: Authority,
    token: [u8; TOKEN_CHARS],
    expires: Timestamp,
}

impl TokenMemo {
    pub const NONE: TokenMemo = TokenMemo(None);

    /// Verifies a token at this time, like [`Authority::verify`].
    ///
    /// If it is the last valid one, a GET costs 920 instructions less, a quarter.
    ///
    /// # Errors
    ///
    /// [`TokenFault`] is the first reason to reject the token, in the order of its variants.
    pub fn verify(&mut self, authority: &Authority, now: Timestamp, token: &[u8]) -> Result<Session, TokenFault> {
        if let Some(expires) = self.expiry(authority, token) {
            return session(now, expires);
        }
        let expires = authority.expiry(token)?;
        let session = session(now, expires)?;
        if let Ok(token) = token.try_into() {
            self.0 = Some(Verified { authority: authority.clone(), token, expires });
        }
        Ok(session)
    }

    /// The expiry of the token, if this authority verified it last.
    ///
    /// The comparison of all characters takes constant time. So the time of an answer shows whether
    /// a token is the last valid one, and not how many of its characters are.
    fn expiry(&self, authority: &Authority, token: &[u8]) -> Option<Timestamp> {
        let verified = self.0.as_ref()?;
        let is_same = constant_time_eq_n::<TOKEN_CHARS>(token.try_into().ok()?, &verified.token);
        (is_same && verified.authority == *authority).then_some(verified.expires)
    }
}
