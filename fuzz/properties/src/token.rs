//! Tokens: what was issued is what is verified, and anything else is the fault that it is.

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
    property: "a token opens the session that it was issued for until it ends, and anything else is its own fault: a bit, a character, an instance, a generation, a version, a time, a mix of two",
    run,
    dictionary: Vec::new,
    seeds,
};

/// An input: a token that is issued, and what becomes of it.
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
    /// When it is shown, in milliseconds before and after its end.
    left: i32,
    /// The others that it is shown to.
    other: u8,
    /// Bits of a character that is changed, and where.
    place: u8,
    change: u8,
    /// Made up, or a beginning for another token's end.
    text: &'a [u8],
}

fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let profile = if input.profile { Profile::NITRO } else { Profile::XEN };
    let authority = |seed, instance, generation| {
        Authority::new(&Seed::new([seed; 32]), profile.token_version, &format!("i-{instance}"), generation)
    };
    let ours = authority(input.seed, input.instance, input.generation);
    let ttl = Ttl::new(1 + u32::from(input.ttl) % Ttl::MAX.seconds()).expect("a life");
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
    assert_eq!(ours.verify(issued, token.as_bytes()), Ok(Session { expires, remaining: ttl.seconds() }));

    let distance = input.other.max(1);
    let elsewhere = authority(input.seed, input.instance.wrapping_add(distance), input.generation);
    assert_eq!(elsewhere.verify(now, token.as_bytes()), Err(TokenFault::OtherInstance));
    let before = authority(input.seed, input.instance, input.generation.wrapping_add(distance.into()));
    assert_eq!(before.verify(now, token.as_bytes()), Err(TokenFault::Forged), "of another generation");
    let stranger = authority(input.seed.wrapping_add(distance), input.instance, input.generation);
    assert_eq!(stranger.verify(now, token.as_bytes()), Err(TokenFault::Forged), "of another seed");

    let version = if input.profile { Profile::XEN } else { Profile::NITRO }.token_version;
    let kin = Authority::new(&Seed::new([input.seed; 32]), version, &format!("i-{}", input.instance), input.generation);
    assert_eq!(kin.verify(now, token.as_bytes()), Err(TokenFault::Forged), "of the other version");

    let place = usize::from(input.place) % TOKEN_CHARS;
    let mut changed = token.as_bytes().to_vec();
    changed[place] ^= input.change.max(1);
    let fault = fault_of_character(&token, place, changed[place]);
    assert_eq!(ours.verify(now, &changed), Err(fault), "{} at {place}", changed[place]);

    let other = ours.issue(issued, ttl, Nonce::new(input.nonce ^ u64::from(distance)));
    let mut mixed = other.as_bytes().to_vec();
    mixed[..place].copy_from_slice(&token.as_bytes()[..place]);
    if mixed != token.as_bytes() && mixed != other.as_bytes() {
        assert_eq!(ours.verify(issued, &mixed), Err(fault_of(&[])), "the beginning of one and the end of another");
    }

    match ours.verify(issued, input.text) {
        // The fuzzer has seen tokens, and may show one. Then it is the one that is issued for that session under that nonce.
        Ok(Session { expires, .. }) => {
            let began = expires.saturating_sub_millis(u64::from(Ttl::MAX.seconds()) * 1000);
            assert_eq!(began.saturating_add_seconds(Ttl::MAX.seconds().into()), expires);
            assert!(
                ours.issue(began, Ttl::MAX, Nonce::new(nonce(input.text))).as_bytes() == input.text,
                "made up, and good"
            );
        }
        Err(fault) => assert_eq!(fault == TokenFault::Length, input.text.len() != TOKEN_CHARS),
    }
}

/// Bytes 8 to 16 of a token that is spelt well.
fn nonce(token: &[u8]) -> u64 {
    let bytes = URL_SAFE.decode(token).expect("a token is base64");
    u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes"))
}

fn at(millis: u64) -> Timestamp {
    Timestamp::saturating_from_millis(millis)
}

fn seeds(_: &Inputs) -> Vec<Vec<u8>> {
    let made_up = ["", "AQAEAAAA", "AQAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="];
    let fixed = 1 + 1 + 1 + 8 + 8 + 2 + 8 + 4 + 3;
    (0..8u8)
        .map(|seed| {
            let bytes = (0..fixed).map(|place| seed.wrapping_mul(37).wrapping_add(place as u8).wrapping_mul(seed));
            bytes.chain(made_up[usize::from(seed) % made_up.len()].bytes()).collect()
        })
        .collect()
}

/// A token's life and more, so that none begins before time does.
const DAY: u64 = 86_400_000;
/// The year 2100: no token from before it ends behind the last time that there is.
const LATEST: u64 = 4_102_444_800_000;
