//! Reads the text files that users name. An error is one line that names the file and the remedy.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::terminal;

/// Reads a file of at most [`MAX_BYTES`].
///
/// # Errors
///
/// If it cannot be read, is too long, or is not UTF-8.
pub fn read(file: &Path) -> Result<String, String> {
    let bytes = read_bytes(file)?;
    decode(bytes).map_err(|reason| format!("{}: {reason}", file.display()))
}

/// Reads the bytes of a file of at most [`MAX_BYTES`], which can be a pipe.
///
/// # Errors
///
/// If it cannot be read or is too long.
pub fn read_bytes(file: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| format!("cannot read {}: {}", file.display(), terminal::reason(&error)))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("{}: it is longer than {} MiB: name another file", file.display(), MAX_BYTES >> 20));
    }
    Ok(bytes)
}

/// Decodes UTF-8.
///
/// # Errors
///
/// The place and the remedy, without the name of the file.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    if is_utf16(&bytes) {
        return Err("it is UTF-16: save it as UTF-8".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count();
        format!("it is not UTF-8 at byte {offset}, in line {line}: save it as UTF-8")
    })
}

/// Returns whether the bytes begin with a byte order mark of UTF-16, or with an ASCII character of
/// two bytes.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..])
}

/// Far more than a fleet file with the largest number of instances of a launch.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
