//! An exchange as numbers in linear memory, which `js/exchange.js` reads.
//!
//! | word | content |
//! |--:|---|
//! | 0 | why there is no response, a [`NoResponse`]; 0 if there is one |
//! | 1 | the status; 0 if no request was answered |
//! | 2 | the index in `RULES` of the rule that decided |
//! | 3, 4 | bitset of the rules that passed, low word first |
//! | 5 | the hop limit; 0 for none |
//! | 6 | the IMDS version of the request, 1 or 2 |
//! | 7, 8 | address and length of the response's bytes in linear memory |
//! | 9 | the close reason, a position in [`CloseReason::ALL`] from 1; 0 if the connection stays open |

use imds::Answer;
use imds::connection::CloseReason;
use imds::http::HopLimit;
use imds::instance::Protocol;

pub const WORDS: usize = 10;

/// Why the client receives no response.
#[derive(Clone, Copy)]
pub enum NoResponse {
    /// No instance matches, it is stopped or terminated, or IPv6 is disabled.
    NoInstance = 1,
    /// The response's hop limit is lower than the number of hops to the client.
    HopLimit = 2,
    /// The request is incomplete.
    Incomplete = 3,
}

pub fn unanswered(reason: NoResponse, close: Option<CloseReason>) -> [u32; WORDS] {
    let mut words = [0; WORDS];
    words[0] = reason as u32;
    words[9] = close_word(close);
    words
}

/// `limit` is the hop limit of the connection's packets, which an earlier response may have
/// lowered.
pub fn answered(
    answer: &Answer<'_>,
    limit: Option<HopLimit>,
    reaches: bool,
    close: Option<CloseReason>,
) -> [u32; WORDS] {
    let passed = answer.trace.passed();
    [
        if reaches { 0 } else { NoResponse::HopLimit as u32 },
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

/// Sets the address and length of the response's bytes.
pub fn set_bytes(words: &mut [u32], bytes: &[u8]) {
    words[7] = bytes.as_ptr() as usize as u32;
    words[8] = bytes.len() as u32;
}

pub fn close_word(close: Option<CloseReason>) -> u32 {
    let position = |reason| CloseReason::ALL.iter().position(|known| *known == reason);
    close.and_then(position).map_or(0, |position| position as u32 + 1)
}
