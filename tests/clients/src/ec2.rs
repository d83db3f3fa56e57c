//! EC2's API on a server's console, called with botocore.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Server;
use crate::dialogue::Dialogue;
use crate::python::python;

/// A client of a console. It also compares each response with botocore's model of EC2.
pub struct Ec2(Option<Dialogue>);

/// An error: EC2's code and the HTTP status.
pub type ApiError = (String, u64);

impl Ec2 {
    pub fn of(server: &Server) -> Option<Ec2> {
        let python = python()?;
        let idle = IDLE.lock().expect(NOT_POISONED).pop();
        let dialogue = idle.unwrap_or_else(|| Dialogue::with(python.client("ec2_api.py", &[])));
        let mut ec2 = Ec2(Some(dialogue));
        ec2.command("at", &[json!(format!("http://{}", server.console()))]);
        Some(ec2)
    }

    /// Calls an operation and returns its output.
    #[track_caller]
    pub fn call(&mut self, operation: &str, parameters: Value) -> Value {
        self.command("call", &[json!(operation), parameters])
    }

    /// Calls an operation that must fail, and returns its error.
    #[track_caller]
    pub fn error(&mut self, operation: &str, parameters: Value) -> ApiError {
        let error = self.error_response(operation, parameters);
        (text(&error["Code"]), error["status"].as_u64().expect("a status"))
    }

    /// Like [`error`](Ec2::error), with the message: `Code`, `Message` and `status`.
    #[track_caller]
    pub fn error_response(&mut self, operation: &str, parameters: Value) -> Value {
        match self.outcome(operation, parameters) {
            Err(error) => error,
            Ok(response) => panic!("{operation} is not rejected: {response}"),
        }
    }

    /// Calls an operation and returns its output or its error, without botocore's own validation.
    #[track_caller]
    pub fn outcome(&mut self, operation: &str, parameters: Value) -> Result<Value, Value> {
        let mut outcome = self.command("outcome", &[json!(operation), parameters]);
        match outcome["rejected"].take() {
            Value::Null => Ok(outcome["done"].take()),
            error => Err(error),
        }
    }

    /// The pages of the operation's paginator, reduced to what a JMESPath selects.
    #[track_caller]
    pub fn pages(&mut self, operation: &str, parameters: Value, size: u32, pick: &str) -> Vec<Value> {
        list(&self.command("pages", &[json!(operation), parameters, json!(size), json!(pick)]))
    }

    /// Runs a waiter. Returns the number of its requests, or the reason why it gave up.
    #[track_caller]
    pub fn wait(&mut self, waiter: &str, parameters: Value) -> Result<u64, String> {
        waited(&self.command("wait", &[json!(waiter), parameters]))
    }

    /// Like [`wait`](Ec2::wait), but calls an operation after the waiter's first request.
    #[track_caller]
    pub fn wait_while(&mut self, waiter: &str, parameters: Value, operation: &str, with: Value) -> Result<u64, String> {
        waited(&self.command("wait", &[json!(waiter), parameters, json!([operation, with])]))
    }

    /// The names of an operation's filters in EC2's documentation.
    pub fn documented_filters(&mut self, operation: &str) -> Vec<String> {
        list(&self.command("documented_filters", &[json!(operation)])).iter().map(text).collect()
    }

    /// The output in AWS's example of an AWS CLI command.
    pub fn example(&mut self, command: &str) -> Value {
        self.command("example", &[json!(command)])
    }

    /// The faults that the model finds in the last response after a replacement of text.
    #[track_caller]
    pub fn faults_of_altered(&mut self, old: &str, new: &str) -> Vec<String> {
        list(&self.command("faults_of_altered", &[json!(old), json!(new)])).iter().map(text).collect()
    }

    /// The faults that the model finds in an empty input of the operation.
    pub fn missing_members(&mut self, operation: &str) -> Vec<String> {
        list(&self.command("missing_members", &[json!(operation)])).iter().map(text).collect()
    }

    /// Launches instances with these additional parameters, and returns their ids.
    #[track_caller]
    pub fn launch(&mut self, count: u32, parameters: Value) -> Vec<String> {
        let mut all = json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": count, "MaxCount": count });
        let more = parameters.as_object().cloned().unwrap_or_default();
        all.as_object_mut().expect("parameters").extend(more);
        list(&self.command("call", &[json!("RunInstances"), all, json!("Instances[].InstanceId")]))
            .iter()
            .map(text)
            .collect()
    }

    /// The description of one instance.
    #[track_caller]
    pub fn described(&mut self, id: &str) -> Value {
        let mut instances = self.found(json!({ "InstanceIds": [id] }));
        instances.pop().unwrap_or_else(|| panic!("{id} is not described"))
    }

    /// The instances in the response of `DescribeInstances`.
    #[track_caller]
    pub fn found(&mut self, parameters: Value) -> Vec<Value> {
        instances(&self.call("DescribeInstances", parameters))
    }

    #[track_caller]
    fn command(&mut self, command: &str, arguments: &[Value]) -> Value {
        // A blank separates arguments, so an argument contains none.
        let words = arguments.iter().map(|argument| argument.to_string().replace(' ', "\\u0020"));
        let question = [command.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        let dialogue = self.0.as_mut().expect("set until the client is dropped");
        dialogue.run_with_timeout(TIMEOUT, &question).unwrap_or_else(|error| panic!("{question}: {error}"))
    }
}

impl Drop for Ec2 {
    fn drop(&mut self) {
        // A panic may have interrupted a command, so the process is not reused.
        if !thread::panicking() {
            IDLE.lock().expect(NOT_POISONED).extend(self.0.take());
        }
    }
}

/// botocore takes a second to read a thousand instances, and ten pages are read at once.
const TIMEOUT: Duration = Duration::from_secs(240);

/// Idle processes, kept because botocore takes longer to start than most tests. Each ends with its
/// input.
static IDLE: Mutex<Vec<Dialogue>> = Mutex::new(Vec::new());
const NOT_POISONED: &str = "no panic while the lock is held";

/// The instances of all reservations.
pub fn instances(described: &Value) -> Vec<Value> {
    list(&described["Reservations"]).iter().flat_map(|reservation| list(&reservation["Instances"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string")).to_owned()
}

pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is not an array")).clone()
}

fn waited(outcome: &Value) -> Result<u64, String> {
    match &outcome["gave_up"] {
        Value::String(why) => Err(why.clone()),
        _ => Ok(outcome["polls"].as_u64().expect("a count")),
    }
}
