//! Signs identity documents with RSA keys, and makes such keys.

mod key;
mod new_key;
mod signed_data;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use imds::record::{IdentityKeys, IdentitySigner, RecordError};

use crate::text_file;
use key::{Key, Part};
pub use new_key::{NewKey, VALID_DAYS};

/// The files of a key, in PEM.
#[derive(Debug)]
pub struct KeyFiles {
    pub certificate: PathBuf,
    pub private_key: PathBuf,
}

/// Reads the keys of records, and has the one of the command line.
pub struct Keys {
    default: Option<Arc<Key>>,
}

impl Keys {
    /// Reads the key of the command line, if there is one.
    ///
    /// # Errors
    ///
    /// One line that names the file.
    pub fn load(files: Option<&KeyFiles>) -> Result<Keys, String> {
        let Some(files) = files else { return Ok(Keys { default: None }) };
        let (certificate, private_key) = (read(&files.certificate, "x509")?, read(&files.private_key, "pkey")?);
        let key = Key::read(&certificate, &private_key).map_err(|error| {
            let file = match error.part {
                Part::Certificate => &files.certificate,
                Part::PrivateKey => &files.private_key,
            };
            format!("{}: {}", file.display(), error.reason)
        })?;
        Ok(Keys { default: Some(Arc::new(key)) })
    }
}

impl IdentityKeys for Keys {
    fn read(&self, certificate: &str, private_key: &str) -> Result<Arc<dyn IdentitySigner>, RecordError> {
        match Key::read(certificate, private_key) {
            Ok(key) => Ok(Arc::new(key)),
            Err(error) => {
                let path = match error.part {
                    Part::Certificate => "identity.certificate",
                    Part::PrivateKey => "identity.private_key",
                };
                Err(RecordError { path: path.to_owned(), reason: error.reason })
            }
        }
    }

    fn default_key(&self) -> Option<Arc<dyn IdentitySigner>> {
        self.default.clone().map(|key| key as Arc<dyn IdentitySigner>)
    }
}

/// Reads PEM. `command` is the one of `openssl` that converts DER.
fn read(file: &Path, command: &str) -> Result<String, String> {
    let bytes = text_file::read_bytes(file)?;
    let name = file.display();
    // A sequence with a length of one to four bytes.
    if matches!(bytes[..], [0x30, 0x81..=0x84, ..]) {
        return Err(format!(
            "{name}: it is DER: convert it with `openssl {command} -inform DER -in FILE -out NEW_FILE`"
        ));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(format!("{name}: it begins with a byte order mark (U+FEFF): save it as UTF-8 without one"));
    }
    text_file::decode(bytes).map_err(|reason| format!("{name}: {reason}"))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
