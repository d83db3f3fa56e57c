//! An EC2 account that receives forms.

use imds::connection::KeepAlive;
use imds::{Connection, Context, Nonce, Seed, Timestamp};
use imds_ec2::fleet::Settings;
use imds_ec2::{Fleet, query};

pub struct Account {
    pub fleet: Fleet,
    pub now: Timestamp,
    calls: u64,
}

/// The status and the XML of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub xml: String,
}

impl Account {
    /// Creates an account without instances. Transitions and changes of options take one second.
    pub fn new() -> Account {
        let mut fleet = Fleet::new(Seed::parse_hex("2a").unwrap());
        fleet.set_settings(Settings::new().with_transition_millis(1000).with_loopback_port(Some(1338)));
        Account { fleet, now: Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap(), calls: 0 }
    }

    pub fn with_defaults(defaults: &str) -> Account {
        let mut account = Account::new();
        account.ok(&format!("ModifyInstanceMetadataDefaults&{defaults}"));
        account
    }

    /// Sends an action and its parameters, for example `StopInstances&InstanceId.1=i-1`.
    pub fn send(&mut self, action: &str) -> Response {
        self.send_form(format!("Version=2016-11-15&Action={action}").as_bytes())
    }

    pub fn send_form(&mut self, form: &[u8]) -> Response {
        self.calls += 1;
        let response = query::handle(&mut self.fleet, self.now, form, Nonce::new(self.calls));
        Response { status: response.status, xml: String::from_utf8(response.body.into_bytes()).unwrap() }
    }

    /// Sends an action that must succeed.
    pub fn ok(&mut self, action: &str) -> Response {
        let response = self.send(action);
        assert_eq!(response.status, 200, "{action}\n{}", response.xml);
        response
    }

    /// Sends an action that must be rejected and change nothing. Returns the code and the message.
    pub fn rejected(&mut self, action: &str) -> (String, String) {
        let response = self.rejected_form(format!("Version=2016-11-15&Action={action}").as_bytes());
        assert_eq!(response.status, 400, "{action}\n{}", response.xml);
        (response.text("Code"), response.text("Message"))
    }

    pub fn rejected_form(&mut self, form: &[u8]) -> Response {
        let before = self.fleet.snapshot();
        let response = self.send_form(form);
        let text = String::from_utf8_lossy(form);
        assert!(response.status >= 400, "{text} is not rejected:\n{}", response.xml);
        assert_eq!(self.fleet.snapshot(), before, "{text} is rejected but has changed the fleet");
        response
    }

    /// Launches one instance with these additional parameters and waits until it runs.
    pub fn launch(&mut self, parameters: &str) -> String {
        let response = self.ok(&format!("{LAUNCH}&{parameters}"));
        self.advance(1000);
        response.text("instanceId")
    }

    /// The metadata of an instance at a path, or the status if it is not 200.
    pub fn metadata(&self, id: &str, path: &str) -> String {
        let token = self.exchange(id, "PUT /latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60").1;
        let (status, body) = self.exchange(id, &format!("GET {path}"), &format!("X-aws-ec2-metadata-token: {token}"));
        if status == 200 { body } else { status.to_string() }
    }

    /// The status of a request without a token.
    pub fn status_of_v1(&self, id: &str) -> u16 {
        self.exchange(id, "GET /latest/meta-data/", "A: b").0
    }

    fn exchange(&self, id: &str, line: &str, header: &str) -> (u16, String) {
        let instance = self.fleet.instance(id).expect("an instance").instance();
        let mut connection = Connection::new(self.now, KeepAlive::Off);
        connection.receive(self.now, format!("{line} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n").as_bytes());
        let request = connection.poll_request(self.now).expect("a complete head is a request");
        let answer = instance.answer(self.now, &request, Context::new(Nonce::new(7)));
        let mut bytes = Vec::new();
        answer.write(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        (answer.rule().status().code(), text.split_once("\r\n\r\n").map(|(_, body)| body.into()).unwrap_or_default())
    }

    pub fn advance(&mut self, millis: u64) {
        self.now = self.now.saturating_add_millis(millis);
    }
}

impl Response {
    /// The texts of all elements with this name, in order.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let (open, close, empty) = (format!("<{name}>"), format!("</{name}>"), format!("<{name}/>"));
        let mut found = Vec::new();
        let mut rest = self.xml.as_str();
        while let Some(at) = [&open, &empty].iter().filter_map(|tag| rest.find(tag.as_str())).min() {
            rest = &rest[at..];
            if rest.starts_with(&empty) {
                found.push(String::new());
                rest = &rest[empty.len()..];
            } else {
                let end = rest.find(&close).expect("every element is closed");
                found.push(unescaped(&rest[open.len()..end]));
                rest = &rest[open.len()..];
            }
        }
        found
    }

    /// The text of the first element with this name.
    pub fn text(&self, name: &str) -> String {
        self.texts(name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {}", self.xml))
    }

    /// The content of the first element with this name.
    pub fn element(&self, name: &str) -> Response {
        Response { status: self.status, xml: self.text(name) }
    }
}

/// A launch with its required parameters.
pub const LAUNCH: &str = "RunInstances&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1";

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&")];
    pairs.into_iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}
