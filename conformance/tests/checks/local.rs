//! An instance in this process as an endpoint, with a clock that stands until somebody waits; and what may be wrong with it.

use imds::connection::{KeepAlive, State};
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Throttle, Timestamp};
use imds_conformance::{Endpoint, Options, Outcome, Pace, Reply, Report, Silence, run};

pub struct Local {
    pub instance: Instance,
    pub asked: Vec<String>,
    now: Timestamp,
    nonce: u64,
    throttle: Option<Throttle>,
    faults: Faults,
}

/// What an implementation does otherwise than ours.
#[derive(Clone, Copy)]
pub struct Faults {
    /// What becomes of a request before it is looked at.
    pub ask: fn(String) -> String,
    /// What becomes of an answer, beside the request as it was sent.
    pub answer: fn(&str, String) -> String,
    /// Whether connections stay open.
    pub open: bool,
    /// Whether a request is looked at as soon as some of it has come.
    pub hasty: bool,
    /// How many requests a second are answered at most.
    pub rate: Option<u32>,
}

pub const NONE: Faults =
    Faults { ask: |request| request, answer: |_, answer| answer, open: false, hasty: false, rate: None };

impl Local {
    pub fn new(record: &str) -> Local {
        let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        let instance =
            Instance::new(&Record::from_json(record).unwrap(), &Seed::parse_hex("2a").unwrap(), now).unwrap();
        Local { instance, asked: Vec::new(), now, nonce: 0, throttle: None, faults: NONE }
    }

    pub fn wrong(record: &str, faults: Faults) -> Local {
        Local { faults, throttle: faults.rate.map(Throttle::new), ..Local::new(record) }
    }

    /// The whole run, odd bytes included.
    pub fn report(&mut self) -> Report {
        run(self, Options { profile: None, intrusive: true }).unwrap()
    }

    fn bytes(&mut self, mut rest: &[u8], pace: Pace) -> (Vec<u8>, State) {
        let mut connection = Connection::new(self.now, KeepAlive::Off);
        let mut bytes = Vec::new();
        loop {
            let piece = if pace == Pace::Dribbled { &rest[..1] } else { rest };
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

impl Endpoint for Local {
    fn host(&self) -> &str {
        "169.254.169.254"
    }

    fn ask(&mut self, request: &[u8], pace: Pace) -> Result<Reply, Silence> {
        let request = String::from_utf8(request.to_vec()).unwrap();
        let (bytes, state) = self.bytes((self.faults.ask)(request.clone()).as_bytes(), pace);
        let is_cut = self.faults.hasty && pace == Pace::Dribbled;
        let bytes = if is_cut { b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec() } else { bytes };
        let bytes = match String::from_utf8(bytes) {
            Ok(answer) => (self.faults.answer)(&request, answer).into_bytes(),
            // User data that is no text.
            Err(error) => error.into_bytes(),
        };
        self.asked.push(request);
        Ok(Reply { bytes, closed: state != State::Open && !self.faults.open })
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.saturating_add_millis(millis);
    }
}

/// The names of the checks that came to this.
pub fn ids(report: &Report, outcome: Outcome) -> Vec<&str> {
    report.findings.iter().filter(|found| found.outcome == outcome).map(|found| found.id.as_str()).collect()
}

/// An instance that has everything there is.
pub fn full() -> String {
    let (_, story) = include_str!("../../../tests/transcripts/catalogue.txt").split_once("\ninstance {").unwrap();
    let (record, _) = story.split_once("\n\n").unwrap();
    // The story's ids are shorter than any of EC2's.
    let record = ["eni-1", "eni-2", "subnet-1", "subnet-2", "vpc-1"]
        .iter()
        .fold(record.to_owned(), |record, id| record.replace(&format!("\"{id}\""), &format!("\"{id}2345678\"")));
    format!(
        r#"{{"role": {{"name": "a-role"}}, "spot_interruption": {{"action": "terminate", "time": "2026-01-01T00:02:00Z"}},
        "rebalance_recommendation": {{"notice_time": "2026-01-01T00:00:00Z"}}, {record}"#
    )
}
