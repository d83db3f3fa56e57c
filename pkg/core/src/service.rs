//! One instance, its connections, and the results of the last call.

use alloc::string::String;
use alloc::vec::Vec;
use core::{ptr, str};

use imds::connection::{CloseReason, KeepAlive, State, Timer};
use imds::http::{HopLimit, Request};
use imds::instance::{OptionsState, Protocol, reaches};
use imds::record::{DEFAULT_RECORD, HttpTokens, MetadataOptionsChange, read_json};
use imds::rules::RULES;
use imds::{Answer, Connection, Context, Instance, Nonce, Record, Scratch, Seed, Timestamp};

#[cfg(feature = "explain")]
use crate::explain::Changes;
#[cfg(feature = "explain")]
use crate::fault::IMDS_ERROR_INCOMPLETE;
use crate::fault::{Fault, IMDS_ERROR_RECORD, Return};
use crate::layout::{Exchange, NoResponse, Options, Text, Timeout, Transmit};
use crate::slab::Slab;

/// `IMDS_KEEP_ALIVE`: the connection stays open after a response.
const KEEP_ALIVE: u32 = 1;
/// `IMDS_IPV6`: the client uses IPv6.
const IPV6: u32 = 2;
/// `IMDS_THROTTLED`: the rate limiter rejects the request.
const THROTTLED: u32 = 4;

/// How many closed connections are kept with their buffers.
const SPARE_CONNECTIONS: usize = 32;

/// The instance behind a handle.
pub struct Service {
    instance: Option<Instance>,
    /// The next nonce. Each answer uses one.
    nonce: u64,
    clients: Slab<Client>,
    /// Closed connections, whose buffers the next ones use.
    spare: Vec<Connection>,
    /// Answers single requests, and has the last response.
    single: Connection,
    /// Makes later answers cheaper.
    scratch: Scratch,
    /// Bytes that the host writes.
    input: Vec<u8>,
    /// The reason of the last failed call.
    error: String,
    /// The code of the last failed call. Has no meaning without a reason.
    error_code: i32,
    // The last results, whose addresses the calls return.
    exchange: Exchange,
    transmit: Transmit,
    timeout: Timeout,
    options: Options,
    text: Text,
    #[cfg(feature = "explain")]
    pub changes: Changes,
}

/// A connection and what is known about its client.
struct Client {
    connection: Connection,
    peer: Peer,
    /// No instance answers the client, so the connection is closed.
    is_refused: bool,
}

/// What is known about a client.
#[derive(Clone, Copy)]
struct Peer {
    /// The number of network hops to the client.
    hops: Option<u8>,
    ipv6: bool,
}

impl Service {
    pub(crate) fn new() -> Service {
        Service {
            instance: None,
            nonce: 0,
            clients: Slab::new(),
            spare: Vec::new(),
            single: Connection::new(Timestamp::EPOCH, KeepAlive::Off),
            scratch: Scratch::new(),
            input: Vec::new(),
            error: String::new(),
            error_code: 0,
            exchange: Exchange::unanswered(NoResponse::Incomplete, 0),
            transmit: Transmit { bytes: ptr::null(), length: 0, hop_limit: 0 },
            timeout: Timeout { at: 0.0, timer: 0 },
            options: Options::default(),
            text: Text::EMPTY,
            #[cfg(feature = "explain")]
            changes: Changes::new(),
        }
    }

    #[inline]
    pub(crate) fn succeed<T>(&mut self, value: T) -> T {
        self.error.clear();
        value
    }

    pub(crate) fn fail<T: Return>(&mut self, fault: Fault) -> T {
        T::failure(self.keep_reason(fault))
    }

    /// Keeps the reason of a failed call, and returns its code.
    #[cold]
    #[inline(never)]
    fn keep_reason(&mut self, fault: Fault) -> i32 {
        self.error.clear();
        self.error.push_str(&fault.reason);
        self.error_code = fault.code;
        fault.code
    }

    /// The reason of the last failed call; empty after a call that succeeded.
    pub(crate) fn last_error(&mut self) -> *const Text {
        self.text = Text::of(&self.error);
        &self.text
    }

