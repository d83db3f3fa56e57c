//! EC2's API as botocore asks a server's console for it.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Server;
use crate::dialogue::Dialogue;
use crate::python::python;

/// A client of a console. Whatever it is answered is held against botocore's model of EC2, too.
pub struct Ec2(Option<Dialogue>);

/// A refusal: EC2's code and the HTTP status.
pub type Refusal = (String, u64);

impl Ec2 {
    pub fn of(server: &Server) -> Option<Ec2> {
        let python = python()?;
        let idle = IDLE.lock().expect(SOUND).pop();
        let dialogue = idle.unwrap_or_else(|| Dialogue::with(python.client("ec2_api.py", &[])));
        let mut ec2 = Ec2(Some(dialogue));
        ec2.ask("at", &[json!(format!("http://{}", server.console()))]);
        Some(ec2)
    }

    /// What an operation answers.
    #[track_caller]
    pub fn done(&mut self, operation: &str, parameters: Value) -> Value {
        self.ask("call", &[json!(operation), parameters])
    }

    /// How an operation is refused.
    #[track_caller]
    pub fn refused(&mut self, operation: &str, parameters: Value) -> Refusal {
        let refusal = self.refusal(operation, parameters);
        (text(&refusal["Code"]), refusal["status"].as_u64().expect("a status"))
    }

    /// The same with the message: `Code`, `Message` and `status`.
    #[track_caller]
    pub fn refusal(&mut self, operation: &str, parameters: Value) -> Value {
        match self.outcome(operation, parameters) {
            Err(refusal) => refusal,
            Ok(answer) => panic!("{operation} is not refused: {answer}"),
        }
    }

    /// An operation's answer or its refusal. botocore lets pass what its own model does not allow.
    #[track_caller]
    pub fn outcome(&mut self, operation: &str, parameters: Value) -> Result<Value, Value> {
        let mut outcome = self.ask("outcome", &[json!(operation), parameters]);
        match outcome["refused"].take() {
            Value::Null => Ok(outcome["done"].take()),
            refusal => Err(refusal),
        }
    }

    /// What the operation's paginator gives, page by page, of each what a JMESPath picks.
    #[track_caller]
    pub fn pages(&mut self, operation: &str, parameters: Value, size: u32, pick: &str) -> Vec<Value> {
        list(&self.ask("pages", &[json!(operation), parameters, json!(size), json!(pick)]))
    }

    /// How often a waiter asked until it had what it waits for; or why it gave up.
    #[track_caller]
    pub fn wait(&mut self, waiter: &str, parameters: Value) -> Result<u64, String> {
        waited(&self.ask("wait", &[json!(waiter), parameters]))
    }

    /// The same, where an operation is done once the waiter has asked for the first time.
    #[track_caller]
    pub fn wait_while(&mut self, waiter: &str, parameters: Value, operation: &str, with: Value) -> Result<u64, String> {
        waited(&self.ask("wait", &[json!(waiter), parameters, json!([operation, with])]))
    }

    /// The names of the filters that EC2's documentation gives an operation.
    pub fn documented_filters(&mut self, operation: &str) -> Vec<String> {
        list(&self.ask("documented_filters", &[json!(operation)])).iter().map(text).collect()
    }

    /// The output that AWS's own example of an AWS CLI's command shows.
    pub fn example(&mut self, command: &str) -> Value {
        self.ask("example", &[json!(command)])
    }

    /// What the model has against the last answer where another text stands in it.
    #[track_caller]
    pub fn altered(&mut self, old: &str, new: &str) -> Vec<String> {
        list(&self.ask("altered", &[json!(old), json!(new)])).iter().map(text).collect()
    }

    /// What the model has against an element without members as an operation's input.
    pub fn of_nothing(&mut self, operation: &str) -> Vec<String> {
        list(&self.ask("of_nothing", &[json!(operation)])).iter().map(text).collect()
    }

    /// Launches so many instances, with these parameters besides, and gives their ids.
    #[track_caller]
    pub fn launch(&mut self, count: u32, parameters: Value) -> Vec<String> {
        let mut all = json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": count, "MaxCount": count });
        let more = parameters.as_object().cloned().unwrap_or_default();
        all.as_object_mut().expect("parameters").extend(more);
        list(&self.ask("call", &[json!("RunInstances"), all, json!("Instances[].InstanceId")]))
            .iter()
            .map(text)
            .collect()
    }

    /// One instance as it is described.
    #[track_caller]
    pub fn described(&mut self, id: &str) -> Value {
        let mut instances = self.found(json!({ "InstanceIds": [id] }));
        instances.pop().unwrap_or_else(|| panic!("{id} is not described"))
    }

    /// All instances that `DescribeInstances` gives.
    #[track_caller]
    pub fn found(&mut self, parameters: Value) -> Vec<Value> {
        instances(&self.done("DescribeInstances", parameters))
    }

    #[track_caller]
    fn ask(&mut self, command: &str, arguments: &[Value]) -> Value {
        // Arguments stand between blanks, and have none within.
        let words = arguments.iter().map(|argument| argument.to_string().replace(' ', "\\u0020"));
        let question = [command.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        let dialogue = self.0.as_mut().expect("it is there until the client is dropped");
        dialogue.ask_within(PATIENCE, &question).unwrap_or_else(|error| panic!("{question}: {error}"))
    }
}

impl Drop for Ec2 {
    fn drop(&mut self) {
        // What is left in the middle of something is of no use to others.
        if !thread::panicking() {
            IDLE.lock().expect(SOUND).extend(self.0.take());
        }
    }
}

/// botocore reads a thousand instances in a second of its own, and pages come ten at once.
const PATIENCE: Duration = Duration::from_secs(240);

/// Those that nobody asks for now: botocore takes longer to start than most tests. Each ends when its input does.
static IDLE: Mutex<Vec<Dialogue>> = Mutex::new(Vec::new());
const SOUND: &str = "no panic while one is taken or put back";

/// The instances of a description's reservations.
pub fn instances(described: &Value) -> Vec<Value> {
    list(&described["Reservations"]).iter().flat_map(|reservation| list(&reservation["Instances"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list")).clone()
}

fn waited(outcome: &Value) -> Result<u64, String> {
    match &outcome["gave_up"] {
        Value::String(why) => Err(why.clone()),
        _ => Ok(outcome["asked"].as_u64().expect("a count")),
    }
}
