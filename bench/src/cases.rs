//! The measured requests: four, each with the headers of curl and of an SDK.

use imds::connection::KeepAlive;
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Timestamp};

/// A request that is sent repeatedly.
pub struct Case {
    pub name: &'static str,
    pub client: &'static str,
    pub request: Vec<u8>,
    pub kind: ResponseKind,
}

/// The kind of a response. It determines the work of the floor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    Put,
    Leaf,
    Listing,
    Unauthorized,
}

/// An instance and a kept connection, so that the measurement does not include the set-up.
pub struct Subject {
    pub instance: Instance,
    pub now: Timestamp,
    connection: Connection,
    nonce: u64,
}

impl Subject {
    pub fn new() -> Subject {
        let now = Timestamp::saturating_from_millis(1_767_225_600_000);
        let record = Record::from_json(imds::record::DEFAULT_RECORD).expect("the default record is one");
        let instance = Instance::new(&record, &Seed::new([7; 32]), now).expect("the default record is one");
        Subject { instance, now, connection: Connection::new(now, KeepAlive::On), nonce: 0 }
    }

    /// Answers a request, from received bytes to sent bytes. Returns the length of the response.
    pub fn ask(&mut self, request: &[u8]) -> usize {
        self.nonce += 1;
        self.connection.receive(self.now, request);
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let answer = self.instance.answer(self.now, &request, Context::new(Nonce::new(self.nonce)));
        self.connection.respond(self.now, &answer.response).expect("a request is outstanding");
        let length = self.connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
        self.connection.advance_transmit(self.now, length);
        length
    }

    /// The bytes of the response.
    pub fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        self.connection.receive(self.now, request);
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let answer = self.instance.answer(self.now, &request, Context::new(Nonce::new(0)));
        let mut bytes = Vec::new();
        answer.write(&mut bytes);
        self.connection.respond(self.now, &answer.response).expect("a request is outstanding");
        self.connection.advance_transmit(self.now, usize::MAX);
        bytes
    }
}

/// The cases. Their token does not expire, because the clock of the benchmark stands still.
pub fn cases(subject: &mut Subject) -> Vec<Case> {
    let put = |client: &str| head("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 21600", client);
    let issued = subject.answer(&put(CURL));
    let token = String::from_utf8_lossy(&issued[issued.len() - 56..]).into_owned();
    let mut forged = token.clone();
    forged.replace_range(50..51, if &token[50..51] == "A" { "B" } else { "A" });
    let get = |path: &str, token: &str, client: &str| {
        head("GET", path, &format!("X-aws-ec2-metadata-token: {token}"), client)
    };
    let mut cases = Vec::new();
    for (client, fields) in [("curl", CURL), ("SDK", SDK)] {
        cases.push(Case { name: "PUT token", client, request: put(fields), kind: ResponseKind::Put });
        for (name, path, token, kind) in [
            ("GET leaf with token", LEAF, &token, ResponseKind::Leaf),
            ("GET listing with token", "/latest/meta-data/", &token, ResponseKind::Listing),
            ("401", LEAF, &forged, ResponseKind::Unauthorized),
        ] {
            cases.push(Case { name, client, request: get(path, token, fields), kind });
        }
    }
    cases
}

fn head(method: &str, path: &str, own: &str, client: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: 169.254.169.254\r\n{client}{own}\r\n\r\n").into_bytes()
}

const LEAF: &str = "/latest/meta-data/instance-id";
const CURL: &str = "User-Agent: curl/8.14.1\r\nAccept: */*\r\n";
/// The fields of botocore.
const SDK: &str = "User-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.12 md/pyimpl#CPython\r\n\
    Accept-Encoding: identity\r\n";
