//! Role credentials: derived from the seed, rotating on the clock, and fake.

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::limits;
use crate::record::{BASE32, Details};
use crate::seed::Seed;
use crate::time::Timestamp;

/// How credentials were asked for, which EC2 puts into them (`ec2:RoleDelivery`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Without a token: `1.0`.
    V1,
    /// In a session: `2.0`.
    V2,
}

/// One set of credentials in the row of those that an instance gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CredentialEpoch {
    /// How many came before.
    number: u64,
    /// When it came.
    pub last_updated: Timestamp,
    /// When it is over.
    pub expiration: Timestamp,
}

impl CredentialEpoch {
    /// The rotation in force at this time. Before the launch it is the first.
    pub fn at(now: Timestamp, launch: Timestamp) -> CredentialEpoch {
        let number = now.millis_since(launch) / 1000 / limits::CREDENTIAL_ROTATION_SECONDS;
        let last_updated = launch.saturating_add_seconds(number * limits::CREDENTIAL_ROTATION_SECONDS);
        let expiration = last_updated.saturating_add_seconds(limits::CREDENTIAL_LIFETIME_SECONDS);
        CredentialEpoch { number, last_updated, expiration }
    }
}

/// The secret parts of one set. They are made as they are written, and kept nowhere.
pub(super) struct Secrets<'a> {
    pub seed: &'a Seed,
    pub instance: &'a str,
    pub role: &'a str,
    pub rotation: CredentialEpoch,
    pub delivery: Delivery,
}

impl<'a> Secrets<'a> {
    pub fn of(details: &'a Details, role: &'a str, rotation: CredentialEpoch, delivery: Delivery) -> Secrets<'a> {
        Secrets { seed: &details.template.seed, instance: &details.instance_id, role, rotation, delivery }
    }

    /// `ASIA`, as temporary keys begin, a mark that it is fake, and 12 characters of base32.
    pub fn push_access_key_id(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"ASIAFAKE");
        out.extend(self.draw::<12>("access key id").map(|byte| BASE32[usize::from(byte % 32)]));
    }

    /// 40 characters of base64's alphabet, the first of them a mark that it is fake.
    pub fn push_secret_access_key(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"fake");
        push_base64(&self.draw::<27>("secret access key"), out);
    }

    /// Base64 that says what it is when decoded, and how it was delivered.
    pub fn push_token(&self, out: &mut Vec<u8>) {
        // A multiple of three bytes each, so that the parts' encodings stand in a row without padding between them.
        push_base64(
            match self.delivery {
                Delivery::V1 => b"fake session token of imds, ec2:RoleDelivery is 1.0",
                Delivery::V2 => b"fake session token of imds, ec2:RoleDelivery is 2.0",
            },
            out,
        );
        for block in 0u8..10 {
            let drawn: [u8; 48] = self.draw_block("session token", block);
            push_base64(&drawn, out);
        }
    }

    fn draw<const N: usize>(&self, what: &str) -> [u8; N] {
        self.draw_block(what, 0)
    }

    fn draw_block<const N: usize>(&self, what: &str, block: u8) -> [u8; N] {
        let delivery = match self.delivery {
            Delivery::V1 => 1,
            Delivery::V2 => 2,
        };
        self.seed.generate(
            "imds 2026 role credentials v1",
            &[
                self.instance.as_bytes(),
                self.role.as_bytes(),
                &self.rotation.number.to_le_bytes(),
                &[delivery, block],
                what.as_bytes(),
            ],
        )
    }
}

/// Appends up to 51 bytes in base64.
fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    let mut text = [0; 68];
    // 51 bytes are 68 characters: what is encoded here is never longer.
    if let Ok(written) = STANDARD.encode_slice(bytes, &mut text) {
        out.extend_from_slice(&text[..written]);
    }
}
