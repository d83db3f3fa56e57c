use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::steps::{Action, Fragment, Recipient, Step, Transcript, TranscriptError, concat};
use imds::connection::{CloseReason, Connection, KeepAlive, State};
use imds::metadata::Category;
use imds::record::{DEFAULT_RECORD, Record};
use imds::seed::Seed;
use imds::time::Timestamp;
use imds::token::TOKEN_CHARS;
use imds::{Context, Nonce, Scratch};
use imds_ec2::fleet::{Fleet, FleetInstance, Launch, LaunchSeq, Settings};

/// The way in which the bytes of a step are split. The responses must not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chunking {
    /// All bytes of a step at once.
    Whole,
    /// One byte at a time.
    Bytes,
    /// All at once, followed by bytes of another request.
    Trailing,
}

/// The result of running a transcript.
#[derive(Debug, Clone)]
pub struct Run {
    /// The transcript with the actual lines in place of the expected ones.
    pub text: String,
    /// The steps whose actual lines do not match the expected ones.
    pub differences: Vec<Difference>,
    /// The ids of the rules that decided the responses, in order.
    pub rules: Vec<&'static str>,
    /// The categories that were served, in order.
    pub categories: Vec<Category>,
    /// The reasons for which connections were closed, in order.
    pub closes: Vec<CloseReason>,
}

/// A step that did not produce the expected lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The number of the step's first line, from 1.
    pub line: usize,
    /// The expected lines.
    pub expected: Vec<String>,
    /// The actual lines.
    pub actual: Vec<String>,
}

impl Transcript {
    /// Runs the transcript. `records` returns the JSON of a record or fleet by name; it is not
    /// called for the record `default`.
    ///
    /// # Errors
    ///
    /// The first step that cannot be run, for example because its record is invalid. A step that
    /// produces other lines than expected is not an error but in [`Run::differences`].
    pub fn run(&self, chunking: Chunking, records: &dyn Fn(&str) -> Option<String>) -> Result<Run, TranscriptError> {
        let mut runner = Runner {
            now: Timestamp::EPOCH,
            seed: Seed::new([0; 32]),
            keep_alive: KeepAlive::Off,
            fleet: Fleet::new(Seed::new([0; 32])),
            recipient: Recipient::First,
            prints_events: false,
            connection: None,
            scratch: Scratch::new(),
            nonce: 0,
            token: String::new(),
            throttled: false,
            stalled: false,
            chunking,
            run: Run {
                text: String::new(),
                differences: Vec::new(),
                rules: Vec::new(),
                categories: Vec::new(),
                closes: Vec::new(),
            },
        };
        for step in &self.steps {
            let actual =
                runner.run_step(step, records).map_err(|reason| TranscriptError { line: step.line, reason })?;
            runner.run.text.push_str(&step.source);
            for line in &actual {
                runner.run.text.push_str(line);
                runner.run.text.push('\n');
            }
            if !matches(&step.expected, &actual) {
                runner.run.differences.push(Difference { line: step.line, expected: step.expected.clone(), actual });
            }
        }
        runner.run.text.push_str(&self.rest);
        Ok(runner.run)
    }
}

struct Runner {
    now: Timestamp,
    seed: Seed,
    keep_alive: KeepAlive,
    fleet: Fleet,
    /// The instance that connections are made to.
    recipient: Recipient,
    /// `true` if the transcript launched a fleet: then events are part of it.
    prints_events: bool,
    connection: Option<Connection>,
    scratch: Scratch,
    nonce: u64,
    token: String,
    throttled: bool,
    stalled: bool,
    chunking: Chunking,
    run: Run,
}

