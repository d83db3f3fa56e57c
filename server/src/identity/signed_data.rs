//! PKCS #7: a structure with a document and its signature.

use std::error::Error;
use std::time::Duration;

use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos};
use imds::Timestamp;
use rsa::sha2::{Digest, Sha256};
use x509_cert::attr::Attribute;
use x509_cert::der::asn1::{GeneralizedTime, Null, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use x509_cert::der::oid::db::{rfc5911, rfc5912};
use x509_cert::der::{Any, Encode, Tag};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

/// Returns the structure in DER, with the signature that `sign` makes.
///
/// Like EC2's, it contains the document, the attributes of the signature and no certificate. EC2
/// writes it in BER of indefinite length.
pub fn encode(
    document: &[u8],
    time: Timestamp,
    certificate: &IssuerAndSerialNumber,
    sign: impl Fn(&[u8]) -> Result<Vec<u8>, rsa::signature::Error>,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let attributes = SetOfVec::try_from(vec![
        attribute(rfc5911::ID_CONTENT_TYPE, Any::encode_from(&rfc5911::ID_DATA)?)?,
        attribute(rfc5911::ID_SIGNING_TIME, Any::encode_from(&signing_time(time)?)?)?,
        attribute(rfc5911::ID_MESSAGE_DIGEST, Any::new(Tag::OctetString, Sha256::digest(document).as_slice())?)?,
    ])?;
    let signature = sign(&attributes.to_der()?)?;
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(certificate.clone()),
        digest_alg: algorithm(rfc5912::ID_SHA_256),
        signed_attrs: Some(attributes),
        signature_algorithm: algorithm(rfc5912::RSA_ENCRYPTION),
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let signed = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![algorithm(rfc5912::ID_SHA_256)])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: rfc5911::ID_DATA,
            econtent: Some(Any::new(Tag::OctetString, document)?),
        },
        certificates: None,
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
    };
    let content = ContentInfo { content_type: rfc5911::ID_SIGNED_DATA, content: Any::encode_from(&signed)? };
    Ok(content.to_der()?)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Result<Attribute, Box<dyn Error>> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: Some(Null.into()) }
}

/// A time as RFC 5652 demands it: UTCTime until 2049, GeneralizedTime from then on.
pub fn signing_time(time: Timestamp) -> Result<Time, Box<dyn Error>> {
    let since_epoch = Duration::from_secs(time.seconds());
    Ok(match UtcTime::from_unix_duration(since_epoch) {
        Ok(time) => Time::UtcTime(time),
        Err(_) => Time::GeneralTime(GeneralizedTime::from_unix_duration(since_epoch)?),
    })
}
