//! Transcripts as calls of the C ABI with their results from the crate `imds`. A host of the ABI
//! replays them and must get the same results.
//!
//! A line is a call and its arguments, then its result. Bytes are in hexadecimal, `-` for none.
//!
//! ```text
//! transcript PATH                           the following calls are of this transcript
//! launch NOW NONCE SEED RECORD
//! modify NOW EFFECTIVE CHANGE
//! open NOW FLAGS
//! receive NOW BYTES TAKEN
//! eof
//! answer NOW FLAGS STATUS RULE HOP_LIMIT RESPONSE
//! answer NOW FLAGS none
//! transmit LENGTH HOP_LIMIT                 the number of bytes to send
//! advance NOW LENGTH
//! timeout AT TIMER
//! timeout none
//! handle-timeout NOW
//! state STATE CLOSE_REASON                  `none` if the connection stays open
//! close
//! ```

use std::fmt::Write;

use imds::connection::{Connection, KeepAlive, State};
use imds::record::DEFAULT_RECORD;
use imds::record::json::write_compact;
use imds::token::TOKEN_CHARS;
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use imds_conformance::transcript::{Action, Chunking, Transcript, concat};

/// The longest input that is passed in single bytes.
const MAX_SINGLE_BYTES: usize = 1024;

/// The calls of a transcript; `None` if it needs a fleet.
pub fn of(
    transcript: &Transcript,
    chunking: Chunking,
    record: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, String> {
    let mut recorder = Recorder {
        calls: String::new(),
        rules: Vec::new(),
        now: Timestamp::EPOCH,
        seed: Seed::new([0; 32]),
        keep_alive: KeepAlive::Off,
        instance: None,
        connection: None,
        nonce: 0,
        token: String::new(),
        is_throttled: false,
        is_stalled: false,
    };
    for step in transcript.steps() {
        if !recorder.run(&step.action, chunking, record)? {
            return Ok(None);
        }
    }
    let run = transcript.run(chunking, record).map_err(|error| error.to_string())?;
    if recorder.rules != run.rules {
        return Err(format!("the rules {:?} decide, and {:?} in a fleet", recorder.rules, run.rules));
    }
    Ok(Some(recorder.calls))
}

struct Recorder {
    calls: String,
    /// The rules that decided.
    rules: Vec<&'static str>,
    now: Timestamp,
    seed: Seed,
    keep_alive: KeepAlive,
    instance: Option<Instance>,
    connection: Option<Connection>,
    nonce: u64,
    /// The last token that was issued.
    token: String,
    is_throttled: bool,
    is_stalled: bool,
}

impl Recorder {
    /// Runs a step; false if it needs a fleet.
    fn run(
        &mut self,
        action: &Action,
        chunking: Chunking,
        record: &dyn Fn(&str) -> Option<String>,
    ) -> Result<bool, String> {
        match action {
            Action::NamedInstance(name) if name == "default" => self.launch(DEFAULT_RECORD)?,
            Action::NamedInstance(name) => self.launch(&record(name).ok_or(format!("unknown record {name}"))?)?,
            Action::Instance(json) => self.launch(json)?,
            Action::Clock(time) => self.now = *time,
            Action::Wait(millis) => self.wait(*millis),
            Action::Seed(seed) => self.seed = seed.clone(),
            Action::KeepAlive(keep_alive) => self.keep_alive = *keep_alive,
            Action::Modify { change, after_millis } => {
                let effective = self.now.saturating_add_millis(*after_millis);
                let instance = self.instance.as_mut().ok_or("no instance")?;
                instance.modify_options(self.now, change, effective);
                let (now, effective) = (self.now.millis(), effective.millis());
                self.call(format_args!("modify {now} {effective} {}", hex(write_compact(change).as_bytes())));
            }
            Action::Throttled => self.is_throttled = true,
            Action::Connect => self.open(),
            Action::Stall => self.is_stalled = true,
            Action::End => {
                if let Some(connection) = &mut self.connection {
                    connection.receive_eof();
                    self.call(format_args!("eof"));
                    self.answer();
                    self.close_if_done();
                }
            }
            Action::Send(fragments) => {
                let bytes = concat(fragments, self.token.as_bytes());
                if self.connection.is_none() {
                    self.open();
                }
                // A byte at a time; long inputs in pieces, because some hosts take 50 µs for a call.
                let size = match chunking {
                    Chunking::Bytes if bytes.len() <= MAX_SINGLE_BYTES => 1,
                    Chunking::Bytes => 251,
                    Chunking::Whole | Chunking::Trailing => bytes.len().max(1),
                };
                bytes.chunks(size).for_each(|chunk| self.receive(chunk));
                self.close_if_done();
            }
            Action::Fleet(_) | Action::NamedFleet(_) | Action::At(_) | Action::Call(_) | Action::Restart => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn call(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.calls, "{line}");
    }

    fn launch(&mut self, json: &str) -> Result<(), String> {
        self.close();
        let record = Record::from_json(json).map_err(|error| error.to_string())?;
        self.instance = Some(Instance::new(&record, &self.seed, self.now).map_err(|error| error.to_string())?);
        let (now, nonce, seed) = (self.now.millis(), self.nonce, self.seed.to_hex());
        self.call(format_args!("launch {now} {nonce} {seed} {}", hex(json.as_bytes())));
        Ok(())
    }

    fn open(&mut self) {
        self.close();
        self.connection = Some(Connection::new(self.now, self.keep_alive));
        self.is_stalled = false;
        let (now, flags) = (self.now.millis(), u32::from(self.keep_alive == KeepAlive::On));
        self.call(format_args!("open {now} {flags}"));
    }

    fn close(&mut self) {
        if self.connection.take().is_some() {
            self.call(format_args!("close"));
        }
    }

    fn receive(&mut self, mut bytes: &[u8]) {
        loop {
            let Some(connection) = &mut self.connection else { return };
            let taken = connection.receive(self.now, bytes);
            let now = self.now.millis();
            self.call(format_args!("receive {now} {} {taken}", hex(bytes)));
            bytes = &bytes[taken..];
            let is_answered = self.answer();
            if bytes.is_empty() || (taken == 0 && !is_answered) {
                return;
            }
        }
    }

    /// Answers the requests received so far; false if there is none.
    fn answer(&mut self) -> bool {
        let mut is_answered = false;
        loop {
            let (Some(connection), Some(instance)) = (&mut self.connection, &self.instance) else { return is_answered };
            let now = self.now;
            let is_throttled = self.is_throttled;
            let flags = if is_throttled { 4 } else { 0 };
            let Some(request) = connection.poll_request(now) else {
                self.call(format_args!("answer {} {flags} none", now.millis()));
                return is_answered;
            };
            is_answered = true;
            let answer = instance.answer(now, &request, Context::new(Nonce::new(self.nonce)).throttled(is_throttled));
            let rule = answer.rule();
            let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
            connection.respond(now, &answer.response).expect("a request is outstanding");
            let (bytes, limit) = connection
                .poll_transmit()
                .map_or((Vec::new(), 0), |it| (it.bytes.to_vec(), it.hop_limit.map_or(0, |limit| limit.get())));
            let response = &bytes[queued..];
            if rule.id == "serve.token" && response.len() >= TOKEN_CHARS {
                self.token = String::from_utf8_lossy(&response[response.len() - TOKEN_CHARS..]).into_owned();
            }
            if !self.is_stalled {
                connection.advance_transmit(now, bytes.len());
            }
            self.nonce += 1;
            self.is_throttled = false;
            self.rules.push(rule.id);
            let (millis, status) = (now.millis(), rule.status().code());
            let response = hex(response);
            self.call(format_args!("answer {millis} {flags} {status} {} {limit} {response}", rule.id));
            self.call(format_args!("transmit {} {limit}", bytes.len()));
            if !self.is_stalled {
                self.call(format_args!("advance {millis} {}", bytes.len()));
            }
        }
    }

    fn wait(&mut self, millis: u64) {
        let end = self.now.saturating_add_millis(millis);
        while let Some(connection) = &mut self.connection {
            let timeout = connection.poll_timeout();
            let at = timeout.map(|(at, _)| at).filter(|at| *at <= end);
            if let Some(at) = at {
                self.now = self.now.max(at);
                connection.handle_timeout(self.now);
            }
            match timeout {
                Some((at, timer)) => self.call(format_args!("timeout {} {}", at.millis(), timer.name())),
                None => self.call(format_args!("timeout none")),
            }
            if at.is_none() {
                break;
            }
            let now = self.now.millis();
            self.call(format_args!("handle-timeout {now}"));
            self.close_if_done();
        }
        self.now = end;
    }

    fn close_if_done(&mut self) {
        let Some(connection) = &self.connection else { return };
        let state = match connection.state() {
            State::Open => 0,
            State::Draining => 1,
            State::Closed => 2,
        };
        let reason = connection.close_reason().map_or("none", |reason| reason.name());
        self.call(format_args!("state {state} {reason}"));
        if state > 0 {
            self.close();
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
