//! The floor: the least work for a response. It parses the head, decodes and hashes the token or
//! compares it with the known one, finds the path with one comparison, and copies the bytes of the
//! response. It has no framing, rules, trace or headers.

use imds::token::base64;

use crate::cases::{Case, ResponseKind, Subject};

/// Precomputed data of the floor.
pub struct Floor {
    key: [u8; 32],
    answer: Vec<u8>,
    out: Vec<u8>,
    known_token: Vec<u8>,
    /// Each path in a slot that its last eight bytes select.
    paths: Vec<String>,
}

impl Floor {
    pub fn of(subject: &mut Subject, case: &Case) -> Floor {
        let answer = subject.answer(case.request(0));
        let mut paths = vec![String::new(); SLOTS];
        for row in imds::metadata::categories() {
            let path = format!("/latest/{}", row.path());
            let slot = slot(path.as_bytes());
            paths[slot] = path;
        }
        let mut floor =
            Floor { key: [7; 32], out: Vec::with_capacity(answer.len()), answer, known_token: Vec::new(), paths };
        floor.known_token = floor.parse(case.request(0)).1.to_vec();
        floor
    }

    pub fn ask(&mut self, case: &Case, turn: u64) -> usize {
        let (path, token) = self.parse(case.request(turn));
        let sealed = match case.kind {
            ResponseKind::Put => {
                let mut token = [3; 40];
                let seal = blake3::keyed_hash(&self.key, &token[..24]);
                token[24..].copy_from_slice(&seal.as_bytes()[..16]);
                self.out.clear();
                self.out.extend_from_slice(&self.answer[..self.answer.len() - 56]);
                self.out.extend_from_slice(&base64::encode(&token));
                return self.out.len();
            }
            ResponseKind::Metadata { token_is_known: true } => u8::from(token == self.known_token),
            ResponseKind::Metadata { token_is_known: false } | ResponseKind::Unauthorized => {
                let symbols = token.first_chunk().expect("the token has 56 characters");
                let token = base64::decode(symbols).expect("the token is base64");
                blake3::keyed_hash(&self.key, &token[..24]).as_bytes()[0]
            }
        };
        let found = self.paths[slot(path.as_bytes())] == path;
        self.out.clear();
        self.out.extend_from_slice(&self.answer);
        self.out.len() + usize::from(sealed) + usize::from(found)
    }

    /// The path of a request, and the value of its longest header.
    fn parse<'a>(&self, request: &'a [u8]) -> (&'a str, &'a [u8]) {
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut parsed = httparse::Request::new(&mut fields);
        parsed.parse(request).expect("the case is a valid request");
        let token = parsed.headers.iter().find(|field| field.name.len() == 24);
        (parsed.path.unwrap_or_default(), token.map_or(b"", |field| field.value))
    }
}

/// Paths with the same slot replace each other. The floor needs to find one.
fn slot(path: &[u8]) -> usize {
    let end = path.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
    (end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

const SLOTS: usize = 1024;
