//! A key and its certificate.

use std::error::Error;

use cms::cert::IssuerAndSerialNumber;
use imds::Timestamp;
use imds::record::{IdentitySignatures, IdentitySigner};
use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use x509_cert::Certificate;
use x509_cert::der::DecodePem;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::signed_data;

/// An RSA key that signs. It has no `Debug`, because it is a secret.
pub struct Key {
    key: SigningKey<Sha256>,
    /// How a signature names its certificate.
    certificate: IssuerAndSerialNumber,
}

/// An error in one part of a key. The reason does not contain the part.
pub struct KeyError {
    pub part: Part,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Certificate,
    PrivateKey,
}

impl Key {
    /// Reads a key, both parts in PEM.
    ///
    /// # Errors
    ///
    /// If a part is invalid, the key is no RSA key of an allowed size, or the certificate is that of
    /// another key.
    pub fn read(certificate: &str, private_key: &str) -> Result<Key, KeyError> {
        let certificate = read_certificate(certificate).map_err(|reason| part(Part::Certificate, reason))?;
        let private_key = read_private_key(private_key).map_err(|reason| part(Part::PrivateKey, reason))?;
        let tbs = certificate.tbs_certificate();
        let public_key = SubjectPublicKeyInfoOwned::from_key(private_key.as_public_key());
        if public_key.ok().as_ref() != Some(tbs.subject_public_key_info()) {
            return Err(part(
                Part::PrivateKey,
                "is not the private key of the certificate: use the two files of one run of `imds keygen`",
            ));
        }
        Ok(Key {
            key: SigningKey::new(private_key),
            certificate: IssuerAndSerialNumber {
                issuer: tbs.issuer().clone(),
                serial_number: tbs.serial_number().clone(),
            },
        })
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
    fn sign_bytes(&self, bytes: &[u8]) -> Result<Vec<u8>, rsa::signature::Error> {
        Ok(self.key.try_sign(bytes)?.to_vec())
    }

    fn try_sign(&self, document: &[u8], time: Timestamp) -> Result<IdentitySignatures, Box<dyn Error>> {
        let signature = self.sign_bytes(document)?;
        let pkcs7 = signed_data::encode(document, time, &self.certificate, |bytes| self.sign_bytes(bytes))?;
        // EC2's `pkcs7` is from an older DSA key. There is one key here.
        Ok(IdentitySignatures::encode(&pkcs7, &pkcs7, &signature))
    }
}

fn part(part: Part, reason: impl Into<String>) -> KeyError {
    KeyError { part, reason: reason.into() }
}

fn read_certificate(text: &str) -> Result<Certificate, &'static str> {
    match labels(text)[..] {
        ["CERTIFICATE"] => {}
        [] => return Err("has no certificate: expected PEM, which begins with `-----BEGIN CERTIFICATE-----`"),
        [.., label] if label.ends_with("PRIVATE KEY") => return Err("has a private key: expected a certificate alone"),
        [_] => return Err("has no certificate: expected PEM, which begins with `-----BEGIN CERTIFICATE-----`"),
        _ => return Err("has several blocks: expected the certificate of the key alone"),
    }
    Certificate::from_pem(block(text)).map_err(|_| "has a certificate that cannot be read: make one with `imds keygen`")
}

fn read_private_key(text: &str) -> Result<PrivateKey, &'static str> {
    const UNREADABLE: &str = "has an RSA key that cannot be read: make one with `imds keygen`";
    let key = match labels(text)[..] {
        ["PRIVATE KEY"] => PrivateKey::from_pkcs8_pem(block(text)).map_err(|error| match error {
            rsa::pkcs8::Error::PublicKey(_) => "is not an RSA key: make one with `imds keygen`",
            _ => UNREADABLE,
        }),
        ["RSA PRIVATE KEY"] if text.contains("ENCRYPTED") => Err(ENCRYPTED),
        ["RSA PRIVATE KEY"] => PrivateKey::from_pkcs1_pem(block(text)).map_err(|_| UNREADABLE),
        ["ENCRYPTED PRIVATE KEY"] => Err(ENCRYPTED),
        [] => Err("has no private key: expected PEM, which begins with `-----BEGIN PRIVATE KEY-----`"),
        [label] if label.ends_with("PRIVATE KEY") => Err("is not an RSA key: make one with `imds keygen`"),
        [_] => Err("has no private key: expected PEM, which begins with `-----BEGIN PRIVATE KEY-----`"),
        _ => Err("has several blocks: expected the private key alone"),
    }?;
    match key.n().bit_width() {
        MIN_BITS..=MAX_BITS => Ok(key),
        _ => Err("is an RSA key of a size that is not allowed: use one of 2048 to 4096 bits"),
    }
}

/// The labels of the PEM blocks in a text.
fn labels(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim_end().strip_prefix(BEGIN)?.strip_suffix("-----")).collect()
}

/// The text from its PEM block on: `openssl x509 -text` and others write a description before it.
fn block(text: &str) -> &str {
    text.find(BEGIN).map_or(text, |start| text[start..].trim_end())
}

impl IdentitySigner for Key {
    fn sign(&self, document: &[u8], time: Timestamp) -> Option<IdentitySignatures> {
        let signatures = self.try_sign(document, time);
        // For example, the system has no random bytes to protect the key.
        signatures.inspect_err(|error| tracing::error!("cannot sign an identity document: {error}")).ok()
    }
}

const BEGIN: &str = "-----BEGIN ";
const ENCRYPTED: &str = "is encrypted: decrypt it with `openssl pkey -in FILE -out NEW_FILE`";
/// EC2's key has 2048 bits. A longer key signs more slowly, and each start of an instance signs.
const MIN_BITS: u32 = 2048;
const MAX_BITS: u32 = 4096;
