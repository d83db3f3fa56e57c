//! The encoding of a token: 40 bytes as 56 characters.
//!
//! ```text
//! 0..4    version    01 00 04 00 (Nitro), 01 00 00 00 (Xen)
//! 4..8    instance   derived from the instance ID
//! 8..16   nonce      little-endian
//! 16..24  expiry     milliseconds since the epoch, little-endian, XOR nonce: looks random, is not secret
//! 24..40  seal       first half of keyed BLAKE3 over bytes 0..24
//! ```

use core::fmt;

use constant_time_eq::constant_time_eq_16;

use super::{TokenFault, base64};
use crate::time::Timestamp;

/// Characters of a token, including two of padding.
pub const TOKEN_CHARS: usize = 56;

/// An issued token. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; TOKEN_CHARS]);

impl Token {
    /// The [`TOKEN_CHARS`] characters, in ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

pub(super) struct Parts {
    pub version: [u8; 4],
    pub instance: [u8; 4],
    pub nonce: u64,
    pub expires: Timestamp,
}

pub(super) struct Sealed([u8; base64::BYTES]);

impl Parts {
    pub fn seal(&self, key: &[u8; 32]) -> Token {
        let mut bytes = [0; base64::BYTES];
        bytes[..4].copy_from_slice(&self.version);
        bytes[4..8].copy_from_slice(&self.instance);
        bytes[8..16].copy_from_slice(&self.nonce.to_le_bytes());
        bytes[16..24].copy_from_slice(&(self.expires.millis() ^ self.nonce).to_le_bytes());
        let seal = seal(key, &bytes[..CLAIM_BYTES]);
        bytes[CLAIM_BYTES..].copy_from_slice(&seal);
        let mut chars = [b'='; TOKEN_CHARS];
        chars[..base64::SYMBOLS].copy_from_slice(&base64::encode(&bytes));
        Token(chars)
    }
}

impl Sealed {
    /// Decodes canonical base64: padded, URL-safe, unused bits zero.
    pub fn parse(token: &[u8]) -> Result<Sealed, TokenFault> {
        let token: &[u8; TOKEN_CHARS] = token.try_into().map_err(|_| TokenFault::Length)?;
        let symbols = match token.split_first_chunk() {
            Some((symbols, b"==")) => symbols,
            _ => return Err(TokenFault::Spelling),
        };
        base64::decode(symbols).map(Sealed).ok_or(TokenFault::Spelling)
    }

    pub fn version(&self) -> [u8; 4] {
        self.array(0)
    }

    pub fn instance(&self) -> [u8; 4] {
        self.array(4)
    }

    /// The expiry, if the seal was made with this key. The comparison takes constant time.
    pub fn open(&self, key: &[u8; 32]) -> Option<Timestamp> {
        let (claim, received) = self.0.split_last_chunk()?;
        if !constant_time_eq_16(&seal(key, claim), received) {
            return None;
        }
        let nonce = u64::from_le_bytes(self.array(8));
        Timestamp::from_millis(u64::from_le_bytes(self.array(16)) ^ nonce)
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&self.0[at..at + N]);
        array
    }
}

fn seal(key: &[u8; 32], claim: &[u8]) -> [u8; SEAL_BYTES] {
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&blake3::keyed_hash(key, claim).as_bytes()[..SEAL_BYTES]);
    seal
}

const CLAIM_BYTES: usize = 24;
const SEAL_BYTES: usize = 16;
