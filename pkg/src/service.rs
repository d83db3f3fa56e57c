//! A fleet, the nonce counter, and the memory that JavaScript writes to and reads from.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use imds::connection::KeepAlive;
use imds::http::Request;
use imds::{Connection, Context, Nonce, Scratch, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::FleetInstance;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, NoResponse, WORDS};

/// A fleet, and the buffers that outlive a call.
#[wasm_bindgen]
pub struct Service {
    pub(crate) fleet: Fleet,
    /// The next nonce. Each response uses one, as in the server.
    pub(crate) nonce: u64,
    /// Bytes that JavaScript passes in.
    pub(crate) input: Vec<u8>,
    /// Answers single requests, and holds the last response.
    connection: Connection,
    /// Makes later answers cheaper, also those of connections.
    pub(crate) scratch: Scratch,
    /// The bytes of a connection's last responses.
    pub(crate) output: Vec<u8>,
    /// The words of the last exchanges.
    pub(crate) words: Vec<u32>,
}

#[wasm_bindgen]
impl Service {
    /// The address of the input, with room for `bytes` bytes. It changes only when it has to grow.
    pub fn reserve_input(&mut self, bytes: usize) -> *const u8 {
        if self.input.len() < bytes {
            self.input.resize(bytes, 0);
        }
        self.input.as_ptr()
    }

    /// Sets the next nonce.
    pub fn set_nonce(&mut self, nonce: u64) {
        self.nonce = nonce;
    }

    /// Answers the first request in `bytes` bytes of the input, as on a new connection. Returns the
    /// address of the exchange's words, a multiple of four.
    pub fn handle(
        &mut self,
        bytes: usize,
        now: f64,
        target: Option<String>,
        ipv6: bool,
        hops: Option<u8>,
        throttled: bool,
    ) -> *const u32 {
        let now = timestamp(now);
        self.words.clear();
        let words = match find_instance(&self.fleet, now, target.as_deref(), ipv6) {
            None => exchange::unanswered(NoResponse::NoInstance, None),
            Some(instance) => {
                let connection = &mut self.connection;
                connection.reset(now, KeepAlive::Off);
                let bytes = &self.input[..bytes.min(self.input.len())];
                let answer = first_request(connection, now, bytes, |request| {
                    let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
                    instance.instance().answer_with(now, &request, context, &mut self.scratch)
                });
                match answer {
                    None => {
                        connection.receive_eof();
                        exchange::unanswered(NoResponse::Incomplete, connection.close_reason())
                    }
                    Some(answer) => {
                        self.nonce = self.nonce.wrapping_add(1);
                        connection
                            .respond_with(now, &answer.response, &mut self.scratch)
                            .expect("a request is outstanding");
                        let transmit = connection.poll_transmit();
                        let reaches = answer.reaches(hops);
                        let limit = transmit.as_ref().and_then(|transmit| transmit.hop_limit);
                        let mut words = exchange::answered(&answer, limit, reaches, connection.close_reason());
                        exchange::set_bytes(&mut words, transmit.map_or(&[], |transmit| transmit.bytes));
                        words
                    }
                }
            }
        };
        self.words.extend_from_slice(&words);
        self.words.as_ptr()
    }

    /// Answers the same request `times` times, for benchmarks without the cost of the boundary.
    pub fn repeat(&mut self, bytes: usize, now: f64, times: u32) {
        for _ in 0..times {
            self.handle(bytes, now, None, false, None, false);
        }
    }
}

impl Service {
    pub fn new(fleet: Fleet) -> Service {
        Service {
            fleet,
            nonce: 0,
            input: vec![0; imds::limits::HEAD_BYTES],
            connection: Connection::new(Timestamp::EPOCH, KeepAlive::Off),
            scratch: Scratch::new(),
            output: Vec::new(),
            words: Vec::with_capacity(WORDS),
        }
    }

    /// The first `bytes` bytes of the input.
    pub fn input(&self, bytes: usize) -> &[u8] {
        &self.input[..bytes.min(self.input.len())]
    }
}

/// The instance with this id or address, or the first one; `None` if it does not answer.
pub fn find_instance<'a>(
    fleet: &'a Fleet,
    now: Timestamp,
    target: Option<&str>,
    ipv6: bool,
) -> Option<&'a FleetInstance> {
    let instance = match target {
        None => fleet.first_launched(),
        Some(target) => match target.parse() {
            Ok(address) => fleet.find_by_address(now, address),
            Err(_) => fleet.instance(target),
        },
    };
    instance.filter(|instance| instance.is_served_over(now, ipv6))
}

/// Passes bytes to the connection until a request is complete, and calls `take` with it; `None` if
/// the bytes end first.
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

/// A time in JavaScript's milliseconds.
pub fn timestamp(millis: f64) -> Timestamp {
    Timestamp::saturating_from_millis(millis as u64)
}

/// Serializes structs of texts, numbers and lists, which cannot fail.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