    /// The code of the last failed call; 0 after a call that succeeded.
    pub(crate) fn last_error_code(&self) -> i32 {
        if self.error.is_empty() { 0 } else { self.error_code }
    }

    /// Memory for `length` bytes that the host writes. 0 frees it.
    pub(crate) fn input(&mut self, length: usize) -> Result<*mut u8, Fault> {
        if length == 0 {
            self.input = Vec::new();
            return Ok(ptr::null_mut());
        }
        if let Some(more) = length.checked_sub(self.input.len()).filter(|more| *more > 0) {
            self.input.try_reserve_exact(more).map_err(|_| Fault::MEMORY)?;
            self.input.resize(length, 0);
        }
        Ok(self.input.as_mut_ptr())
    }

    /// Launches the instance that a record describes, in place of an earlier one. An empty record
    /// stands for the default one.
    pub(crate) fn launch(&mut self, now: f64, nonce: u64, seed: &[u8], record: &[u8]) -> Result<i32, Fault> {
        let now = timestamp(now)?;
        let mut padded = [0; 32];
        let Some(start) = padded.get_mut(..seed.len()).filter(|start| !start.is_empty()) else {
            return Err(Fault::argument("seed: expected 1 to 32 bytes"));
        };
        start.copy_from_slice(seed);
        let record = if record.is_empty() { DEFAULT_RECORD } else { text(record)? };
        let record = Record::from_json(record)?;
        self.instance = Some(Instance::new(&record, &Seed::new(padded), now)?);
        self.nonce = nonce;
        Ok(0)
    }

    pub(crate) fn set_nonce(&mut self, nonce: u64) -> Result<i32, Fault> {
        self.nonce = nonce;
        Ok(0)
    }

    /// Voids all tokens of other generations.
    pub(crate) fn set_generation(&mut self, generation: u64) -> Result<i32, Fault> {
        self.instance.as_mut().ok_or(Fault::NO_INSTANCE)?.set_generation(generation);
        Ok(0)
    }

    /// Requests a change of the metadata options, given as JSON.
    pub(crate) fn modify_options(&mut self, now: f64, effective: f64, change: &[u8]) -> Result<i32, Fault> {
        let now = timestamp(now)?;
        // The last instant stands for the next start, which a service without a fleet has not.
        let effective = timestamp(effective).ok().filter(|effective| *effective < Timestamp::MAX);
        let effective = effective.ok_or(Fault::argument("effective: expected milliseconds since 1970"))?;
        let instance = self.instance.as_mut().ok_or(Fault::NO_INSTANCE)?;
        let change: MetadataOptionsChange = read_json(text(change)?)?;
        instance.modify_options(now, &change, effective);
        Ok(0)
    }

    /// The metadata options, as last requested or in force.
    pub(crate) fn options(&mut self, now: f64, in_force: bool) -> Result<*const Options, Fault> {
        let instance = self.instance.as_ref().ok_or(Fault::NO_INSTANCE)?;
        let now = timestamp(now)?;
        let (requested, state) = instance.requested_options(now);
        let options = if in_force { instance.options(now) } else { requested };
        self.options = Options {
            pending: (state == OptionsState::Pending).into(),
            http_tokens_required: (options.http_tokens == HttpTokens::Required).into(),
            http_put_response_hop_limit: options.http_put_response_hop_limit.get().into(),
            http_endpoint: options.http_endpoint.is_enabled().into(),
            http_protocol_ipv6: options.http_protocol_ipv6.is_enabled().into(),
            instance_metadata_tags: options.instance_metadata_tags.is_enabled().into(),
        };
        Ok(&self.options)
    }

