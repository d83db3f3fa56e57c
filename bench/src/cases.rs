//! The measured requests, each with the headers of curl and of an SDK.

use std::hint::black_box;

use imds::connection::KeepAlive;
use imds::{Connection, Context, Instance, Nonce, Record, Scratch, Seed, Timestamp};

/// Two requests that are sent in turn.
pub struct Case {
    pub name: &'static str,
    pub client: &'static str,
    pub requests: [Vec<u8>; 2],
    pub kind: ResponseKind,
}

/// The kind of a response. It determines the work of the floor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    Put,
    /// Metadata. If the token is the one of the request before, nothing has to be hashed.
    Metadata {
        token_is_known: bool,
    },
    Unauthorized,
}

/// An instance and a kept connection, so that the measurement does not include the set-up.
pub struct Subject {
    pub instance: Instance,
    pub now: Timestamp,
    connection: Connection,
    scratch: Scratch,
    nonce: u64,
}

impl Subject {
    pub fn new() -> Subject {
        let now = Timestamp::saturating_from_millis(1_767_225_600_000);
        let record = Record::from_json(imds::record::DEFAULT_RECORD).expect("the default record is one");
        let instance = Instance::new(&record, &Seed::new([7; 32]), now).expect("the default record is one");
        Subject { instance, now, connection: Connection::new(now, KeepAlive::On), scratch: Scratch::new(), nonce: 0 }
    }

    /// Answers the next request of a case, from received bytes to sent bytes. Returns the length of
    /// the response.
    pub fn ask(&mut self, case: &Case) -> usize {
        self.nonce += 1;
        self.connection.receive(self.now, black_box(case.request(self.nonce)));
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let context = Context::new(Nonce::new(self.nonce));
        let answer = self.instance.answer_with(self.now, &request, context, &mut self.scratch);
        let response = &answer.response;
        self.connection.respond_with(self.now, response, &mut self.scratch).expect("a request is outstanding");
        self.sent()
    }

    /// Like [`Subject::ask`], without a scratch.
    pub fn ask_without_scratch(&mut self, case: &Case) -> usize {
        self.nonce += 1;
        self.connection.receive(self.now, black_box(case.request(self.nonce)));
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let answer = self.instance.answer(self.now, &request, Context::new(Nonce::new(self.nonce)));
        self.connection.respond(self.now, &answer.response).expect("a request is outstanding");
        self.sent()
    }

    fn sent(&mut self) -> usize {
        let length = self.connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
        self.connection.advance_transmit(self.now, length);
        length
    }

    /// The bytes of the response.
    pub fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        self.nonce += 1;
        self.connection.receive(self.now, request);
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let answer = self.instance.answer(self.now, &request, Context::new(Nonce::new(self.nonce)));
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
    let mut issue = || {
        let issued = subject.answer(&put(CURL));
        String::from_utf8_lossy(&issued[issued.len() - 56..]).into_owned()
    };
    let tokens = [issue(), issue()];
    let known = [&tokens[0], &tokens[0]].map(Clone::clone);
    let forged = tokens.clone().map(|mut token| {
        token.replace_range(50..51, if &token[50..51] == "A" { "B" } else { "A" });
        token
    });
    let get = |path: &str, token: &str, client: &str| {
        head("GET", path, &format!("X-aws-ec2-metadata-token: {token}"), client)
    };
    let mut cases = Vec::new();
    for (client, fields) in [("curl", CURL), ("SDK", SDK)] {
        cases.push(Case {
            name: "PUT token",
            client,
            requests: [(); 2].map(|()| put(fields)),
            kind: ResponseKind::Put,
        });
        for (name, path, tokens, kind) in [
            ("GET leaf, another token", LEAF, &tokens, ResponseKind::Metadata { token_is_known: false }),
            ("GET leaf, the same token", LEAF, &known, ResponseKind::Metadata { token_is_known: true }),
            ("GET listing, another token", LISTING, &tokens, ResponseKind::Metadata { token_is_known: false }),
            ("GET listing, the same token", LISTING, &known, ResponseKind::Metadata { token_is_known: true }),
            ("401", LEAF, &forged, ResponseKind::Unauthorized),
        ] {
            let requests = tokens.each_ref().map(|token| get(path, token, fields));
            cases.push(Case { name, client, requests, kind });
        }
    }
    cases
}

impl Case {
    /// The request whose turn it is.
    pub fn request(&self, turn: u64) -> &[u8] {
        &self.requests[(turn % 2) as usize]
    }
}

fn head(method: &str, path: &str, own: &str, client: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: 169.254.169.254\r\n{client}{own}\r\n\r\n").into_bytes()
}

const LISTING: &str = "/latest/meta-data/";
const LEAF: &str = "/latest/meta-data/instance-id";
const CURL: &str = "User-Agent: curl/8.14.1\r\nAccept: */*\r\n";
/// The fields of botocore.
const SDK: &str = "User-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.12 md/pyimpl#CPython\r\n\
    Accept-Encoding: identity\r\n";
