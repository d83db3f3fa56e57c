//! Ids of AWS resources.

use alloc::format;
use alloc::string::String;

/// An id such as `i-0123456789abcdef0`: the prefix, a hyphen, a zero and the bytes.
pub(crate) fn id_of_bytes(prefix: &str, bytes: [u8; 8]) -> String {
    format!("{prefix}-0{}", hex(&bytes))
}

/// The bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