    /// Answers the first request in the bytes, as on a new connection.
    pub(crate) fn handle(&mut self, now: f64, flags: u32, hops: i32, bytes: &[u8]) -> Result<*const Exchange, Fault> {
        let now = timestamp(now)?;
        let peer = Peer::new(flags, IPV6 | THROTTLED, hops)?;
        let instance = self.instance.as_ref().ok_or(Fault::NO_INSTANCE)?;
        let (connection, nonce, scratch) = (&mut self.single, &mut self.nonce, &mut self.scratch);
        connection.reset(now, KeepAlive::Off);
        let answered = first_request(connection, now, bytes, |request| {
            answer(instance, now, &request, peer, flags, nonce, scratch)
        });
        self.exchange = match answered {
            None => {
                connection.receive_eof();
                Exchange::unanswered(NoResponse::Incomplete, close_word(connection.close_reason()))
            }
            Some(None) => Exchange::unanswered(NoResponse::NoInstance, 0),
            Some(Some(answer)) => respond(connection, now, &answer, peer, &mut self.scratch),
        };
        Ok(&self.exchange)
    }

    /// Finds the single changes that would turn the decision on the first request in the bytes.
    #[cfg(feature = "explain")]
    pub(crate) fn explain(&mut self, now: f64, flags: u32, hops: i32, bytes: &[u8]) -> Result<i32, Fault> {
        let now = timestamp(now)?;
        let peer = Peer::new(flags, IPV6 | THROTTLED, hops)?;
        let instance = self.instance.as_ref().ok_or(Fault::NO_INSTANCE)?;
        let mut connection = Connection::new(now, KeepAlive::Off);
        let context = context(self.nonce, flags);
        let found = first_request(&mut connection, now, bytes, |request| {
            imds::explain::explain(instance, now, &request, context, peer.hops)
        });
        let incomplete =
            Fault::new(IMDS_ERROR_INCOMPLETE, "the request is incomplete: end its head with an empty line");
        Ok(self.changes.set(found.ok_or(incomplete)?))
    }

    /// Opens a connection and returns its handle.
    pub(crate) fn open(&mut self, now: f64, flags: u32, hops: i32) -> Result<u32, Fault> {
        let now = timestamp(now)?;
        let peer = Peer::new(flags, KEEP_ALIVE | IPV6, hops)?;
        let keep_alive = if flags & KEEP_ALIVE == 0 { KeepAlive::Off } else { KeepAlive::On };
        let connection = match self.spare.pop() {
            Some(mut spare) => {
                spare.reset(now, keep_alive);
                spare
            }
            None => Connection::new(now, keep_alive),
        };
        self.clients.insert(Client { connection, peer, is_refused: false }).ok_or(Fault::MEMORY)
    }

    pub(crate) fn close(&mut self, connection: u32) -> Result<i32, Fault> {
        let client = self.clients.remove(connection).ok_or(Fault::CONNECTION)?;
        if self.spare.len() < SPARE_CONNECTIONS {
            self.spare.push(client.connection);
        }
        Ok(0)
    }

    /// Takes received bytes and returns how many.
    pub(crate) fn receive(&mut self, connection: u32, now: f64, bytes: &[u8]) -> Result<isize, Fault> {
        let now = timestamp(now)?;
        let client = self.clients.get_mut(connection).ok_or(Fault::CONNECTION)?;
        // At most the length of a slice, which is an isize.
        Ok(if client.is_refused { bytes.len() } else { client.connection.receive(now, bytes) } as isize)
    }

    pub(crate) fn receive_eof(&mut self, connection: u32) -> Result<i32, Fault> {
        self.client(connection)?.receive_eof();
        Ok(0)
    }

    /// Answers the next complete request; null if there is none.
    pub(crate) fn answer(
        &mut self,
        connection: u32,
        now: f64,
        wall: f64,
        flags: u32,
    ) -> Result<*const Exchange, Fault> {
        let (now, wall) = (timestamp(now)?, timestamp(wall)?);
        check_flags(flags, THROTTLED)?;
        let client = self.clients.get_mut(connection).ok_or(Fault::CONNECTION)?;
        let instance = self.instance.as_ref().ok_or(Fault::NO_INSTANCE)?;
        if client.is_refused {
            return Ok(ptr::null());
        }
        let Some(request) = client.connection.poll_request(now) else { return Ok(ptr::null()) };
        self.exchange = match answer(instance, wall, &request, client.peer, flags, &mut self.nonce, &mut self.scratch) {
            None => {
                client.is_refused = true;
                Exchange::unanswered(NoResponse::NoInstance, 0)
            }
            Some(answer) => respond(&mut client.connection, now, &answer, client.peer, &mut self.scratch),
        };
        Ok(&self.exchange)
    }

