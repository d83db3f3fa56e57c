//! The signatures of identity documents. This crate has no keys: a caller hands them over.

use alloc::string::String;
use alloc::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Identity, RecordError};
use crate::time::Timestamp;

/// The signatures of one identity document, as the metadata has them: base64 in lines of 76
/// characters, without a final line feed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentitySignatures {
    /// A PKCS #7 structure with the document and its signature.
    pub pkcs7: String,
    /// The same with the RSA-2048 key.
    pub rsa2048: String,
    /// The signature alone.
    pub signature: String,
}

/// Signs identity documents with one key.
pub trait IdentitySigner: Send + Sync {
    /// Signs a document. `time` is the launch or the last start of the instance. With `None`, the
    /// document is not signed.
    fn sign(&self, document: &[u8], time: Timestamp) -> Option<IdentitySignatures>;
}

/// The keys that sign identity documents.
pub trait IdentityKeys: Send + Sync {
    /// Reads the key of a record, both parts in PEM.
    ///
    /// # Errors
    ///
    /// If the parts are invalid or do not match. The error names `identity.certificate` or
    /// `identity.private_key`, and does not contain its value.
    fn read(&self, certificate: &str, private_key: &str) -> Result<Arc<dyn IdentitySigner>, RecordError>;

    /// The key for records that have neither a key nor signatures.
    fn default_key(&self) -> Option<Arc<dyn IdentitySigner>>;
}

impl IdentitySignatures {
    /// Encodes signatures in DER.
    pub fn encode(pkcs7: &[u8], rsa2048: &[u8], signature: &[u8]) -> IdentitySignatures {
        IdentitySignatures { pkcs7: lines(pkcs7), rsa2048: lines(rsa2048), signature: lines(signature) }
    }

    /// The signatures of a record. Those that it does not have say that they are none, and are
    /// valid DER.
    pub(super) fn of(record: &Identity) -> IdentitySignatures {
        let or = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.into());
        IdentitySignatures {
            pkcs7: or(&record.pkcs7, NOT_SIGNED),
            rsa2048: or(&record.rsa2048, NOT_SIGNED),
            signature: or(&record.signature, NOT_A_SIGNATURE),
        }
    }
}

impl Identity {
    /// The signer of the record's documents, if they are signed.
    ///
    /// # Errors
    ///
    /// If the record has a part of a key, a key beside a signature, or a key that `keys` rejects.
    #[doc(hidden)]
    pub fn signer(&self, keys: Option<&dyn IdentityKeys>) -> Result<Option<Arc<dyn IdentitySigner>>, RecordError> {
        let signature = [("pkcs7", &self.pkcs7), ("rsa2048", &self.rsa2048), ("signature", &self.signature)]
            .into_iter()
            .find_map(|(key, value)| value.is_some().then_some(key));
        let error = |key: &str, reason: &str| Err(RecordError::new(key, reason));
        let (certificate, private_key) = match (&self.certificate, &self.private_key) {
            (Some(certificate), Some(private_key)) => (certificate, private_key),
            (Some(_), None) => return error("identity.private_key", "missing: `certificate` needs its private key"),
            (None, Some(_)) => return error("identity.certificate", "missing: `private_key` needs its certificate"),
            (None, None) if signature.is_some() => return Ok(None),
            (None, None) => return Ok(keys.and_then(IdentityKeys::default_key)),
        };
        if let Some(key) = signature {
            return error(
                &alloc::format!("identity.{key}"),
                "conflicts with `certificate`, whose key makes this signature: remove one of them",
            );
        }
        match keys {
            Some(keys) => keys.read(certificate, private_key).map(Some),
            None => error(
                "identity.certificate",
                "only the server `imds` signs: remove `certificate` and `private_key`, or set `pkcs7`, `rsa2048` and \
                 `signature`",
            ),
        }
    }
}

/// Bytes as lines of 76 characters of base64, each of 57 bytes.
fn lines(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, line) in bytes.chunks(57).enumerate() {
        if index > 0 {
            text.push('\n');
        }
        STANDARD.encode_string(line, &mut text);
    }
    text
}

/// A PKCS #7 structure without signers, whose content is a text that says so.
const NOT_SIGNED: &str = "\
MF4GCSqGSIb3DQEHAqBRME8CAQExADBGBgkqhkiG9w0BBwGgOQQ3aW1kczogbm90IHNpZ25lZC4g
YGltZHMga2V5Z2VuYCBtYWtlcyBhIGtleSB0aGF0IHNpZ25zLjEA";
/// A UTF-8 string in DER that says that it is none.
const NOT_A_SIGNATURE: &str = "DBVpbWRzOiBub3QgYSBzaWduYXR1cmU=";
