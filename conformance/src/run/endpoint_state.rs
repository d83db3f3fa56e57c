use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checks::IN_SESSION;
use super::reply::{Answer, Silence};
use super::{Check, Endpoint, Expect, Outcome, Pace, request};
use imds::http::{Profile, Status, header};
use imds::token::TOKEN_CHARS;
use imds::version::LATEST;

/// What a run knows of the endpoint.
pub(super) struct Session<'a> {
    endpoint: &'a mut dyn Endpoint,
    token: Option<String>,
    /// Whether the token is one that metadata is served with.
    is_good: bool,
    expired: Option<String>,
    versions: Vec<String>,
    mac: Option<String>,
    role: Option<String>,
    /// How many requests in a row were not answered.
    failed: u32,
    /// Why nothing is asked any more.
    over: Option<String>,
}

/// Why there is no answer.
pub(super) enum Unseen {
    /// It could not be asked.
    NotAsked(String),
    /// It was asked.
    Silent(String),
}

impl Unseen {
    pub fn reason(self) -> String {
        match self {
            Unseen::NotAsked(reason) | Unseen::Silent(reason) => reason,
        }
    }
}

impl<'a> Session<'a> {
    pub fn new(endpoint: &'a mut dyn Endpoint) -> Session<'a> {
        Session {
            endpoint,
            token: None,
            is_good: false,
            expired: None,
            versions: Vec::new(),
            mac: None,
            role: None,
            failed: 0,
            over: None,
        }
    }

    /// Gets a token and shows it; the answer is metadata, if it is taken.
    pub fn begin(&mut self) -> Option<Answer> {
        let issued = self.send("PUT /latest/api/token\n{life}: 21600").ok();
        self.token = issued.as_ref().and_then(token_of);
        let shown = self.send(IN_SESSION).ok().filter(|answer| answer.status == Status::Ok.code());
        self.is_good = shown.is_some();
        shown
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Reads metadata in the session, or without one where there is none.
    pub fn get(&mut self, path: &str) -> Result<Answer, Unseen> {
        self.send(&format!("GET {path}\n{{session}}"))
    }

    pub fn newest(&self) -> Option<String> {
        self.versions.iter().rev().find(|name| *name != LATEST).cloned()
    }

    /// Why nothing is asked any more, if so.
    pub fn over(&self) -> Option<String> {
        self.over.clone()
    }

    /// Finds out what checks put into their requests.
    pub fn survey(&mut self) {
        let lines = |answer: Result<Answer, Unseen>| -> Vec<String> {
            let ok = answer.ok().filter(|answer| answer.status == 200);
            // They are put into requests.
            let is_plain = |line: &&str| line.bytes().all(|byte| byte.is_ascii_graphic());
            ok.map(|answer| answer.lines().filter(is_plain).map(String::from).collect()).unwrap_or_default()
        };
        self.versions = lines(self.get("/"));
        let macs = lines(self.get("/latest/meta-data/network/interfaces/macs/"));
        self.mac = macs.first().map(|mac| mac.trim_end_matches('/').to_string());
        self.role = lines(self.get("/latest/meta-data/iam/security-credentials/")).first().cloned();
        let short = self.send("PUT /latest/api/token\n{life}: 1");
        self.expired = short.ok().and_then(|answer| token_of(&answer));
        self.endpoint.wait(EXPIRES_MILLIS);
    }

    /// What comes of a check.
    pub fn hold(&mut self, check: &Check, profile: &Profile) -> (Outcome, String) {
        let is_flood = check.expects.iter().any(|expect| matches!(expect, Expect::Throttled));
        let mut answers: Vec<Answer> = Vec::new();
        let mut saw = String::new();
        for ask in check.asks {
            let answer = match if is_flood { self.send_once(ask) } else { self.send(ask) } {
                Ok(answer) => answer,
                Err(Unseen::NotAsked(reason)) => return (Outcome::Unseen, reason),
                Err(Unseen::Silent(reason)) => {
                    return (Outcome::Failed, format!("{}: {reason}", request::first_line(ask)));
                }
            };
            answers.push(answer);
            let (first, answer) = (&answers[0], &answers[answers.len() - 1]);
            let red = |fault: String| format!("{}: {}: {fault}", request::first_line(ask), answer.summary());
            if let Some(fault) = answer.fault {
                return (Outcome::Failed, red(fault.to_string()));
            }
            for expect in check.expects {
                if let Err(fault) = expect.judge(profile, first, answer) {
                    return (Outcome::Failed, red(fault));
                }
            }
            saw = answer.summary();
        }
        if is_flood && !answers.iter().any(is_throttled) {
            return (Outcome::Unseen, format!("{} requests in a row are answered", answers.len()));
        }
        (Outcome::Passed, saw)
    }

    /// Asks, and again where the answer is that it was too soon, which is no answer to anything else.
    pub fn send(&mut self, ask: &str) -> Result<Answer, Unseen> {
        for _ in 0..RETRIES {
            let answer = self.send_once(ask)?;
            if !is_throttled(&answer) {
                return Ok(answer);
            }
            self.endpoint.wait(RETRY_MILLIS);
        }
        Err(Unseen::NotAsked(format!("503, {RETRIES} times")))
    }

    fn send_once(&mut self, ask: &str) -> Result<Answer, Unseen> {
        let whole = request::whole(ask);
        let filled = request::filled(&whole, &|name| self.value(name))
            .map_err(|name| Unseen::NotAsked(format!("this instance has no {name}")))?;
        match self.ask(filled.as_bytes(), request::pace(ask)) {
            Err(Unseen::Silent(reason)) => {
                self.failed += 1;
                // Whoever refuses to answer odd requests still answers this one.
                if self.failed.is_multiple_of(GIVE_UP) && self.ask(LIFE_SIGN.as_bytes(), Pace::Whole).is_err() {
                    self.over.get_or_insert_with(|| "nothing is answered any more".to_string());
                }
                Err(Unseen::Silent(reason))
            }
            other => {
                self.failed = 0;
                other
            }
        }
    }

    fn ask(&mut self, request: &[u8], pace: Pace) -> Result<Answer, Unseen> {
        if let Some(reason) = &self.over {
            return Err(Unseen::NotAsked(reason.clone()));
        }
        match self.endpoint.ask(request, pace) {
            Ok(reply) if reply.bytes.is_empty() => Err(Unseen::Silent("closed without an answer".to_string())),
            Ok(reply) => Answer::of(request, &reply).map_err(|fault| Unseen::Silent(fault.to_string())),
            Err(Silence::Unanswered(reason)) => Err(Unseen::Silent(reason)),
            Err(Silence::Over(reason)) => {
                self.over = Some(reason.clone());
                Err(Unseen::NotAsked(reason))
            }
        }
    }

    /// What a name in braces stands for.
    fn value(&self, name: &str) -> Option<String> {
        let token = self.token.as_deref();
        match name {
            "host" => Some(self.endpoint.host().to_string()),
            "token" => self.token.clone(),
            "session" => {
                let token = token.filter(|_| self.is_good);
                Some(token.map(|token| format!("\r\n{}: {token}", header::TOKEN)).unwrap_or_default())
            }
            "altered" => token.map(|token| with_other_byte(token, token.len() - 4)),
            // The characters of the fifth byte on, which name the instance.
            "foreign" => token.map(|token| with_other_byte(token, 7)),
            "short" => token.map(|token| token[1..].to_string()),
            "respelt" => token.and_then(respelt),
            "expired" => self.expired.clone(),
            "mac" => self.mac.clone(),
            "role" => self.role.clone(),
            "newest" => self.newest(),
            "fields" => Some("\r\nX-Many: 1".repeat(MANY_FIELDS)),
            _ => None,
        }
    }
}

fn is_throttled(answer: &Answer) -> bool {
    answer.status == Status::ServiceUnavailable.code()
}

fn token_of(answer: &Answer) -> Option<String> {
    let text = core::str::from_utf8(&answer.body).ok().filter(|_| answer.status == 200)?;
    let fits =
        (8..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}".contains(&byte));
    fits.then(|| text.to_string())
}

/// The text with another character of the alphabet at that place.
fn with_other_byte(text: &str, at: usize) -> String {
    let place = |index: usize, c: char| match (index == at, c) {
        (false, c) => c,
        (true, 'A') => 'B',
        (true, _) => 'A',
    };
    text.chars().enumerate().map(|(index, c)| place(index, c)).collect()
}

/// Another spelling of the same bytes: 40 bytes leave four bits of the last character before `==` unused.
fn respelt(token: &str) -> Option<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let body = token.strip_suffix("==").filter(|_| token.len() == TOKEN_CHARS)?;
    let (rest, last) = body.split_at(body.len() - 1);
    let place = ALPHABET.find(last)?;
    let other = ALPHABET.get((place ^ 1)..=(place ^ 1))?;
    Some(format!("{rest}{other}=="))
}

/// Asked where several others were not answered.
const LIFE_SIGN: &str = "GET /latest/meta-data/ HTTP/1.0\r\n\r\n";
/// A token of one second is over then.
const EXPIRES_MILLIS: u64 = 1_100;
/// How often it is asked again past a 503, and how much later.
const RETRIES: u32 = 8;
const RETRY_MILLIS: u64 = 250;
/// After so many requests in a row without an answer it is asked whether anything is.
const GIVE_UP: u32 = 8;
/// With Host, one field more than is taken.
const MANY_FIELDS: usize = imds::limits::FIELDS;
