//! The content of a state file: a JSON object with a checksum and a snapshot of the fleet, which
//! contains the version of its format.
//!
//! ```json
//! {"blake3":"<64 hexadecimal digits>","fleet":{…}}
//! ```
//!
//! The checksum covers the bytes of the value of `fleet`. A snapshot alone, without a checksum, is
//! read too: servers wrote it before they wrote checksums.

use crate::text_file;

/// Encodes a snapshot of the fleet.
pub fn encode(snapshot: &str) -> String {
    let checksum = blake3::hash(snapshot.as_bytes()).to_hex();
    format!("{START}{checksum}{FLEET}{snapshot}{END}")
}

/// Returns the snapshot in a state file.
///
/// # Errors
///
/// One line: the file is damaged, or is in another encoding.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let has_checksum = bytes.starts_with(START.as_bytes());
    let not_text = |reason| if has_checksum { damaged("it is not UTF-8") } else { reason };
    let mut text = text_file::decode(bytes).map_err(not_text)?;
    let Some(rest) = text.strip_prefix(START) else { return Ok(text) };
    let Some((checksum, rest)) = rest.split_once(FLEET) else { return Err(damaged("its start is cut off")) };
    let Some(snapshot) = rest.strip_suffix(END) else { return Err(damaged("its end is missing")) };
    if blake3::hash(snapshot.as_bytes()).to_hex().as_str() != checksum {
        return Err(damaged("its checksum does not match"));
    }
    let start = text.len() - rest.len();
    let end = start + snapshot.len();
    text.truncate(end);
    text.drain(..start);
    Ok(text)
}

fn damaged(reason: &str) -> String {
    format!("the file is damaged: {reason}; restore it from a backup, or delete it to start anew")
}

const START: &str = "{\"blake3\":\"";
const FLEET: &str = "\",\"fleet\":";
const END: &str = "}\n";

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn a_snapshot_is_the_same_after_encoding_and_decoding() {
        assert_eq!(decode(encode(SNAPSHOT).into_bytes()).as_deref(), Ok(SNAPSHOT));
    }

    #[test]
    fn a_snapshot_without_a_checksum_is_read() {
        assert_eq!(decode(SNAPSHOT.into()).as_deref(), Ok(SNAPSHOT));
    }

    #[test]
    fn each_changed_or_missing_byte_of_the_fleet_or_its_checksum_is_detected() {
        let document = encode(SNAPSHOT);
        for at in super::START.len()..document.len() {
            let mut changed = document.clone().into_bytes();
            for bit in [1, 0x80] {
                changed[at] ^= bit;
                let decoded = decode(changed.clone()).expect_err("the checksum does not match");
                assert!(decoded.starts_with("the file is damaged: "), "byte {at}: {decoded}");
            }
            assert!(decode(document[..at].into()).is_err(), "cut off at {at}");
        }
    }

    const SNAPSHOT: &str = r#"{"instances":[{"id":"i-0123456789abcdef0"}]}"#;
}
