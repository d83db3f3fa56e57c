//! The content of a state file: a JSON object with a checksum and a snapshot of the fleet, which
//! contains the version of its format.
//!
//! ```json
//! {"blake3":"<64 hexadecimal digits>","fleet":{…}}
//! ```
//!
//! The checksum covers the bytes of the value of `fleet`. A snapshot alone, without a checksum, is
//! read too: servers wrote it before they wrote checksums.

/// Encodes a snapshot of the fleet.
pub fn encode(snapshot: &str) -> String {
    let checksum = blake3::hash(snapshot.as_bytes()).to_hex();
    format!("{START}{checksum}{FLEET}{snapshot}{END}")
}

/// Returns the snapshot in a state file.
///
/// # Errors
///
/// One line: the file is damaged.
pub fn decode(mut text: String) -> Result<String, String> {
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
        assert_eq!(decode(encode(SNAPSHOT)).as_deref(), Ok(SNAPSHOT));
    }

    #[test]
    fn a_snapshot_without_a_checksum_is_read() {
        assert_eq!(decode(SNAPSHOT.to_owned()).as_deref(), Ok(SNAPSHOT));
    }

    #[test]
    fn each_changed_or_missing_byte_of_the_fleet_or_its_checksum_is_detected() {
        let document = encode(SNAPSHOT);
        for at in super::START.len()..document.len() {
            let mut changed = document.clone().into_bytes();
            changed[at] ^= 1;
            let changed = decode(String::from_utf8(changed).expect("ASCII"));
            assert!(changed.is_err(), "byte {at}: {changed:?}");
            assert!(decode(document[..at].to_owned()).is_err(), "cut off at {at}");
        }
    }

    const SNAPSHOT: &str = r#"{"instances":[{"id":"i-0123456789abcdef0"}]}"#;
}
