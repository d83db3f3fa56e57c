//! Signs identity documents with RSA keys, and makes such keys.

mod key;
mod new_key;
mod signed_data;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imds::record::{IdentityKeys, IdentitySigner, RecordError};

use crate::terminal;
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
        let (certificate, private_key) = (read(&files.certificate)?, read(&files.private_key)?);
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

fn read(file: &Path) -> Result<String, String> {
    let bytes =
        fs::read(file).map_err(|error| format!("cannot read {}: {}", file.display(), terminal::reason(&error)))?;
    // A file in DER is not text. It has no PEM label either, which is the error.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
