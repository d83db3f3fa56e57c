use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Action, Piece, Step, Transcript, TranscriptError, Whom, sent};
use imds::connection::{CloseReason, Connection, KeepAlive, State};
use imds::metadata::Category;
use imds::record::{DEFAULT_RECORD, Record};
use imds::seed::Seed;
use imds::time::Timestamp;
use imds::token::TOKEN_CHARS;
use imds::{Context, Nonce};
use imds_ec2::fleet::{Fleet, FleetInstance, Launch, LaunchSeq, Settings};

/// How a story's bytes reach the connection. The answers must not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chunking {
    /// Each step's bytes at once.
    Whole,
    /// One byte at a time.
    Bytes,
    /// At once, and behind them bytes that belong to a further request.
    Trailing,
}

/// What running a story brought.
#[derive(Debug, Clone)]
pub struct Run {
    /// The story with what it brought in place of what was expected.
    pub text: String,
    /// Where the two differ.
    pub differences: Vec<Difference>,
    /// The rules that decided, in order.
    pub rules: Vec<&'static str>,
    /// The kinds of metadata that were served.
    pub categories: Vec<Category>,
    /// Why connections ended.
    pub closes: Vec<CloseReason>,
}

/// A step that brought something else than was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The step's first line, from 1.
    pub line: usize,
    /// The lines that were expected.
    pub expected: Vec<String>,
    /// The lines that it brought.
    pub actual: Vec<String>,
}

impl Transcript {
    /// Runs the story. `records` gives the JSON of instances named in it; `default` is known without.
    pub fn run(&self, chunking: Chunking, records: &dyn Fn(&str) -> Option<String>) -> Result<Run, TranscriptError> {
        let mut stage = Stage {
            now: Timestamp::EPOCH,
            seed: Seed::new([0; 32]),
            keep_alive: KeepAlive::Off,
            fleet: Fleet::new(Seed::new([0; 32])),
            whom: Whom::First,
            tells_events: false,
            connection: None,
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
            let actual = stage.take(step, records).map_err(|reason| TranscriptError { line: step.line, reason })?;
            stage.run.text.push_str(&step.source);
            for line in &actual {
                stage.run.text.push_str(line);
                stage.run.text.push('\n');
            }
            if !agrees(&step.expected, &actual) {
                stage.run.differences.push(Difference { line: step.line, expected: step.expected.clone(), actual });
            }
        }
        stage.run.text.push_str(&self.rest);
        Ok(stage.run)
    }
}

struct Stage {
    now: Timestamp,
    seed: Seed,
    keep_alive: KeepAlive,
    fleet: Fleet,
    /// Whom connections are for.
    whom: Whom,
    /// Whether the story is one of a fleet, and what happens to instances is part of it.
    tells_events: bool,
    connection: Option<Connection>,
    nonce: u64,
    token: String,
    throttled: bool,
    stalled: bool,
    chunking: Chunking,
    run: Run,
}

impl Stage {
    fn take(&mut self, step: &Step, records: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        match &step.action {
            Action::NamedInstance(name) => {
                let json = match name.as_str() {
                    "default" => DEFAULT_RECORD.to_string(),
                    _ => records(name).ok_or_else(|| format!("there is no record named `{name}`"))?,
                };
                self.launch(&json)?;
            }
            Action::Instance(json) => self.launch(json)?,
            Action::Fleet(json) => self.begin_fleet(json)?,
            Action::NamedFleet(name) => {
                let json = records(name).ok_or_else(|| format!("there is no fleet named `{name}`"))?;
                self.begin_fleet(&json)?;
            }
            Action::At(whom) => {
                self.whom = whom.clone();
                self.connection = None;
            }
            Action::Call(form) => {
                let reply = imds_ec2::query::handle(&mut self.fleet, self.now, form.as_bytes(), self.nonce);
                self.nonce += 1;
                lines.push(format!("< {}", reply.status));
                lines.push("<".into());
                lines.extend(reply.body.split(|&byte| byte == b'\n').map(shown));
            }
            Action::Clock(time) => self.now = *time,
            Action::Wait(millis) => self.wait(*millis, &mut lines),
            Action::Seed(seed) => self.seed = seed.clone(),
            Action::KeepAlive(keep_alive) => self.keep_alive = *keep_alive,
            Action::Modify { change, after } => {
                let id = self.member()?.id().clone();
                self.fleet.set_settings(Settings { modify_millis: *after, ..*self.fleet.settings() });
                self.fleet.modify_options(self.now, &id, change).map_err(|error| error.to_string())?;
            }
            Action::Restart => {
                let id = self.member()?.id().clone();
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
                self.note_close(&mut lines);
            }
            Action::Send(pieces) => self.send(pieces, &mut lines)?,
        }
        self.note_events(&mut lines);
        Ok(lines)
    }

    fn launch(&mut self, json: &str) -> Result<(), String> {
        let record = Record::from_json(json).map_err(|error| error.to_string())?;
        self.fleet = Fleet::new(self.seed.clone());
        self.fleet.launch(self.now, &Launch::of(record)).map_err(|error| error.to_string())?;
        self.begin(false);
        Ok(())
    }

