//! Instances that are launched through the console and must exist after a restart.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::outcome::{Outcome, request};
use crate::client;
use crate::server::{ARGUMENTS, Server};

/// Stops and starts a server with the same state and console address, with listeners to its events.
pub fn restarts(_: usize, binary: &Path) -> Result<Outcome, String> {
    let folder = Folder::new("restarts")?;
    let state = folder.file("state.json");
    let mut console_address = "127.0.0.1:0".to_owned();
    let mut slowest = Duration::ZERO;
    let mut memory = (None, None);
    for round in 0..ROUNDS {
        let mut server = Server::spawn(command(Command::new(binary), &console_address, &state))?;
        let console = server.console_address()?;
        console_address = console.to_string();
        memory = (memory.0.or(server.resident()), server.resident());
        let listeners = (0..LISTENERS).map(|_| listen(console)).collect::<Result<Vec<_>, _>>()?;
        check_launched(console, round * LAUNCHES)?;
        for number in round * LAUNCHES..(round + 1) * LAUNCHES {
            launch(console, number)?;
        }
        slowest = slowest.max(request(&server, AFTER)?);
        server.stop()?;
        drop(listeners);
    }
    Ok(Outcome {
        test: format!("{ROUNDS} times: {LISTENERS} listeners, {LAUNCHES} launches, SIGTERM, start at the same address"),
        result: format!("each exited with 0; all {} instances existed afterwards", (ROUNDS - 1) * LAUNCHES),
        slowest,
        memory,
        allocator_bytes: 0,
    })
}

/// Adds the arguments for a server with a console and a state file.
pub fn command(mut command: Command, console: &str, state: &Path) -> Command {
    command.args(ARGUMENTS).args(["--console", console, "--state"]).arg(state);
    command
}

/// Launches an instance with a numbered tag, and waits for the response.
pub fn launch(console: SocketAddr, number: usize) -> Result<(), String> {
    let tag =
        "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value";
    let form = format!(
        "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1&{tag}={}",
        tag_value(number)
    );
    call_ec2(console, &form).map(drop)
}

/// Checks that the first `count` launched instances exist.
pub fn check_launched(console: SocketAddr, count: usize) -> Result<(), String> {
    let instances = call_ec2(console, "Action=DescribeInstances&Version=2016-11-15")?;
    match (0..count).find(|number| !instances.contains(&format!("<value>{}</value>", tag_value(*number)))) {
        None => Ok(()),
        Some(number) => Err(format!("{} was acknowledged but does not exist", tag_value(number))),
    }
}

/// Returns the tag of a launched instance.
pub fn tag_value(number: usize) -> String {
    format!("acknowledged-{number}-")
}

pub fn call_ec2(console: SocketAddr, form: &str) -> Result<String, String> {
    let mut stream = client::connect(console).map_err(|error| error.to_string())?;
    // Over HTTP/1.0 a response without Content-Length ends with the connection: long ones have none.
    let headers = "Content-Type: application/x-www-form-urlencoded";
    let length = form.len();
    let request = format!("POST / HTTP/1.0\r\nHost: {console}\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{form}");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut text = String::new();
    stream.read_to_string(&mut text).map_err(|error| error.to_string())?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("the response has no end of its head")?;
    match head.split(' ').nth(1) {
        Some("200") if body.ends_with("Response>\n") || body.ends_with("Response>") => Ok(body.to_owned()),
        Some("200") => Err("the response is cut off".to_owned()),
        _ => Err(format!("the status line is {:?}", head.lines().next().unwrap_or_default())),
    }
}

/// Listens to the events. Returns once the server has accepted the request.
fn listen(console: SocketAddr) -> Result<TcpStream, String> {
    let mut stream = client::connect(console).map_err(|error| error.to_string())?;
    let request = format!("GET /events HTTP/1.1\r\nHost: {console}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    stream.read_exact(&mut [0; "HTTP/1.1 200".len()]).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// A temporary folder, deleted when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Result<Folder, String> {
        let folder = std::env::temp_dir().join(format!("imds-load-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Folder(folder))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ROUNDS: usize = 5;
const LISTENERS: usize = 8;
const LAUNCHES: usize = 20;
const AFTER: usize = 50;
