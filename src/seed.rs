//! The secret that all generated values derive from.

use alloc::string::String;
use core::fmt;

use crate::write::hex;

/// 32 secret bytes. The keys, credentials and generated values of an instance derive from them.
///
/// The same seed gives the same values on every platform. Fill it with system randomness to make
/// tokens hard to forge. Use a fixed seed to make a run repeatable. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Seed {
        Seed(bytes)
    }

    /// Parses an even number of hexadecimal digits, 2 to 64. A shorter seed is padded with zeros.
    ///
    /// # Errors
    ///
    /// [`SeedError`] if the number of digits is odd or out of range, or if a character is not a
    /// digit.
    pub fn parse_hex(text: &str) -> Result<Seed, SeedError> {
        let digits = text.as_bytes();
        if digits.is_empty() || digits.len() > 64 || !digits.len().is_multiple_of(2) {
            return Err(SeedError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (high, low) else { return Err(SeedError) };
            *byte = (high * 16 + low) as u8;
        }
        Ok(Seed(bytes))
    }

    /// The seed as 64 hexadecimal digits. They are as secret as the seed.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Derives a value that is unique for each purpose and list of parts. As BLAKE3's key
    /// derivation requires, the purpose names the program, the value and its version.
    #[doc(hidden)]
    pub fn generate<const N: usize>(&self, purpose: &str, parts: &[&[u8]]) -> [u8; N] {
        let mut hasher = blake3::Hasher::new_derive_key(purpose);
        hasher.update(&self.0);
        for part in parts {
            // Without the lengths, two lists of parts with the same concatenation would collide.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; N];
        hasher.finalize_xof().fill(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// The text is not a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedError;

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a seed is 2 to 64 hexadecimal digits, an even number of them")
    }
}

impl core::error::Error for SeedError {}