    fn begin_fleet(&mut self, json: &str) -> Result<(), String> {
        let fleet = Fleet::from_json(json, Settings::default(), self.seed.clone(), self.now);
        self.fleet = fleet.map_err(|error| error.to_string())?;
        self.begin(true);
        Ok(())
    }

    fn begin(&mut self, tells_events: bool) {
        self.whom = Whom::First;
        self.tells_events = tells_events;
        self.connection = None;
    }

    /// The instance that connections are for.
    fn member(&self) -> Result<&FleetInstance, String> {
        self.whom.find(&self.fleet).ok_or_else(|| "no instance yet".to_string())
    }

    fn note_events(&mut self, lines: &mut Vec<String>) {
        while let Some(event) = self.fleet.poll_event() {
            if self.tells_events {
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
            self.note_close(lines);
        }
        self.now = end;
        self.fleet.handle_timeout(end);
    }

    fn send(&mut self, pieces: &[Piece], lines: &mut Vec<String>) -> Result<(), String> {
        let bytes = sent(pieces, self.token.as_bytes());
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
                let mut aside = self.aside();
                let mut with_more = bytes.clone();
                with_more.extend_from_slice(TRAILING);
                let mut aside_lines = Vec::new();
                aside.receive(&with_more, &mut aside_lines)?;
                self.receive(&bytes, lines)?;
                if lines.len() > before && aside_lines != *lines {
                    *lines = aside_lines;
                }
            }
        }
        if lines.len() == before {
            lines.push("= silence".into());
        }
        self.note_close(lines);
        Ok(())
    }

    /// The same stage, whose run is thrown away.
    fn aside(&self) -> Stage {
        Stage {
            seed: self.seed.clone(),
            fleet: self.fleet.clone(),
            whom: self.whom.clone(),
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

    /// Answers what can be answered, and says whether that was anything.
    fn answer(&mut self, lines: &mut Vec<String>) -> Result<bool, String> {
        let Some(member) = self.whom.find(&self.fleet) else { return Err("no instance yet".into()) };
        if !member.is_served(self.now) {
            self.connection = None;
        }
        let Some(connection) = &mut self.connection else { return Ok(false) };
        let instance = member.instance();
        let mut answered = false;
        while let Some(request) = connection.poll_request(self.now) {
            answered = true;
            let context = Context::new(Nonce::new(self.nonce)).throttled(core::mem::take(&mut self.throttled));
            let answer = instance.answer(self.now, &request, context);
            self.nonce += 1;
            let queued = connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
            connection.respond(self.now, &answer.response).map_err(|error| error.to_string())?;
            let transmit = connection.poll_transmit();
            let bytes = transmit.as_ref().map_or(&[][..], |transmit| &transmit.bytes[queued..]);
            if let Some(token) = token_in(bytes) {
                self.token = token;
            }
            push_answer(bytes, lines);
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

    fn note_close(&mut self, lines: &mut Vec<String>) {
        let Some(connection) = &self.connection else { return };
        if connection.state() == State::Open {
            return;
        }
        if let Some(reason) = connection.close_reason() {
            let how = if connection.state() == State::Draining { "drain" } else { "close" };
            lines.push(format!("= {how} {reason:?}"));
            self.run.closes.push(reason);
        }
        self.connection = None;
    }
}

impl Whom {
    fn find<'a>(&self, fleet: &'a Fleet) -> Option<&'a FleetInstance> {
        match self {
            Whom::First => fleet.first_launched(),
            Whom::Address(address) => fleet.members(LaunchSeq::FIRST).find(|member| {
                member.instance().details().interfaces.iter().any(|interface| interface.local_ipv4s.contains(address))
            }),
            Whom::Id(id) => fleet.member(id),
        }
    }
}

/// The body of an answer that issues a token.
fn token_in(response: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(response).ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    (body.len() == TOKEN_CHARS && body.ends_with("==")).then(|| body.to_string())
}

fn push_answer(response: &[u8], lines: &mut Vec<String>) {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(response.len());
    let (head, body) = (&response[..end], response.get(end + 4..).unwrap_or_default());
    for line in head.split(|&byte| byte == b'\n') {
        lines.push(shown(line.strip_suffix(b"\r").unwrap_or(line)));
    }
    lines.push("<".into());
    if !body.is_empty() {
        lines.extend(body.split(|&byte| byte == b'\n').map(shown));
    }
}

/// A line of an answer as text: what is not printable ASCII or a tab is escaped.
fn shown(line: &[u8]) -> String {
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

/// Whether the lines are the same, `{token}` standing for any token and `< {body}` for the lines of any body.
fn agrees(expected: &[String], actual: &[String]) -> bool {
    let mut actual = actual.iter().peekable();
    for expected in expected {
        if expected == "< {body}" {
            while actual.next_if(|line| line.starts_with('<')).is_some() {}
            continue;
        }
        let Some(actual) = actual.next() else { return false };
        let same = match expected.split_once("{token}") {
            Some((before, after)) => actual
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|token| token.len() == TOKEN_CHARS),
            None => expected == actual,
        };
        if !same {
            return false;
        }
    }
    actual.next().is_none()
}

/// The beginning of a request that never ends.
const TRAILING: &[u8] = b"GET /trailing HTTP/1.1\r\nX-Trailing: ";
