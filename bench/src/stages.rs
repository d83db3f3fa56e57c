//! The parts of an answer, each measured alone.

use imds::http::{HeaderValue, Method, Profile, Request};
use imds::token::{Authority, Ttl};
use imds::{Context, Instance, Nonce, Seed, Timestamp};

use crate::cases::Subject;

/// Instructions of each part.
pub struct Stages {
    pub connection: u64,
    pub parse: u64,
    pub token: u64,
    pub rules_and_lookup: u64,
    pub write: u64,
}

/// The state of a measurement.
pub struct Stage {
    instance: Instance,
    authority: Authority,
    now: Timestamp,
    out: Vec<u8>,
    nonce: u64,
}

impl Stages {
    /// Counts larger and larger parts of an answer. The differences are the parts, and the
    /// connection is the rest.
    pub fn of(count: impl Fn(&str) -> u64) -> Stages {
        let (parse, token, answer, written, whole) =
            (count("parse"), count("token"), count("answer"), count("write"), count("plain"));
        Stages {
            parse,
            token: token.saturating_sub(parse),
            rules_and_lookup: answer.saturating_sub(token),
            write: written.saturating_sub(answer),
            connection: whole.saturating_sub(written),
        }
    }
}

impl Stage {
    pub fn new() -> Stage {
        let Subject { instance, now, .. } = Subject::new();
        let authority = Authority::new(&Seed::new([7; 32]), Profile::NITRO.token_version, "i-0abcdef1234567890", 0);
        Stage { instance, authority, now, out: Vec::with_capacity(4096), nonce: 0 }
    }

    /// Runs a part of an answer: `parse`, `parse` and `token`, the whole `answer` without its
    /// bytes, or all with `write`.
    pub fn run(&mut self, what: &str, head: &[u8]) -> usize {
        let request = Request::parse(head);
        self.nonce += 1;
        match what {
            "parse" => request.path.len(),
            "token" => self.token(&request),
            "answer" => usize::from(self.instance.answer(self.now, &request, self.context()).rule().status().code()),
            _ => {
                self.out.clear();
                self.instance.answer(self.now, &request, self.context()).write(&mut self.out);
                self.out.len()
            }
        }
    }

    fn context(&self) -> Context {
        Context::new(Nonce::new(self.nonce))
    }

    fn token(&self, request: &Request<'_>) -> usize {
        match (request.method, request.token) {
            (Method::Put, _) => {
                usize::from(self.authority.issue(self.now, Ttl::MAX, Nonce::new(self.nonce)).as_bytes()[20])
            }
            (_, HeaderValue::One(token)) => usize::from(self.authority.verify(self.now, token).is_ok()),
            _ => 0,
        }
    }
}
