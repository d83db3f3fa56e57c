//! The fault of a changed token, derived from the position of the change alone.

use imds::token::{Token, TokenFault};

/// The fault of a token with these bits flipped. Bytes 4 to 8 name the instance; the seal covers
/// the rest.
pub fn fault_of(bits: &[usize]) -> TokenFault {
    if bits.iter().any(|bit| (32..64).contains(bit)) { TokenFault::OtherInstance } else { TokenFault::Forged }
}

/// The fault of a token with another character at `place`. A character has six bits, the last one
/// only two of the 320; padding follows.
pub fn fault_of_character(token: &Token, place: usize, character: u8) -> TokenFault {
    let value = |character: u8| ALPHABET.iter().position(|known| *known == character);
    let (Some(old), Some(new)) = (value(token.as_bytes()[place]), value(character)) else {
        return TokenFault::Spelling;
    };
    let changed = (0..6).filter(|bit| (old ^ new) & (0b10_0000 >> bit) != 0).map(|bit| place * 6 + bit);
    let changed: Vec<usize> = changed.collect();
    if changed.iter().any(|bit| *bit >= BITS) { TokenFault::Spelling } else { fault_of(&changed) }
}

/// The number of bits in a token.
pub const BITS: usize = 320;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
