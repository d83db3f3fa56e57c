//! One connection, without a socket.

use alloc::string::String;
use alloc::vec::Vec;

use imds::connection::{Connection, KeepAlive, State};
use imds::instance::reaches;
use imds::{Context, Nonce};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, NoResponse, WORDS};
use crate::service::{Service, find_instance, timestamp};

/// A connection to one instance.
#[wasm_bindgen]
pub struct ClientConnection {
    connection: Connection,
    /// The id or address of the instance; the first instance if there is none.
    target: Option<String>,
    ipv6: bool,
    /// The number of network hops to the client.
    hops: Option<u8>,
    /// Received bytes that the connection has no room for yet.
    pending: Vec<u8>,
    /// No instance answers at the target, so the connection is closed.
    has_no_instance: bool,
}

#[wasm_bindgen]
impl ClientConnection {
    /// Opens a connection.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64, keep_alive: bool, target: Option<String>, ipv6: bool, hops: Option<u8>) -> ClientConnection {
        let keep_alive = if keep_alive { KeepAlive::On } else { KeepAlive::Off };
        ClientConnection {
            connection: Connection::new(timestamp(now), keep_alive),
            target,
            ipv6,
            hops,
            pending: Vec::new(),
            has_no_instance: false,
        }
    }

    /// The number of bytes to send; 0 if their hop limit is too low to reach the client.
    pub fn transmit_length(&self) -> usize {
        self.transmit_bytes().len()
    }

    /// The address of the bytes to send.
    pub fn transmit_address(&self) -> *const u8 {
        self.transmit_bytes().as_ptr()
    }

    /// The hop limit to send them with; 0 for none.
    pub fn hop_limit(&self) -> u8 {
        let limit = self.connection.poll_transmit().and_then(|transmit| transmit.hop_limit);
        limit.map_or(0, |limit| limit.get())
    }

    /// 0 open, 1 draining, 2 closed.
    pub fn state(&self) -> u8 {
        match self.connection.state() {
            _ if self.has_no_instance => 2,
            State::Open => 0,
            State::Draining => 1,
            State::Closed => 2,
        }
    }

    /// A position in the close reasons from 1; 0 for none.
    pub fn close_reason(&self) -> u32 {
        exchange::close_word(self.connection.close_reason())
    }

    /// Whether it has room for more bytes.
    pub fn wants_read(&self) -> bool {
        self.pending.is_empty() && self.connection.wants_read()
    }

    /// The time of the next timeout, in milliseconds.
    pub fn deadline(&self) -> Option<f64> {
        self.connection.poll_timeout().map(|(at, _)| at.millis() as f64)
    }

    /// The timer of the next timeout.
    pub fn deadline_kind(&self) -> Option<String> {
        self.connection.poll_timeout().map(|(_, timer)| timer.name().into())
    }

    /// Reports that the client sends no more bytes.
    pub fn receive_eof(&mut self) {
        self.connection.receive_eof();
    }

    /// Handles the timeouts that are due.
    pub fn handle_timeout(&mut self, now: f64) {
        self.connection.handle_timeout(timestamp(now));
    }

    /// Answers the requests that have begun, then closes.
    pub fn shut_down(&mut self) {
        self.connection.shut_down();
    }
}

impl ClientConnection {
    fn transmit_bytes(&self) -> &[u8] {
        match self.connection.poll_transmit() {
            Some(transmit) if reaches(transmit.hop_limit, self.hops) => transmit.bytes,
            _ => &[],
        }
    }
}

#[wasm_bindgen]
impl Service {
    /// Receives `bytes` bytes of the input, marks `sent` bytes as sent, and answers every complete
    /// request. Returns the address of the number of exchanges, which their words follow.
    pub fn drive(
        &mut self,
        client: &mut ClientConnection,
        bytes: usize,
        sent: usize,
        now: f64,
        throttled: bool,
    ) -> *const u32 {
        let now = timestamp(now);
        self.output.clear();
        self.words.clear();
        self.words.push(0);
        client.connection.advance_transmit(now, sent);
        let mut pending = core::mem::take(&mut client.pending);
        pending.extend_from_slice(self.input(bytes));
        let mut ends = Vec::new();
        let mut throttled = throttled;
        loop {
            let taken = client.connection.receive(now, &pending);
            pending.drain(..taken);
            let mut answered = false;
            while self.answer_next(client, now, core::mem::take(&mut throttled)) {
                ends.push(self.output.len());
                answered = true;
            }
            if pending.is_empty() || (taken == 0 && !answered) {
                break;
            }
        }
        client.pending = pending;
        let mut start = 0;
        for (words, end) in self.words[1..].chunks_exact_mut(WORDS).zip(&ends) {
            exchange::set_bytes(words, &self.output[start..*end]);
            start = *end;
        }
        self.words[0] = ends.len() as u32;
        self.words.as_ptr()
    }

    /// Answers the next complete request; false if there is none.
    fn answer_next(&mut self, client: &mut ClientConnection, now: imds::Timestamp, throttled: bool) -> bool {
        let connection = &mut client.connection;
        let Some(request) = connection.poll_request(now) else { return false };
        let Some(instance) = find_instance(&self.fleet, now, client.target.as_deref(), client.ipv6) else {
            self.words.extend_from_slice(&exchange::unanswered(NoResponse::NoInstance, None));
            client.has_no_instance = true;
            return true;
        };
        let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
        let answer = instance.instance().answer_with(now, &request, context, &mut self.scratch);
        self.nonce = self.nonce.wrapping_add(1);
        let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
        connection.respond_with(now, &answer.response, &mut self.scratch).expect("a request is outstanding");
        let transmit = connection.poll_transmit();
        let limit = transmit.as_ref().and_then(|transmit| transmit.hop_limit);
        let reaches = reaches(limit, client.hops);
        if let Some(transmit) = transmit.filter(|_| reaches) {
            self.output.extend_from_slice(&transmit.bytes[queued..]);
        }
        self.words.extend_from_slice(&exchange::answered(&answer, limit, reaches, connection.close_reason()));
        true
    }
}
