//! An instance in this process as an endpoint, optionally with faults. Its clock advances only in
//! `wait`.

use imds::connection::{KeepAlive, State};
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Throttle, Timestamp};
use imds_conformance::{CheckOptions, Endpoint, NoReply, Outcome, Pace, RawResponse, Report, run};

pub struct InProcess {
    pub instance: Instance,
    /// All requests that were sent.
    pub requests: Vec<String>,
    now: Timestamp,
    nonce: u64,
    throttle: Option<Throttle>,
    faults: Faults,
}

/// Differences from this implementation.
#[derive(Clone, Copy)]
pub struct Faults {
    /// Changes a request before it is parsed.
    pub request: fn(String) -> String,
    /// Changes a response. The first argument is the request as it was sent.
    pub response: fn(&str, String) -> String,
    /// Connections stay open.
    pub keeps_open: bool,
    /// A request is rejected if it does not arrive at once.
    pub hasty: bool,
    /// The rate limit, in requests per second.
    pub rate: Option<u32>,
}

pub const NONE: Faults = Faults {
    request: |request| request,
    response: |_, response| response,
    keeps_open: false,
    hasty: false,
    rate: None,
};

impl InProcess {
    pub fn new(record: &str) -> InProcess {
        let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        let instance =
            Instance::new(&Record::from_json(record).unwrap(), &Seed::parse_hex("2a").unwrap(), now).unwrap();
        InProcess { instance, requests: Vec::new(), now, nonce: 0, throttle: None, faults: NONE }
    }

    pub fn faulty(record: &str, faults: Faults) -> InProcess {
        InProcess { faults, throttle: faults.rate.map(Throttle::new), ..InProcess::new(record) }
    }

    /// The report of an intrusive run.
    pub fn report(&mut self) -> Report {
        run(self, CheckOptions { profile: None, intrusive: true }).unwrap()
    }

    fn respond(&mut self, mut rest: &[u8], pace: Pace) -> (Vec<u8>, State) {
        let mut connection = Connection::new(self.now, KeepAlive::Off);
        let mut bytes = Vec::new();
        loop {
            let piece = if pace == Pace::ByteByByte { &rest[..1] } else { rest };
            let taken = connection.receive(self.now, piece);
            rest = &rest[taken..];
            while let Some(request) = connection.poll_request(self.now) {
                let throttled = self.throttle.as_mut().is_some_and(|throttle| !throttle.admit(self.now));
                let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
                let answer = self.instance.answer(self.now, &request, context);
                self.nonce += 1;
                connection.respond(self.now, &answer.response).unwrap();
            }
            while let Some(transmit) = connection.poll_transmit() {
                bytes.extend_from_slice(transmit.bytes);
                let sent = transmit.bytes.len();
                connection.advance_transmit(self.now, sent);
            }
            if rest.is_empty() || taken == 0 {
                return (bytes, connection.state());
            }
        }
    }
}

impl Endpoint for InProcess {
    fn host(&self) -> &str {
        "169.254.169.254"
    }

    fn send(&mut self, request: &[u8], pace: Pace) -> Result<RawResponse, NoReply> {
        let request = String::from_utf8(request.to_vec()).unwrap();
        let (bytes, state) = self.respond((self.faults.request)(request.clone()).as_bytes(), pace);
        let is_rejected = self.faults.hasty && pace == Pace::ByteByByte;
        let bytes = if is_rejected { b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec() } else { bytes };
        let bytes = match String::from_utf8(bytes) {
            Ok(response) => (self.faults.response)(&request, response).into_bytes(),
            // User data that is not UTF-8.
            Err(error) => error.into_bytes(),
        };
        self.requests.push(request);
        Ok(RawResponse { bytes, closed: state != State::Open && !self.faults.keeps_open })
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.saturating_add_millis(millis);
    }
}

/// The ids of the checks with this outcome.
pub fn ids(report: &Report, outcome: Outcome) -> Vec<&str> {
    let findings = report.findings.iter().filter(|finding| finding.outcome == outcome);
    findings.map(|finding| finding.id.as_str()).collect()
}

/// A record with every optional category.
pub fn full() -> String {
    let (_, steps) = include_str!("../../../tests/transcripts/catalogue.txt").split_once("\ninstance {").unwrap();
    let (record, _) = steps.split_once("\n\n").unwrap();
    // The ids in the transcript are shorter than EC2's.
    let record = ["eni-1", "eni-2", "subnet-1", "subnet-2", "vpc-1"]
        .iter()
        .fold(record.to_owned(), |record, id| record.replace(&format!("\"{id}\""), &format!("\"{id}2345678\"")));
    let record = record.replacen(r#""mac": "#, r#""ipv4_prefixes": ["10.0.0.16/28"], "mac": "#, 1);
    format!(
        r#"{{"role": {{"name": "a-role"}}, "outpost_arn": "arn:aws:outposts:us-east-1:123456789012:outpost/op-1",
        "spot_interruption": {{"action": "terminate", "time": "2026-01-01T00:02:00Z"}},
        "rebalance_recommendation": {{"notice_time": "2026-01-01T00:00:00Z"}}, {record}"#
    )
}
