//! The arguments of `imds keygen`.

use std::path::PathBuf;

use clap::Args;

use crate::keygen::KeygenConfig;

#[derive(Debug, Args)]
pub struct KeygenOptions {
    /// Folder for the two files; it is created if it does not exist
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,

    /// Replace existing files
    ///
    /// Documents that the old key signed cannot be verified with the new certificate.
    #[arg(long)]
    force: bool,
}

impl KeygenOptions {
    pub fn into_config(self) -> KeygenConfig {
        KeygenConfig { folder: self.out, force: self.force }
    }
}

pub const EXAMPLES: &str = "\
Examples:
  Make a key, and sign the documents of all instances with it:
    imds keygen --out keys
    imds --identity-certificate keys/identity-certificate.pem --identity-key keys/identity-key.pem

  Verify a document as AWS describes it:
    (echo '-----BEGIN PKCS7-----'
     curl -s http://127.0.0.1:1338/latest/dynamic/instance-identity/rsa2048
     echo; echo '-----END PKCS7-----') > rsa2048
    openssl smime -verify -in rsa2048 -inform PEM -certfile keys/identity-certificate.pem -noverify";