    /// The bytes to send; null if there are none, or if they would not reach the client.
    pub(crate) fn poll_transmit(&mut self, connection: u32) -> Result<*const Transmit, Fault> {
        let client = self.clients.get(connection).ok_or(Fault::CONNECTION)?;
        let Some(transmit) = client.connection.poll_transmit() else { return Ok(ptr::null()) };
        if client.is_refused || !reaches(transmit.hop_limit, client.peer.hops) {
            return Ok(ptr::null());
        }
        self.transmit = Transmit {
            bytes: transmit.bytes.as_ptr(),
            length: transmit.bytes.len(),
            hop_limit: hop_word(transmit.hop_limit),
        };
        Ok(&self.transmit)
    }

    pub(crate) fn advance_transmit(&mut self, connection: u32, now: f64, bytes: usize) -> Result<i32, Fault> {
        let now = timestamp(now)?;
        self.client(connection)?.advance_transmit(now, bytes);
        Ok(0)
    }

    /// The next timeout; null if there is none.
    pub(crate) fn poll_timeout(&mut self, connection: u32) -> Result<*const Timeout, Fault> {
        let client = self.clients.get(connection).ok_or(Fault::CONNECTION)?;
        let timeout = if client.is_refused { None } else { client.connection.poll_timeout() };
        let Some((at, timer)) = timeout else { return Ok(ptr::null()) };
        self.timeout = Timeout { at: at.millis() as f64, timer: position(Timer::ALL, timer) };
        Ok(&self.timeout)
    }

    pub(crate) fn handle_timeout(&mut self, connection: u32, now: f64) -> Result<i32, Fault> {
        let now = timestamp(now)?;
        self.client(connection)?.handle_timeout(now);
        Ok(0)
    }

    pub(crate) fn shut_down(&mut self, connection: u32) -> Result<i32, Fault> {
        self.client(connection)?.shut_down();
        Ok(0)
    }

    /// 0 open, 1 draining, 2 closed.
    pub(crate) fn state(&self, connection: u32) -> Result<i32, Fault> {
        let client = self.clients.get(connection).ok_or(Fault::CONNECTION)?;
        Ok(match client.connection.state() {
            _ if client.is_refused => 2,
            State::Open => 0,
            State::Draining => 1,
            State::Closed => 2,
        })
    }

    /// Why the connection closes; 0 if it stays open.
    pub(crate) fn close_reason(&self, connection: u32) -> Result<i32, Fault> {
        let client = self.clients.get(connection).ok_or(Fault::CONNECTION)?;
        Ok(close_word(client.connection.close_reason()) as i32)
    }

    /// 1 if the connection has room for more bytes.
    pub(crate) fn wants_read(&self, connection: u32) -> Result<i32, Fault> {
        let client = self.clients.get(connection).ok_or(Fault::CONNECTION)?;
        Ok((!client.is_refused && client.connection.wants_read()).into())
    }

    /// The id of a rule.
    pub(crate) fn rule_id(&mut self, rule: u32) -> Result<*const Text, Fault> {
        let rule = RULES.get(rule as usize).ok_or(Fault::argument("rule: no rule has this index"))?;
        self.text = Text::of(rule.id);
        Ok(&self.text)
    }

    pub(crate) fn close_reason_name(&mut self, reason: u32) -> Result<*const Text, Fault> {
        let reason = (reason as usize).checked_sub(1).and_then(|index| CloseReason::ALL.get(index));
        self.text = Text::of(reason.ok_or(Fault::argument("reason: no close reason has this number"))?.name());
        Ok(&self.text)
    }

    pub(crate) fn timer_name(&mut self, timer: u32) -> Result<*const Text, Fault> {
        let timer = (timer as usize).checked_sub(1).and_then(|index| Timer::ALL.get(index));
        self.text = Text::of(timer.ok_or(Fault::argument("timer: no timer has this number"))?.name());
        Ok(&self.text)
    }

