//! An answer as numbers in linear memory: what `js/exchange.js` reads.
//!
//! | word | holds |
//! |--:|---|
//! | 0 | why there is no answer, a [`Silence`]; 0 where there is one |
//! | 1 | the status, 0 where no request was answered |
//! | 2 | the place in RULES of the rule that decided |
//! | 3, 4 | which rules passed, the low bits first |
//! | 5 | the hop limit, 0 where there is none |
//! | 6 | the version of the protocol, 1 or 2 |
//! | 7, 8 | where the answer's bytes begin in linear memory, and how many they are |
//! | 9 | why the connection ends, a place in [`CloseReason::ALL`] from 1; 0 where it does not |

use imds::Answer;
use imds::connection::CloseReason;
use imds::http::HopLimit;
use imds::instance::Protocol;

pub const WORDS: usize = 10;

/// Why an asker gets nothing.
#[derive(Clone, Copy)]
pub enum Silence {
    /// There is no such instance, it is stopped or terminated, or it does not answer over IPv6.
    Nobody = 1,
    /// The answer does not travel so far.
    HopLimit = 2,
    /// The request is not whole.
    Incomplete = 3,
}

pub fn silent(silence: Silence, close: Option<CloseReason>) -> [u32; WORDS] {
    let mut words = [0; WORDS];
    words[0] = silence as u32;
    words[9] = close_word(close);
    words
}

/// `limit` is what the connection's packets carry, which an answer before this one may have lowered.
pub fn answered(
    answer: &Answer<'_>,
    limit: Option<HopLimit>,
    reaches: bool,
    close: Option<CloseReason>,
) -> [u32; WORDS] {
    let passed = answer.trace.passed();
    [
        if reaches { 0 } else { Silence::HopLimit as u32 },
        answer.rule().status().code().into(),
        answer.trace.rule_index() as u32,
        passed as u32,
        (passed >> 32) as u32,
        limit.map_or(0, |limit| limit.get().into()),
        match answer.protocol {
            Protocol::V1 => 1,
            Protocol::V2 => 2,
        },
        0,
        0,
        close_word(close),
    ]
}

/// Where the answer's bytes are.
pub fn place(words: &mut [u32], bytes: &[u8]) {
    words[7] = bytes.as_ptr() as usize as u32;
    words[8] = bytes.len() as u32;
}

pub fn close_word(close: Option<CloseReason>) -> u32 {
    let place = |reason| CloseReason::ALL.iter().position(|known| *known == reason);
    close.and_then(place).map_or(0, |place| place as u32 + 1)
}
