use crate::token::Nonce;

/// The inputs of an answer that are in neither the request nor the instance.
///
/// ```
/// use imds::{Context, Nonce};
///
/// let context = Context::new(Nonce::new(7)).throttled(true);
/// assert!(context.throttled);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// Makes the token of a PUT unique. Other requests do not use it.
    pub nonce: Nonce,
    /// Set by the caller's rate limiter to reject the request with 503.
    /// [`Throttle`](crate::Throttle) is one.
    pub throttled: bool,
}

impl Context {
    /// A context of a request within the rate limit.
    pub const fn new(nonce: Nonce) -> Context {
        Context { nonce, throttled: false }
    }

    /// Sets [`Context::throttled`].
    #[must_use]
    pub const fn throttled(self, throttled: bool) -> Context {
        Context { throttled, ..self }
    }
}
