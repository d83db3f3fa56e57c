/// A number that makes one token differ from every other token.
///
/// **Use each value once per seed.** Two PUT requests with the same nonce, time and TTL get the
/// same token. A nonce is not secret: a counter with a random start is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(u64);

impl Nonce {
    /// The nonce of this value.
    pub const fn new(value: u64) -> Nonce {
        Nonce(value)
    }

    /// The value.
    pub const fn get(self) -> u64 {
        self.0
    }
}