    fn client(&mut self, connection: u32) -> Result<&mut Connection, Fault> {
        self.clients.get_mut(connection).map(|client| &mut client.connection).ok_or(Fault::CONNECTION)
    }
}

impl Peer {
    /// `hops` is -1 if it is not known.
    fn new(flags: u32, allowed: u32, hops: i32) -> Result<Peer, Fault> {
        check_flags(flags, allowed)?;
        let hops = match hops {
            -1 => None,
            _ => Some(u8::try_from(hops).map_err(|_| Fault::argument("hops: expected 0 to 255, or -1"))?),
        };
        Ok(Peer { hops, ipv6: flags & IPV6 != 0 })
    }
}

fn check_flags(flags: u32, allowed: u32) -> Result<(), Fault> {
    if flags & !allowed == 0 { Ok(()) } else { Err(Fault::argument("flags: the function has no such flag")) }
}

/// Answers a request; `None` if the instance does not serve the client.
#[inline]
fn answer<'a>(
    instance: &'a Instance,
    now: Timestamp,
    request: &Request<'_>,
    peer: Peer,
    flags: u32,
    nonce: &mut u64,
    scratch: &mut Scratch,
) -> Option<Answer<'a>> {
    if peer.ipv6 && !instance.options(now).http_protocol_ipv6.is_enabled() {
        return None;
    }
    let context = context(*nonce, flags);
    *nonce = nonce.wrapping_add(1);
    Some(instance.answer_with(now, request, context, scratch))
}

fn context(nonce: u64, flags: u32) -> Context {
    Context::new(Nonce::new(nonce)).throttled(flags & THROTTLED != 0)
}

/// Passes bytes to the connection until a request is complete, and calls `take` with it; `None` if
/// the bytes end first.
#[inline]
fn first_request<T>(
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

/// Queues the response to the outstanding request.
#[inline]
fn respond(
    connection: &mut Connection,
    now: Timestamp,
    answer: &Answer<'_>,
    peer: Peer,
    scratch: &mut Scratch,
) -> Exchange {
    let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
    // Only fails if no request is outstanding.
    let _ = connection.respond_with(now, &answer.response, scratch);
    let close_reason = close_word(connection.close_reason());
    let transmit = connection.poll_transmit();
    let limit = transmit.as_ref().and_then(|transmit| transmit.hop_limit);
    let bytes = match &transmit {
        Some(transmit) if reaches(limit, peer.hops) => transmit.bytes.get(queued..),
        _ => None,
    };
    Exchange {
        passed: answer.trace.passed(),
        response: bytes.map_or(ptr::null(), <[u8]>::as_ptr),
        response_length: bytes.map_or(0, <[u8]>::len),
        no_response: if bytes.is_some() { 0 } else { NoResponse::HopLimit as u32 },
        status: answer.rule().status().code().into(),
        rule: answer.trace.rule_index() as u32,
        hop_limit: hop_word(limit),
        protocol: match answer.protocol {
            Protocol::V1 => 1,
            Protocol::V2 => 2,
        },
        close_reason,
    }
}

fn timestamp(now: f64) -> Result<Timestamp, Fault> {
    if now >= 0.0 {
        Ok(Timestamp::saturating_from_millis(now as u64))
    } else {
        Err(Fault::argument("time: expected milliseconds since 1970"))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Fault> {
    str::from_utf8(bytes).map_err(|_| Fault::new(IMDS_ERROR_RECORD, "the JSON is not UTF-8"))
}

fn hop_word(limit: Option<HopLimit>) -> u32 {
    limit.map_or(0, |limit| limit.get().into())
}

fn close_word(reason: Option<CloseReason>) -> u32 {
    reason.map_or(0, |reason| position(CloseReason::ALL, reason))
}

/// The position of a value in the list of all, from 1.
fn position<T: Copy + PartialEq>(all: &[T], value: T) -> u32 {
    all.iter().position(|other| *other == value).map_or(0, |index| index as u32 + 1)
}
