//! Tokens: an issued token verifies, and anything else is rejected with the right fault.

use arbitrary::{Arbitrary, Unstructured};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use imds::http::Profile;
use imds::token::{Authority, Session, TOKEN_CHARS, TokenFault, Ttl};
use imds::{Nonce, Seed, Timestamp};

use crate::Target;
use crate::models::token::{fault_of, fault_of_character};
use crate::seeds::Inputs;

pub const TARGET: Target = Target {
    name: "token",
    property: "a token is valid for the instance that issued it until it expires; any other token, time or instance, and any changed bit, is rejected with the right fault",
    run,
    dictionary: Vec::new,
    seeds,
};

/// A token to issue, and how to change and verify it.
#[derive(Arbitrary)]
struct Input<'a> {
    profile: bool,
    seed: u8,
    instance: u8,
    generation: u64,
    /// In milliseconds.
    issued: u64,
    ttl: u16,
    nonce: u64,
    /// The milliseconds before (or, if negative, after) the expiry at which the token is verified.
    left: i32,
    /// The distance to the other instances, generations and seeds that verify the token.
    other: u8,
    /// The index of a character and the bits of it that change.
    place: u8,
    change: u8,
    /// Arbitrary bytes to verify as a token.
    text: &'a [u8],
}

fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let profile = if input.profile { Profile::NITRO } else { Profile::XEN };
    let authority = |seed, instance, generation| {
        Authority::new(&Seed::new([seed; 32]), profile.token_version, &format!("i-{instance}"), generation)
    };
    let ours = authority(input.seed, input.instance, input.generation);
    let ttl = Ttl::new(u32::from(input.ttl) % (Ttl::MAX.seconds() + 1)).expect("the TTL is in range");
    let issued = at(DAY + input.issued % LATEST);
    let token = ours.issue(issued, ttl, Nonce::new(input.nonce));
    let expires = issued.saturating_add_seconds(ttl.seconds().into());

    let now = at(expires.millis().saturating_add_signed(-i64::from(input.left)));
    let left = expires.millis().saturating_sub(now.millis());
    let expected = match left {
        0 => Err(TokenFault::Expired { since: expires }),
        left => Ok(Session { expires, remaining: (left.div_ceil(1000) as u32).min(Ttl::MAX.seconds()) }),
    };
    assert_eq!(ours.verify(now, token.as_bytes()), expected);
    let at_issue = match ttl.seconds() {
        0 => Err(TokenFault::Expired { since: expires }),
        remaining => Ok(Session { expires, remaining }),
    };
    assert_eq!(ours.verify(issued, token.as_bytes()), at_issue);

    let distance = input.other.max(1);
    let other_instance = authority(input.seed, input.instance.wrapping_add(distance), input.generation);
    assert_eq!(other_instance.verify(now, token.as_bytes()), Err(TokenFault::OtherInstance));
    let other_generation = authority(input.seed, input.instance, input.generation.wrapping_add(distance.into()));
    assert_eq!(other_generation.verify(now, token.as_bytes()), Err(TokenFault::Forged), "another generation");
    let other_seed = authority(input.seed.wrapping_add(distance), input.instance, input.generation);
    assert_eq!(other_seed.verify(now, token.as_bytes()), Err(TokenFault::Forged), "another seed");

    let version = if input.profile { Profile::XEN } else { Profile::NITRO }.token_version;
    let other_version =
        Authority::new(&Seed::new([input.seed; 32]), version, &format!("i-{}", input.instance), input.generation);
    assert_eq!(other_version.verify(now, token.as_bytes()), Err(TokenFault::Forged), "the other version");

    let place = usize::from(input.place) % TOKEN_CHARS;
    let mut changed = token.as_bytes().to_vec();
    changed[place] ^= input.change.max(1);
    let fault = fault_of_character(&token, place, changed[place]);
    assert_eq!(ours.verify(now, &changed), Err(fault), "{} at {place}", changed[place]);

    let other = ours.issue(issued, ttl, Nonce::new(input.nonce ^ u64::from(distance)));
    let mut mixed = other.as_bytes().to_vec();
    mixed[..place].copy_from_slice(&token.as_bytes()[..place]);
    if mixed != token.as_bytes() && mixed != other.as_bytes() {
        assert_eq!(
            ours.verify(issued, &mixed),
            Err(fault_of(&[])),
            "the beginning of one token and the end of another"
        );
    }

    match ours.verify(issued, input.text) {
        // The fuzzer can derive a valid token from its corpus. It must equal the token issued for
        // the same time, TTL and nonce.
        Ok(Session { expires, .. }) => {
            let issued = expires.saturating_sub_millis(u64::from(Ttl::MAX.seconds()) * 1000);
            assert_eq!(issued.saturating_add_seconds(Ttl::MAX.seconds().into()), expires);
            assert!(
                ours.issue(issued, Ttl::MAX, Nonce::new(nonce(input.text))).as_bytes() == input.text,
                "valid but never issued"
            );
        }
        Err(fault) => assert_eq!(fault == TokenFault::Length, input.text.len() != TOKEN_CHARS),
    }
}

/// The nonce of a valid token: its bytes 8 to 15.
fn nonce(token: &[u8]) -> u64 {
    let bytes = URL_SAFE.decode(token).expect("a token is base64");
    u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes"))
}

fn at(millis: u64) -> Timestamp {
    Timestamp::saturating_from_millis(millis)
}

fn seeds(_: &Inputs) -> Vec<Vec<u8>> {
    let texts = ["", "AQAEAAAA", "AQAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="];
    let fixed = 1 + 1 + 1 + 8 + 8 + 2 + 8 + 4 + 3;
    (0..8u8)
        .map(|seed| {
            let bytes = (0..fixed).map(|place| seed.wrapping_mul(37).wrapping_add(place as u8).wrapping_mul(seed));
            bytes.chain(texts[usize::from(seed) % texts.len()].bytes()).collect()
        })
        .collect()
}

/// Longer than the maximum TTL, so that no calculated time is before the epoch.
const DAY: u64 = 86_400_000;
/// The year 2100. Tokens issued before it expire before the latest representable time.
const LATEST: u64 = 4_102_444_800_000;
