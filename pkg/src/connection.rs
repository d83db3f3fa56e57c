//! One connection, driven from JavaScript as the server drives one.

use alloc::string::String;
use alloc::vec::Vec;

use imds::connection::{Connection, KeepAlive, State};
use imds::instance::reaches;
use imds::{Context, Nonce};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, Silence, WORDS};
use crate::service::{Service, asked, timestamp};

/// A connection, whom it is for, and how far away its peer is.
#[wasm_bindgen]
pub struct Stream {
    connection: Connection,
    whom: Option<String>,
    ipv6: bool,
    hops: Option<u8>,
    /// What came in and the connection has no room for yet.
    rest: Vec<u8>,
    /// Nobody is there to answer.
    deserted: bool,
}

#[wasm_bindgen]
impl Stream {
    /// A connection that begins now.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64, keep_alive: bool, whom: Option<String>, ipv6: bool, hops: Option<u8>) -> Stream {
        let keep_alive = if keep_alive { KeepAlive::On } else { KeepAlive::Off };
        Stream {
            connection: Connection::new(timestamp(now), keep_alive),
            whom,
            ipv6,
            hops,
            rest: Vec::new(),
            deserted: false,
        }
    }

    /// How many bytes wait to be sent and may travel as far as the peer is away.
    pub fn unsent(&self) -> usize {
        self.sendable().len()
    }

    /// Where they are.
    pub fn unsent_at(&self) -> *const u8 {
        self.sendable().as_ptr()
    }

    /// The hop limit to send them with; 0 for none.
    pub fn hop_limit(&self) -> u8 {
        let limit = self.connection.poll_transmit().and_then(|transmit| transmit.hop_limit);
        limit.map_or(0, |limit| limit.get())
    }

    /// 0 open, 1 draining, 2 closed.
    pub fn state(&self) -> u8 {
        match self.connection.state() {
            _ if self.deserted => 2,
            State::Open => 0,
            State::Draining => 1,
            State::Closed => 2,
        }
    }

    /// A place in the close reasons from 1; 0 for none.
    pub fn close_reason(&self) -> u32 {
        exchange::close_word(self.connection.close_reason())
    }

    /// Whether it would take a byte.
    pub fn wants_read(&self) -> bool {
        self.rest.is_empty() && self.connection.wants_read()
    }

    /// When to come back, in milliseconds.
    pub fn deadline(&self) -> Option<f64> {
        self.connection.poll_timeout().map(|(at, _)| at.millis() as f64)
    }

    /// What will have run out then.
    pub fn deadline_kind(&self) -> Option<String> {
        self.connection.poll_timeout().map(|(_, deadline)| deadline.name().into())
    }

    /// The peer sends no more.
    pub fn receive_eof(&mut self) {
        self.connection.receive_eof();
    }

    /// Ends what has run out.
    pub fn handle_timeout(&mut self, now: f64) {
        self.connection.handle_timeout(timestamp(now));
    }

    /// The service is stopping.
    pub fn shut_down(&mut self) {
        self.connection.shut_down();
    }
}

impl Stream {
    fn sendable(&self) -> &[u8] {
        match self.connection.poll_transmit() {
            Some(transmit) if reaches(transmit.hop_limit, self.hops) => transmit.bytes,
            _ => &[],
        }
    }
}

#[wasm_bindgen]
impl Service {
    /// Hands over so many bytes of the input, marks so many as sent, and answers whatever can be answered. Gives the place of
    /// the number of exchanges, behind which come their words.
    pub fn drive(&mut self, stream: &mut Stream, bytes: usize, sent: usize, now: f64, throttled: bool) -> *const u32 {
        let now = timestamp(now);
        self.output.clear();
        self.words.clear();
        self.words.push(0);
        stream.connection.advance_transmit(now, sent);
        let mut rest = core::mem::take(&mut stream.rest);
        rest.extend_from_slice(self.bytes_in(bytes));
        let mut ends = Vec::new();
        let mut throttled = throttled;
        loop {
            let taken = stream.connection.receive(now, &rest);
            rest.drain(..taken);
            let mut answered = false;
            while self.answer_next(stream, now, core::mem::take(&mut throttled)) {
                ends.push(self.output.len());
                answered = true;
            }
            if rest.is_empty() || (taken == 0 && !answered) {
                break;
            }
        }
        stream.rest = rest;
        let mut start = 0;
        for (words, end) in self.words[1..].chunks_exact_mut(WORDS).zip(&ends) {
            exchange::place(words, &self.output[start..*end]);
            start = *end;
        }
        self.words[0] = ends.len() as u32;
        self.words.as_ptr()
    }

    fn answer_next(&mut self, stream: &mut Stream, now: imds::Timestamp, throttled: bool) -> bool {
        let connection = &mut stream.connection;
        let Some(request) = connection.poll_request(now) else { return false };
        let Some(member) = asked(&self.fleet, now, stream.whom.as_deref(), stream.ipv6) else {
            self.words.extend_from_slice(&exchange::silent(Silence::Nobody, None));
            stream.deserted = true;
            return true;
        };
        let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
        let answer = member.instance().answer(now, &request, context);
        self.nonce = self.nonce.wrapping_add(1);
        let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
        connection.respond(now, &answer.response).expect("a request is outstanding");
        let transmit = connection.poll_transmit();
        let limit = transmit.as_ref().and_then(|transmit| transmit.hop_limit);
        let reaches = reaches(limit, stream.hops);
        if let Some(transmit) = transmit.filter(|_| reaches) {
            self.output.extend_from_slice(&transmit.bytes[queued..]);
        }
        self.words.extend_from_slice(&exchange::answered(&answer, limit, reaches, connection.close_reason()));
        true
    }
}
