//! A virtual machine monitor that answers its guest's metadata requests itself, without a socket.
//!
//! Channels represent the queues of a virtio network device. A packet is the payload of a TCP
//! segment with the hop limit of its IP header; the TCP state machine is left out. The clock, seed
//! and nonce are fixed, so every run prints the same bytes.
//!
//! ```sh
//! cargo run -p imds-examples --bin virtio_vmm
//! ```

use std::error::Error;
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::thread;

use imds::connection::{KeepAlive, State};
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Timestamp};

struct Packet {
    hop_limit: u8,
    payload: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let record =
        Record::from_json(r#"{ "instance_type": "t3.micro", "metadata_options": { "http_tokens": "required" } }"#)?;
    let boot = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
    let instance = Instance::new(&record, &Seed::parse_hex("2a")?, boot)?;

    let (transmit_queue, from_guest) = channel();
    let (to_guest, receive_queue) = channel();
    let guest = thread::spawn(move || run_guest(&transmit_queue, &receive_queue));
    run_device(&instance, boot, &from_guest, &to_guest)?;
    drop(to_guest);
    guest.join().expect("the guest does not panic")?;
    Ok(())
}

/// Serves one connection after another, until the guest stops. A real loop also runs
/// [`Connection::handle_timeout`] at [`Connection::poll_timeout`].
fn run_device(
    instance: &Instance,
    boot: Timestamp,
    from_guest: &Receiver<Packet>,
    to_guest: &Sender<Packet>,
) -> Result<(), Box<dyn Error>> {
    let mut connection = Connection::new(boot, KeepAlive::Off);
    for (millis, packet) in from_guest.iter().enumerate() {
        let now = boot.saturating_add_millis(millis as u64);
        connection.receive(now, &packet.payload);
        if let Some(request) = connection.poll_request(now) {
            let answer = instance.answer(now, &request, Context::new(Nonce::new(millis as u64)));
            connection.respond(now, &answer.response)?;
        }
        while let Some(transmit) = connection.poll_transmit() {
            let segment = &transmit.bytes[..transmit.bytes.len().min(SEGMENT_BYTES)];
            let hop_limit = transmit.hop_limit.map_or(DEFAULT_HOP_LIMIT, |limit| limit.get());
            to_guest.send(Packet { hop_limit, payload: segment.to_vec() })?;
            let sent = segment.len();
            connection.advance_transmit(now, sent);
        }
        if connection.state() == State::Closed {
            // An empty payload represents FIN.
            to_guest.send(Packet { hop_limit: DEFAULT_HOP_LIMIT, payload: Vec::new() })?;
            connection.reset(now, KeepAlive::Off);
        }
    }
    Ok(())
}

/// Requests a token and reads a value with it.
fn run_guest(to_device: &Sender<Packet>, from_device: &Receiver<Packet>) -> Result<(), RecvError> {
    let token = exchange(
        to_device,
        from_device,
        "PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n",
    )?;
    let get = "GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: 169.254.169.254\r\n";
    exchange(to_device, from_device, &format!("{get}X-aws-ec2-metadata-token: {token}\r\n\r\n"))?;
    exchange(to_device, from_device, &format!("{get}\r\n"))?;
    Ok(())
}

/// Sends a request in two packets, prints the response and returns its body.
fn exchange(to_device: &Sender<Packet>, from_device: &Receiver<Packet>, request: &str) -> Result<String, RecvError> {
    for part in request.as_bytes().chunks(request.len().div_ceil(2)) {
        to_device.send(Packet { hop_limit: DEFAULT_HOP_LIMIT, payload: part.to_vec() }).map_err(|_| RecvError)?;
    }
    let mut response = Vec::new();
    loop {
        let packet = from_device.recv()?;
        if packet.payload.is_empty() {
            break;
        }
        println!("{} bytes, hop limit {}", packet.payload.len(), packet.hop_limit);
        response.extend_from_slice(&packet.payload);
    }
    let response = String::from_utf8_lossy(&response).into_owned();
    println!("{response}\n");
    Ok(response.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

const SEGMENT_BYTES: usize = 200;
const DEFAULT_HOP_LIMIT: u8 = 64;