impl Runner {
    fn run_step(&mut self, step: &Step, records: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        match &step.action {
            Action::NamedInstance(name) => {
                let json = match name.as_str() {
                    "default" => DEFAULT_RECORD.to_string(),
                    _ => records(name).ok_or_else(|| format!("unknown record `{name}`"))?,
                };
                self.launch(&json)?;
            }
            Action::Instance(json) => self.launch(json)?,
            Action::Fleet(json) => self.launch_fleet(json)?,
            Action::NamedFleet(name) => {
                let json = records(name).ok_or_else(|| format!("unknown fleet `{name}`"))?;
                self.launch_fleet(&json)?;
            }
            Action::At(recipient) => {
                self.recipient = recipient.clone();
                self.connection = None;
            }
            Action::Call(form) => {
                let reply = imds_ec2::query::handle(&mut self.fleet, self.now, form.as_bytes(), Nonce::new(self.nonce));
                self.nonce += 1;
                lines.push(format!("< {}", reply.status));
                lines.push("<".into());
                lines.extend(reply.body.into_bytes().split(|&byte| byte == b'\n').map(response_line));
            }
            Action::Clock(time) => self.now = *time,
            Action::Wait(millis) => self.wait(*millis, &mut lines),
            Action::Seed(seed) => self.seed = seed.clone(),
            Action::KeepAlive(keep_alive) => self.keep_alive = *keep_alive,
            Action::Modify { change, after_millis } => {
                let id = self.instance()?.id().clone();
                self.fleet.set_settings(self.fleet.settings().with_modify_millis(*after_millis));
                self.fleet.modify_options(self.now, &id, change).map_err(|error| error.to_string())?;
            }
            Action::Restart => {
                let id = self.instance()?.id().clone();
                self.fleet.stop(self.now, &id).map_err(|error| error.to_string())?;
                self.fleet.start(self.now, &id).map_err(|error| error.to_string())?;
            }
            Action::Throttled => self.throttled = true,
            Action::Connect => {
                self.connection = Some(Connection::new(self.now, self.keep_alive));
                self.stalled = false;
            }
            Action::Stall => self.stalled = true,
            Action::End => {
                if let Some(connection) = &mut self.connection {
                    connection.receive_eof();
                }
                self.answer(&mut lines)?;
                self.push_close(&mut lines);
            }
            Action::Send(fragments) => self.send(fragments, &mut lines)?,
        }
        self.push_events(&mut lines);
        Ok(lines)
    }

    fn launch(&mut self, json: &str) -> Result<(), String> {
        let record = Record::from_json(json).map_err(|error| error.to_string())?;
        self.fleet = Fleet::new(self.seed.clone());
        self.fleet.launch(self.now, &Launch::new(record)).map_err(|error| error.to_string())?;
        self.reset(false);
        Ok(())
    }

    fn launch_fleet(&mut self, json: &str) -> Result<(), String> {
        let fleet = Fleet::from_json(json, Settings::default(), self.seed.clone(), self.now);
        self.fleet = fleet.map_err(|error| error.to_string())?;
        self.reset(true);
        Ok(())
    }

    fn reset(&mut self, prints_events: bool) {
        self.recipient = Recipient::First;
        self.prints_events = prints_events;
        self.connection = None;
    }

    /// The selected instance.
    fn instance(&self) -> Result<&FleetInstance, String> {
        self.recipient.find(&self.fleet).ok_or_else(|| NO_INSTANCE.to_string())
    }

    fn push_events(&mut self, lines: &mut Vec<String>) {
        while let Some(event) = self.fleet.poll_event() {
            if self.prints_events {
                lines.push(format!("= event {} {}", event.kind.name(), event.instance));
            }
        }
    }

    fn wait(&mut self, millis: u64, lines: &mut Vec<String>) {
        let end = self.now.saturating_add_millis(millis);
        while let Some((at, _)) =
            self.connection.as_ref().and_then(Connection::poll_timeout).filter(|(at, _)| *at <= end)
        {
            self.now = self.now.max(at);
            if let Some(connection) = &mut self.connection {
                connection.handle_timeout(self.now);
            }
            self.push_close(lines);
        }
        self.now = end;
        self.fleet.handle_timeout(end);
    }

    fn send(&mut self, fragments: &[Fragment], lines: &mut Vec<String>) -> Result<(), String> {
        let bytes = concat(fragments, self.token.as_bytes());
        if self.connection.as_ref().is_none_or(|connection| connection.state() != State::Open) {
            self.connection = Some(Connection::new(self.now, self.keep_alive));
            self.stalled = false;
        }
        let before = lines.len();
        match self.chunking {
            Chunking::Whole => self.receive(&bytes, lines)?,
            Chunking::Bytes => {
                for byte in &bytes {
                    self.receive(&[*byte], lines)?;
                }
            }
            Chunking::Trailing => {
                let mut fork = self.fork();
                let mut with_trailing = bytes.clone();
                with_trailing.extend_from_slice(TRAILING);
                let mut fork_lines = Vec::new();
                fork.receive(&with_trailing, &mut fork_lines)?;
                self.receive(&bytes, lines)?;
                if lines.len() > before && fork_lines != *lines {
                    *lines = fork_lines;
                }
            }
        }
        if lines.len() == before {
            lines.push("= silence".into());
        }
        self.push_close(lines);
        Ok(())
    }

    /// A copy for a run whose results are compared and then discarded.
    fn fork(&self) -> Runner {
        Runner {
            seed: self.seed.clone(),
            scratch: self.scratch.clone(),
            fleet: self.fleet.clone(),
            recipient: self.recipient.clone(),
            connection: self.connection.clone(),
            token: self.token.clone(),
            run: self.run.clone(),
            ..*self
        }
    }

