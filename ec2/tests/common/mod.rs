//! One request to an instance, for the tests of the fleet.

use imds::connection::KeepAlive;
use imds::{Connection, Context, Instance, Nonce, Timestamp};

/// Sends a request head and returns the status and the body of the response. The nonce is the time,
/// so two tokens of one time are equal.
pub fn exchange(instance: &Instance, now: Timestamp, head: &str) -> (u16, String) {
    let mut connection = Connection::new(now, KeepAlive::Off);
    connection.receive(now, head.as_bytes());
    let request = connection.poll_request(now).expect("a complete head is a request");
    let answer = instance.answer(now, &request, Context::new(Nonce::new(now.millis())));
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (answer.rule().status().code(), body)
}
