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

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

use super::TokenFault;
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

pub(super) struct Sealed([u8; SEALED_BYTES]);

impl Parts {
    pub fn seal(&self, key: &[u8; 32]) -> Token {
        let mut bytes = [0; SEALED_BYTES];
        bytes[..4].copy_from_slice(&self.version);
        bytes[4..8].copy_from_slice(&self.instance);
        bytes[8..16].copy_from_slice(&self.nonce.to_le_bytes());
        bytes[16..24].copy_from_slice(&(self.expires.millis() ^ self.nonce).to_le_bytes());
        let seal = seal(key, &bytes[..CLAIM_BYTES]);
        bytes[CLAIM_BYTES..].copy_from_slice(&seal.as_bytes()[..SEAL_BYTES]);
        let mut chars = [b'='; TOKEN_CHARS];
        // It cannot fail: 40 bytes encode to 54 characters and two of padding.
        let written = URL_SAFE.encode_slice(bytes, &mut chars);
        debug_assert_eq!(written, Ok(TOKEN_CHARS));
        Token(chars)
    }
}

impl Sealed {
    /// Decodes canonical base64: padded, URL-safe, unused bits zero.
    pub fn parse(token: &[u8]) -> Result<Sealed, TokenFault> {
        if token.len() != TOKEN_CHARS {
            return Err(TokenFault::Length);
        }
        // With padding, the decoder needs a larger buffer and more instructions.
        let symbols = token.strip_suffix(b"==").ok_or(TokenFault::Spelling)?;
        let mut bytes = [0; SEALED_BYTES];
        match URL_SAFE_NO_PAD.decode_slice(symbols, &mut bytes) {
            Ok(SEALED_BYTES) => Ok(Sealed(bytes)),
            _ => Err(TokenFault::Spelling),
        }
    }

    pub fn version(&self) -> [u8; 4] {
        self.array(0)
    }

    pub fn instance(&self) -> [u8; 4] {
        self.array(4)
    }

    /// The expiry, if the seal was made with this key. The comparison takes constant time.
    pub fn open(&self, key: &[u8; 32]) -> Option<Timestamp> {
        let mut received = [0; 32];
        received[..SEAL_BYTES].copy_from_slice(&self.0[CLAIM_BYTES..]);
        let mut expected = [0; 32];
        expected[..SEAL_BYTES].copy_from_slice(&seal(key, &self.0[..CLAIM_BYTES]).as_bytes()[..SEAL_BYTES]);
        if blake3::Hash::from_bytes(expected) != blake3::Hash::from_bytes(received) {
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

fn seal(key: &[u8; 32], claim: &[u8]) -> blake3::Hash {
    blake3::keyed_hash(key, claim)
}

const SEALED_BYTES: usize = 40;
const CLAIM_BYTES: usize = 24;
const SEAL_BYTES: usize = 16;
