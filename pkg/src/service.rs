//! A fleet with what the core asks of its shell: the nonce, and memory that bytes come in by.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use imds::connection::KeepAlive;
use imds::http::Request;
use imds::{Connection, Context, Nonce, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::FleetInstance;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, Silence, WORDS};

/// A fleet, and whatever outlives a call.
#[wasm_bindgen]
pub struct Service {
    pub(crate) fleet: Fleet,
    /// The next one. Every answer takes one, as the server's do.
    pub(crate) nonce: u64,
    /// Where JavaScript writes what it hands over.
    pub(crate) input: Vec<u8>,
    /// What answers a request that comes by itself; its answer stays in it.
    connection: Connection,
    /// The bytes of a stream's last answers.
    pub(crate) output: Vec<u8>,
    /// The words that say where each answer is.
    pub(crate) words: Vec<u32>,
}

#[wasm_bindgen]
impl Service {
    /// Where to write so many bytes. It stays the same until more are asked for.
    pub fn input(&mut self, bytes: usize) -> *const u8 {
        if self.input.len() < bytes {
            self.input.resize(bytes, 0);
        }
        self.input.as_ptr()
    }

    /// Sets the next nonce.
    pub fn set_nonce(&mut self, nonce: u64) {
        self.nonce = nonce;
    }

    /// Answers the first request among so many bytes of the input, as a connection of its own would. Gives the place of the
    /// exchange's words, behind each other from a multiple of four.
    pub fn handle(
        &mut self,
        bytes: usize,
        now: f64,
        whom: Option<String>,
        ipv6: bool,
        hops: Option<u8>,
        throttled: bool,
    ) -> *const u32 {
        let now = timestamp(now);
        self.words.clear();
        let words = match asked(&self.fleet, now, whom.as_deref(), ipv6) {
            None => exchange::silent(Silence::Nobody, None),
            Some(member) => {
                let connection = &mut self.connection;
                connection.reset(now, KeepAlive::Off);
                let bytes = &self.input[..bytes.min(self.input.len())];
                let answer = first_request(connection, now, bytes, |request| {
                    let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
                    member.instance().answer(now, &request, context)
                });
                match answer {
                    None => {
                        connection.receive_eof();
                        exchange::silent(Silence::Incomplete, connection.close_reason())
                    }
                    Some(answer) => {
                        self.nonce = self.nonce.wrapping_add(1);
                        connection.respond(now, &answer.response).expect("a request is outstanding");
                        let transmit = connection.poll_transmit();
                        let reaches = answer.reaches(hops);
                        let limit = transmit.as_ref().and_then(|transmit| transmit.hop_limit);
                        let mut words = exchange::answered(&answer, limit, reaches, connection.close_reason());
                        exchange::place(&mut words, transmit.map_or(&[], |transmit| transmit.bytes));
                        words
                    }
                }
            }
        };
        self.words.extend_from_slice(&words);
        self.words.as_ptr()
    }

    /// Answers the same request so many times over, for whoever measures what that costs without the way here and back.
    pub fn repeat(&mut self, bytes: usize, now: f64, times: u32) {
        for _ in 0..times {
            self.handle(bytes, now, None, false, None, false);
        }
    }
}

impl Service {
    pub fn of(fleet: Fleet) -> Service {
        Service {
            fleet,
            nonce: 0,
            input: vec![0; INPUT_BYTES],
            connection: Connection::new(Timestamp::EPOCH, KeepAlive::Off),
            output: Vec::new(),
            words: Vec::with_capacity(WORDS),
        }
    }

    pub fn bytes_in(&self, bytes: usize) -> &[u8] {
        &self.input[..bytes.min(self.input.len())]
    }
}

/// Whom an asker means: an id, an address, or the first where neither is said; if it answers.
pub fn asked<'a>(fleet: &'a Fleet, now: Timestamp, whom: Option<&str>, ipv6: bool) -> Option<&'a FleetInstance> {
    let member = match whom {
        None => fleet.first_launched(),
        Some(whom) => match whom.parse() {
            Ok(address) => fleet.find_by_address(now, address),
            Err(_) => fleet.instance(whom),
        },
    };
    member.filter(|member| member.is_served_over(now, ipv6))
}

/// Hands over bytes until a request is whole, and what comes of it; nothing where none becomes whole.
pub fn first_request<T>(
    connection: &mut Connection,
    now: Timestamp,
    mut bytes: &[u8],
    take: impl FnOnce(Request<'_>) -> T,
) -> Option<T> {
    loop {
        let taken = connection.receive(now, bytes);
        bytes = &bytes[taken..];
        if let Some(request) = connection.poll_request(now) {
            return Some(take(request));
        }
        if bytes.is_empty() || taken == 0 {
            return None;
        }
    }
}

/// JavaScript's milliseconds.
pub fn timestamp(millis: f64) -> Timestamp {
    Timestamp::saturating_from_millis(millis as u64)
}

/// Structs of texts, numbers and lists are all that is written: that cannot fail.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A whole head.
const INPUT_BYTES: usize = imds::limits::HEAD_BYTES;
