//! A new key with a self-signed certificate.

use std::error::Error;

use imds::Timestamp;
use rsa::PrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::sha2::Sha256;
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::der::EncodePem;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::Validity;

use super::signed_data::signing_time;

/// A new key, in PEM.
pub struct NewKey {
    pub certificate: String,
    pub private_key: String,
}

impl NewKey {
    /// Makes a key. Its certificate is valid from `now` on for [`VALID_DAYS`].
    ///
    /// # Errors
    ///
    /// If the system has no random bytes.
    pub fn generate(now: Timestamp) -> Result<NewKey, Box<dyn Error>> {
        let random = &mut getrandom::SysRng;
        let private_key = PrivateKey::new(random, BITS)?;
        let mut serial = [0; 16];
        getrandom::fill(&mut serial)?;
        // A serial number is positive: with this bit, it is so in 16 octets.
        serial[0] = serial[0] & 0x7f | 0x40;
        let validity =
            Validity::new(signing_time(now)?, signing_time(now.saturating_add_seconds(VALID_DAYS * 24 * 60 * 60))?);
        let public_key = SubjectPublicKeyInfoOwned::from_key(private_key.as_public_key())?;
        let profile = SelfSigned { name: NAME.parse()? };
        let builder = CertificateBuilder::new(profile, SerialNumber::new(&serial)?, validity, public_key)?;
        let text = private_key.to_pkcs8_pem(LineEnding::LF)?;
        let certificate = builder.build::<_, Signature>(&SigningKey::<Sha256>::new(private_key))?;
        Ok(NewKey { certificate: certificate.to_pem(LineEnding::LF)?, private_key: text.to_string() })
    }
}

/// A certificate that is its own certificate authority and may sign documents.
struct SelfSigned {
    name: Name,
}

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.name.clone()
    }

    fn build_extensions(
        &self,
        public_key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> Result<Vec<Extension>, x509_cert::builder::Error> {
        let mut extensions = Vec::new();
        let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyCertSign);
        extensions
            .push(BasicConstraints { ca: true, path_len_constraint: None }.to_extension(tbs.subject(), &extensions)?);
        extensions.push(usage.to_extension(tbs.subject(), &extensions)?);
        extensions.push(SubjectKeyIdentifier::try_from(public_key)?.to_extension(tbs.subject(), &extensions)?);
        Ok(extensions)
    }
}

/// Like EC2's key.
const BITS: usize = 2048;
/// The days for which the certificate of a new key is valid: ten years.
pub const VALID_DAYS: u64 = 3650;
/// The name says that the signer is not AWS.
const NAME: &str = "CN=imds identity documents,O=imds (not AWS)";