    fn receive(&mut self, mut bytes: &[u8], lines: &mut Vec<String>) -> Result<(), String> {
        loop {
            let Some(connection) = &mut self.connection else { return Ok(()) };
            let taken = connection.receive(self.now, bytes);
            bytes = &bytes[taken..];
            let answered = self.answer(lines)?;
            if bytes.is_empty() || (taken == 0 && !answered) {
                return Ok(());
            }
        }
    }

    /// Answers the requests received so far. Returns whether there was one.
    fn answer(&mut self, lines: &mut Vec<String>) -> Result<bool, String> {
        let Some(member) = self.recipient.find(&self.fleet) else { return Err(NO_INSTANCE.into()) };
        if !member.is_served(self.now) {
            self.connection = None;
        }
        let Some(connection) = &mut self.connection else { return Ok(false) };
        let instance = member.instance();
        let mut answered = false;
        while let Some(request) = connection.poll_request(self.now) {
            answered = true;
            let context = Context::new(Nonce::new(self.nonce)).throttled(core::mem::take(&mut self.throttled));
            let answer = instance.answer_with(self.now, &request, context, &mut self.scratch);
            self.nonce += 1;
            let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
            let responded = connection.respond_with(self.now, &answer.response, &mut self.scratch);
            responded.map_err(|error| error.to_string())?;
            let transmit = connection.poll_transmit();
            let bytes = transmit.as_ref().map_or(&[][..], |transmit| &transmit.bytes[queued..]);
            if let Some(token) = token_in(bytes) {
                self.token = token;
            }
            push_response(bytes, lines);
            lines.push(format!("= rule {}", answer.rule().id));
            if let Some(limit) = transmit.and_then(|transmit| transmit.hop_limit) {
                lines.push(format!("= hop-limit {}", limit.get()));
            }
            self.run.rules.push(answer.rule().id);
            self.run.categories.extend(answer.category());
            if !self.stalled {
                connection.advance_transmit(self.now, usize::MAX);
            }
        }
        Ok(answered)
    }

    fn push_close(&mut self, lines: &mut Vec<String>) {
        let Some(connection) = &self.connection else { return };
        if connection.state() == State::Open {
            return;
        }
        if let Some(reason) = connection.close_reason() {
            let verb = if connection.state() == State::Draining { "drain" } else { "close" };
            lines.push(format!("= {verb} {reason:?}"));
            self.run.closes.push(reason);
        }
        self.connection = None;
    }
}

impl Recipient {
    fn find<'a>(&self, fleet: &'a Fleet) -> Option<&'a FleetInstance> {
        match self {
            Recipient::First => fleet.first_launched(),
            Recipient::Address(address) => fleet.instances(LaunchSeq::FIRST).find(|member| {
                member.instance().details().interfaces.iter().any(|interface| interface.local_ipv4s.contains(address))
            }),
            Recipient::Id(id) => fleet.instance(id),
        }
    }
}

/// The body of a response that issues a token.
fn token_in(response: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(response).ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    (body.len() == TOKEN_CHARS && body.ends_with("==")).then(|| body.to_string())
}

fn push_response(response: &[u8], lines: &mut Vec<String>) {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(response.len());
    let (head, body) = (&response[..end], response.get(end + 4..).unwrap_or_default());
    for line in head.split(|&byte| byte == b'\n') {
        lines.push(response_line(line.strip_suffix(b"\r").unwrap_or(line)));
    }
    lines.push("<".into());
    if !body.is_empty() {
        lines.extend(body.split(|&byte| byte == b'\n').map(response_line));
    }
}

/// A line of a response as text. Bytes other than printable ASCII and tabs are escaped.
fn response_line(line: &[u8]) -> String {
    let mut text = String::from(if line.is_empty() { "<" } else { "< " });
    for &byte in line {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\t' | b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

/// Returns `true` if the lines match: `{token}` matches any token and `< {body}` the lines of any
/// body.
fn matches(expected: &[String], actual: &[String]) -> bool {
    let mut actual = actual.iter().peekable();
    for expected in expected {
        if expected == "< {body}" {
            while actual.next_if(|line| line.starts_with('<')).is_some() {}
            continue;
        }
        let Some(actual) = actual.next() else { return false };
        let is_same = match expected.split_once("{token}") {
            Some((before, after)) => actual
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|token| token.len() == TOKEN_CHARS),
            None => expected == actual,
        };
        if !is_same {
            return false;
        }
    }
    actual.next().is_none()
}

/// The beginning of a request.
const TRAILING: &[u8] = b"GET /trailing HTTP/1.1\r\nX-Trailing: ";
const NO_INSTANCE: &str = "no instance is selected; launch one before this step, or check the address or id in `at`";
