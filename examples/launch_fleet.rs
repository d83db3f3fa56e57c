//! Launches two instances, reads their metadata, and changes them with EC2's Query API, all in
//! memory.
//!
//! The clock, seed and nonces are fixed, so every run prints the same bytes.
//!
//! ```sh
//! cargo run -p imds-examples --bin launch_fleet
//! ```

use std::error::Error;
use std::net::IpAddr;

use imds::http::Request;
use imds::{Context, Nonce, Record, Seed, Timestamp};
use imds_ec2::fleet::{Fleet, Launch};
use imds_ec2::query;

fn main() -> Result<(), Box<dyn Error>> {
    let mut now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
    let mut fleet = Fleet::new(Seed::parse_hex("2a")?);
    let record = Record::from_json(r#"{ "instance_type": "t3.micro", "tags": { "Name": "web" } }"#)?;
    let ids = fleet.launch(now, &Launch::new(record).with_count(2))?;

    // A shell finds the instance by the address that the client connects to, or from.
    let mut addresses: Vec<IpAddr> = Vec::new();
    for id in &ids {
        let instance = fleet.instance(id).ok_or("not launched")?.instance();
        addresses.push(instance.details().primary().local_ipv4s[0].into());
    }
    for &address in &addresses {
        println!("{address}: {}", get(&fleet, now, address, "/latest/meta-data/instance-id")?);
    }

    // The Query API is how the AWS CLI and the SDKs change instances.
    let form = format!(
        "Action=ModifyInstanceMetadataOptions&Version={}&InstanceId={}&HttpTokens=required",
        query::VERSION,
        &*ids[0]
    );
    let response = query::handle(&mut fleet, now, form.as_bytes(), Nonce::new(1));
    println!("{} {}", response.status, String::from_utf8_lossy(&response.body.into_bytes()));

    // A change of the options takes effect after a second.
    now = now.saturating_add_seconds(1);
    fleet.handle_timeout(now);
    fleet.terminate(now, &ids[1])?;
    for &address in &addresses {
        println!("{address}: {}", get(&fleet, now, address, "/latest/meta-data/instance-id")?);
    }
    while let Some(event) = fleet.poll_event() {
        println!("{} {} {:?}", event.at, &*event.instance, event.kind);
    }
    Ok(())
}

/// The status line and body of the response to a GET without a token.
fn get(fleet: &Fleet, now: Timestamp, address: IpAddr, path: &str) -> Result<String, Box<dyn Error>> {
    let Some(found) = fleet.find_by_address(now, address) else { return Ok("no response".to_owned()) };
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let request = Request::parse(head.as_bytes());
    let answer = found.instance().answer(now, &request, Context::new(Nonce::new(0)));
    let mut response = Vec::new();
    answer.write(&mut response);
    let response = String::from_utf8(response)?;
    let (status_line, _) = response.split_once("\r\n").ok_or("no head")?;
    let (_, body) = response.split_once("\r\n\r\n").ok_or("no body")?;
    let body = if body.starts_with('<') { "an error page" } else { body };
    Ok(format!("{status_line}, {body} (rule {})", answer.rule().id))
}
