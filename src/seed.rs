//! The one source of everything that looks random: a seed that the caller brings.

use alloc::string::String;
use core::fmt;

/// 32 secret bytes from which an instance's keys, credentials and made-up values derive.
///
/// The same seed gives the same bytes, on every platform. Draw it from the system's randomness where tokens shall be hard to
/// forge; fix it where a run shall be repeatable. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Seed {
        Seed(bytes)
    }

    /// Reads a seed of 2 to 64 hexadecimal digits, an even number of them. A shorter one is filled up with zeros.
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

    /// The seed in 64 hexadecimal digits, for whoever has to keep it.
    pub fn to_hex(&self) -> String {
        self.0
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A value of its own for each purpose and each combination of parts. A purpose names the program, the value and its
    /// version, as BLAKE3's key derivation asks.
    #[doc(hidden)]
    pub fn generate<const N: usize>(&self, purpose: &str, parts: &[&[u8]]) -> [u8; N] {
        let mut hasher = blake3::Hasher::new_derive_key(purpose);
        hasher.update(&self.0);
        for part in parts {
            // The lengths keep two lists of parts apart that would read the same in a row.
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

/// A text that is no seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedError;

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a seed is 2 to 64 hexadecimal digits, an even number of them")
    }
}

impl core::error::Error for SeedError {}
