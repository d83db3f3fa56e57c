//! An account of EC2's, asked by forms.

use imds::connection::KeepAlive;
use imds::{Connection, Context, Nonce, Seed, Timestamp};
use imds_ec2::fleet::Settings;
use imds_ec2::{Fleet, query};

pub struct Account {
    pub fleet: Fleet,
    pub now: Timestamp,
    calls: u64,
}

/// An answer: its status and its XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub xml: String,
}

impl Account {
    /// One without instances, in which states and options take a second to come.
    pub fn new() -> Account {
        let mut fleet = Fleet::new(Seed::parse_hex("2a").unwrap());
        fleet.set_settings(Settings::new().with_transition_millis(1000).with_loopback_port(Some(1338)));
        Account { fleet, now: Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap(), calls: 0 }
    }

    pub fn with_defaults(defaults: &str) -> Account {
        let mut account = Account::new();
        account.done(&format!("ModifyInstanceMetadataDefaults&{defaults}"));
        account
    }

    /// Asks for an action, its parameters behind its name.
    pub fn ask(&mut self, action: &str) -> Answer {
        self.ask_as_is(format!("Version=2016-11-15&Action={action}").as_bytes())
    }

    pub fn ask_as_is(&mut self, form: &[u8]) -> Answer {
        self.calls += 1;
        let reply = query::handle(&mut self.fleet, self.now, form, Nonce::new(self.calls));
        Answer { status: reply.status, xml: String::from_utf8(reply.body).unwrap() }
    }

    /// Asks for what is to be done.
    pub fn done(&mut self, action: &str) -> Answer {
        let answer = self.ask(action);
        assert_eq!(answer.status, 200, "{action}\n{}", answer.xml);
        answer
    }

    /// Asks for what is to be refused, without a change of anything: the code and the message.
    pub fn refused(&mut self, action: &str) -> (String, String) {
        let answer = self.refused_as_is(format!("Version=2016-11-15&Action={action}").as_bytes());
        assert_eq!(answer.status, 400, "{action}\n{}", answer.xml);
        (answer.one("Code"), answer.one("Message"))
    }

    pub fn refused_as_is(&mut self, form: &[u8]) -> Answer {
        let before = self.fleet.snapshot();
        let answer = self.ask_as_is(form);
        let shown = String::from_utf8_lossy(form);
        assert!(answer.status >= 400, "{shown} is not refused:\n{}", answer.xml);
        assert_eq!(self.fleet.snapshot(), before, "{shown} is refused, and yet something changed");
        answer
    }

    /// Launches one instance, with these parameters besides, and lets it come up.
    pub fn launch(&mut self, parameters: &str) -> String {
        let answer = self.done(&format!("{LAUNCH}&{parameters}"));
        self.pass(1000);
        answer.one("instanceId")
    }

    /// What the metadata of an instance has at a path.
    pub fn metadata(&self, id: &str, path: &str) -> String {
        let token = self.exchange(id, "PUT /latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60").1;
        let (status, body) = self.exchange(id, &format!("GET {path}"), &format!("X-aws-ec2-metadata-token: {token}"));
        if status == 200 { body } else { status.to_string() }
    }

    /// The status of a request without a token.
    pub fn status_of_v1(&self, id: &str) -> u16 {
        self.exchange(id, "GET /latest/meta-data/", "A: b").0
    }

    fn exchange(&self, id: &str, line: &str, field: &str) -> (u16, String) {
        let instance = self.fleet.instance(id).expect("an instance").instance();
        let mut connection = Connection::new(self.now, KeepAlive::Off);
        connection.receive(self.now, format!("{line} HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\n").as_bytes());
        let request = connection.poll_request(self.now).expect("a whole head is a request");
        let answer = instance.answer(self.now, &request, Context::new(Nonce::new(7)));
        let mut bytes = Vec::new();
        answer.write(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        (answer.rule().status().code(), text.split_once("\r\n\r\n").map(|(_, body)| body.into()).unwrap_or_default())
    }

    pub fn pass(&mut self, millis: u64) {
        self.now = self.now.saturating_add_millis(millis);
    }
}

impl Answer {
    /// The texts of all elements of a name, in their order.
    pub fn all(&self, name: &str) -> Vec<String> {
        let (open, close, empty) = (format!("<{name}>"), format!("</{name}>"), format!("<{name}/>"));
        let mut found = Vec::new();
        let mut rest = self.xml.as_str();
        while let Some(at) = [&open, &empty].iter().filter_map(|tag| rest.find(tag.as_str())).min() {
            rest = &rest[at..];
            if rest.starts_with(&empty) {
                found.push(String::new());
                rest = &rest[empty.len()..];
            } else {
                let end = rest.find(&close).expect("what is opened is closed");
                found.push(unescaped(&rest[open.len()..end]));
                rest = &rest[open.len()..];
            }
        }
        found
    }

    /// The text of the first element of a name.
    pub fn one(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {}", self.xml))
    }

    /// What stands between the first element of that name and its end.
    pub fn within(&self, name: &str) -> Answer {
        Answer { status: self.status, xml: self.one(name) }
    }
}

/// What every launch needs.
pub const LAUNCH: &str = "RunInstances&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1";

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&")];
    pairs.into_iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}
