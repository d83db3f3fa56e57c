use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::endpoint::{Endpoint, NoReply};
use super::report::Outcome;
use super::response::ParsedResponse;
use crate::checks::request;
use crate::checks::table::IN_SESSION;
use crate::checks::{Check, Expect, Pace};
use imds::http::{Profile, Status, header};
use imds::token::TOKEN_CHARS;
use imds::version::LATEST;

/// An endpoint and what a run has learned about it.
pub(super) struct EndpointState<'a> {
    endpoint: &'a mut dyn Endpoint,
    token: Option<String>,
    /// `true` if the endpoint serves metadata with the token.
    token_works: bool,
    expired_token: Option<String>,
    void_token: Option<String>,
    versions: Vec<String>,
    mac: Option<String>,
    role: Option<String>,
    /// Consecutive requests without a response.
    unanswered: u32,
    /// The reason why no more requests are sent.
    stop_reason: Option<String>,
}

/// The reason why a request has no response.
pub(super) enum SendError {
    /// The request was not sent.
    NotSent(String),
    /// The request was sent.
    NoResponse(String),
}

impl SendError {
    pub fn reason(self) -> String {
        match self {
            SendError::NotSent(reason) | SendError::NoResponse(reason) => reason,
        }
    }
}

impl<'a> EndpointState<'a> {
    pub fn new(endpoint: &'a mut dyn Endpoint) -> EndpointState<'a> {
        EndpointState {
            endpoint,
            token: None,
            token_works: false,
            expired_token: None,
            void_token: None,
            versions: Vec::new(),
            mac: None,
            role: None,
            unanswered: 0,
            stop_reason: None,
        }
    }

    /// Requests a token and reads a listing with it. Returns the listing if the token works.
    pub fn open_session(&mut self) -> Option<ParsedResponse> {
        let issued = self.send("PUT /latest/api/token\n{ttl}: 21600").ok();
        self.token = issued.as_ref().and_then(issued_token);
        let listing = self.send(IN_SESSION).ok().filter(|response| response.status == Status::Ok.code());
        self.token_works = listing.is_some();
        listing
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Reads a path, with the token if it works.
    pub fn get(&mut self, path: &str) -> Result<ParsedResponse, SendError> {
        self.send(&format!("GET {path}\n{{session}}"))
    }

    /// The last dated version in the listing of `/`.
    pub fn newest_version(&self) -> Option<String> {
        self.versions.iter().rev().find(|name| *name != LATEST).cloned()
    }

    /// The reason why no more requests are sent, if the run has stopped.
    pub fn stop_reason(&self) -> Option<String> {
        self.stop_reason.clone()
    }

    /// Learns the values of the placeholders from the endpoint.
    pub fn probe(&mut self) {
        let lines = |response: Result<ParsedResponse, SendError>| -> Vec<String> {
            let ok = response.ok().filter(|response| response.status == 200);
            // The lines become part of requests.
            let is_plain = |line: &&str| line.bytes().all(|byte| byte.is_ascii_graphic());
            ok.map(|response| response.lines().filter(is_plain).map(String::from).collect()).unwrap_or_default()
        };
        self.versions = lines(self.get("/"));
        let macs = lines(self.get("/latest/meta-data/network/interfaces/macs/"));
        self.mac = macs.first().map(|mac| mac.trim_end_matches('/').to_string());
        self.role = lines(self.get("/latest/meta-data/iam/security-credentials/")).first().cloned();
        let mut issue = |ttl: &str| {
            let issued = self.send(&format!("PUT /latest/api/token\n{{ttl}}: {ttl}"));
            issued.ok().and_then(|response| issued_token(&response))
        };
        let (expired, void) = (issue("1"), issue("0"));
        (self.expired_token, self.void_token) = (expired, void);
        self.endpoint.wait(EXPIRY_MILLIS);
    }

    /// Runs a check. Returns its outcome and what was observed.
    pub fn run_check(&mut self, check: &Check, profile: &Profile) -> (Outcome, String) {
        let is_flood = check.expectations.iter().any(|expect| matches!(expect, Expect::Throttled));
        let mut responses: Vec<ParsedResponse> = Vec::new();
        let mut observed = String::new();
        for template in check.templates {
            let sent = if is_flood { self.send_once(template) } else { self.send(template) };
            match sent {
                Ok(response) => responses.push(response),
                Err(SendError::NotSent(reason)) => return (Outcome::NotObserved, reason),
                Err(SendError::NoResponse(reason)) => {
                    return (Outcome::Failed, format!("{}: {reason}", request::first_line(template)));
                }
            }
            let (first, response) = (&responses[0], &responses[responses.len() - 1]);
            let failed = |reason: &str| {
                let text = format!("{}: {}: {reason}", request::first_line(template), response.summary());
                (Outcome::Failed, text)
            };
            if let Some(reason) = response.length_error {
                return failed(reason);
            }
            for expect in check.expectations {
                if let Err(reason) = expect.evaluate(profile, first, response) {
                    return failed(&reason);
                }
            }
            observed = response.summary();
        }
        if is_flood && !responses.iter().any(is_throttled) {
            return (Outcome::NotObserved, format!("not throttled after {} requests in a row", responses.len()));
        }
        (Outcome::Passed, observed)
    }

    /// Sends a request, and again after a pause while the response is 503.
    pub fn send(&mut self, template: &str) -> Result<ParsedResponse, SendError> {
        for _ in 0..ATTEMPTS {
            let response = self.send_once(template)?;
            if !is_throttled(&response) {
                return Ok(response);
            }
            self.endpoint.wait(RETRY_MILLIS);
        }
        Err(SendError::NotSent(format!("throttled: {ATTEMPTS} responses with 503")))
    }

    fn send_once(&mut self, template: &str) -> Result<ParsedResponse, SendError> {
        let expanded = request::expand(template);
        let filled = request::fill(&expanded, &|name| self.value(name))
            .map_err(|name| SendError::NotSent(format!("the instance has no {name}")))?;
        match self.send_bytes(filled.as_bytes(), request::pace(template)) {
            Err(SendError::NoResponse(reason)) => {
                self.unanswered += 1;
                // A server that does not answer malformed requests still answers this one.
                if self.unanswered.is_multiple_of(UNANSWERED_LIMIT)
                    && self.send_bytes(PLAIN_REQUEST.as_bytes(), Pace::AtOnce).is_err()
                {
                    self.stop_reason.get_or_insert_with(|| "the endpoint no longer responds".to_string());
                }
                Err(SendError::NoResponse(reason))
            }
            other => {
                self.unanswered = 0;
                other
            }
        }
    }

    fn send_bytes(&mut self, request: &[u8], pace: Pace) -> Result<ParsedResponse, SendError> {
        if let Some(reason) = &self.stop_reason {
            return Err(SendError::NotSent(reason.clone()));
        }
        match self.endpoint.send(request, pace) {
            Ok(raw) if raw.bytes.is_empty() => {
                Err(SendError::NoResponse("the connection was closed without a response".to_string()))
            }
            Ok(raw) => ParsedResponse::parse(request, &raw).map_err(|reason| SendError::NoResponse(reason.to_string())),
            Err(NoReply::Unanswered(reason)) => Err(SendError::NoResponse(reason)),
            Err(NoReply::LimitReached(reason)) => {
                self.stop_reason = Some(reason.clone());
                Err(SendError::NotSent(reason))
            }
        }
    }

    /// The value of a placeholder.
    fn value(&self, name: &str) -> Option<String> {
        let token = self.token.as_deref();
        match name {
            "host" => Some(self.endpoint.host().to_string()),
            "token" => self.token.clone(),
            "session" => {
                let token = token.filter(|_| self.token_works);
                Some(token.map(|token| format!("\r\n{}: {token}", header::TOKEN)).unwrap_or_default())
            }
            "altered" => token.map(|token| with_other_char(token, token.len() - 4)),
            // Bytes 4 to 7 identify the instance. Character 7 is part of them.
            "foreign" => token.map(|token| with_other_char(token, 7)),
            "short" => token.map(|token| token[1..].to_string()),
            "respelt" => token.and_then(respelt),
            "expired" => self.expired_token.clone(),
            "void" => self.void_token.clone(),
            "mac" => self.mac.clone(),
            "role" => self.role.clone(),
            "newest" => self.newest_version(),
            "fields" => Some("\r\nX-Many: 1".repeat(MANY_HEADERS)),
            _ => None,
        }
    }
}

fn is_throttled(response: &ParsedResponse) -> bool {
    response.status == Status::ServiceUnavailable.code()
}

/// The token in a response, of any form that fits into a header and a template.
fn issued_token(response: &ParsedResponse) -> Option<String> {
    let text = core::str::from_utf8(&response.body).ok().filter(|_| response.status == 200)?;
    let fits =
        (8..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}".contains(&byte));
    fits.then(|| text.to_string())
}

/// The text with another character of the base64 alphabet at this index.
fn with_other_char(text: &str, index: usize) -> String {
    let replace = |at: usize, c: char| match (at == index, c) {
        (false, c) => c,
        (true, 'A') => 'B',
        (true, _) => 'A',
    };
    text.chars().enumerate().map(|(at, c)| replace(at, c)).collect()
}

/// Another spelling of the same 40 bytes: the last character before `==` has four unused bits.
fn respelt(token: &str) -> Option<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let body = token.strip_suffix("==").filter(|_| token.len() == TOKEN_CHARS)?;
    let (rest, last) = body.split_at(body.len() - 1);
    let index = ALPHABET.find(last)?;
    let other = ALPHABET.get((index ^ 1)..=(index ^ 1))?;
    Some(format!("{rest}{other}=="))
}

/// Tests whether the endpoint responds at all.
const PLAIN_REQUEST: &str = "GET /latest/meta-data/ HTTP/1.0\r\n\r\n";
/// After this time a token with a TTL of one second has expired.
const EXPIRY_MILLIS: u64 = 1_100;
/// The number of attempts while the response is 503, and the pause between them.
const ATTEMPTS: u32 = 8;
const RETRY_MILLIS: u64 = 250;
/// After each series of this many unanswered requests, the endpoint is tested with
/// [`PLAIN_REQUEST`].
const UNANSWERED_LIMIT: u32 = 8;
/// Together with Host, one more than the limit.
const MANY_HEADERS: usize = imds::limits::HEADERS;
