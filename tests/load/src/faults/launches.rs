//! Instances that are launched by the console, and found again by it.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Seen, ask};
use crate::client::{self, Answer};
use crate::server::{QUIET, Server};

/// Ends and starts a server on one state and one console address, with listeners that hang on its events.
pub fn restarts(_: usize, binary: &Path) -> Result<Seen, String> {
    let folder = Folder::new("restarts")?;
    let state = folder.file("state.json");
    let mut place = "127.0.0.1:0".to_owned();
    let mut slowest = Duration::ZERO;
    let mut memory = (None, None);
    for round in 0..ROUNDS {
        let mut server = Server::spawn(command(Command::new(binary), &place, &state))?;
        let console = server.next_address("imds: console on http://")?;
        place = console.to_string();
        memory = (memory.0.or(server.resident()), server.resident());
        let listening = (0..LISTENERS).map(|_| listen(console)).collect::<Result<Vec<_>, _>>()?;
        are_there(console, round * LAUNCHES)?;
        for number in round * LAUNCHES..(round + 1) * LAUNCHES {
            launch(console, number)?;
        }
        slowest = slowest.max(ask(&server, AFTER)?);
        let status = server.stop()?;
        if status.code() != Some(0) {
            return Err(format!("it ended with {status}"));
        }
        drop(listening);
    }
    Ok(Seen {
        tried: format!(
            "{ROUNDS} times: {LISTENERS} listeners, {LAUNCHES} launches, SIGTERM, a start at the same address"
        ),
        did: format!("each ended with 0; all {} instances were there again", (ROUNDS - 1) * LAUNCHES),
        slowest,
        memory,
        kept: 0,
    })
}

/// A server with a console there and a state in this file.
pub fn command(mut command: Command, console: &str, state: &Path) -> Command {
    command.args(QUIET).args(["--console", console, "--state"]).arg(state);
    command
}

/// Launches an instance whose tag has this number, and does not go on before that is acknowledged.
pub fn launch(console: SocketAddr, number: usize) -> Result<(), String> {
    let tag =
        "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value";
    let form = format!(
        "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1&{tag}={}",
        name(number)
    );
    call(console, &form).map(drop)
}

/// Whether the first so many are there.
pub fn are_there(console: SocketAddr, count: usize) -> Result<(), String> {
    let told = call(console, "Action=DescribeInstances&Version=2016-11-15")?;
    match (0..count).find(|number| !told.contains(&format!("<value>{}</value>", name(*number)))) {
        None => Ok(()),
        Some(number) => Err(format!("{} was acknowledged and is not there", name(number))),
    }
}

fn name(number: usize) -> String {
    format!("acknowledged-{number}-")
}

fn call(console: SocketAddr, form: &str) -> Result<String, String> {
    let mut stream = client::connect(console).map_err(|error| error.to_string())?;
    let fields = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
    let length = form.len();
    let request = format!("POST / HTTP/1.1\r\nHost: {console}\r\n{fields}\r\nContent-Length: {length}\r\n\r\n{form}");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut answer = Answer::default();
    let mut told = String::new();
    BufReader::new(stream).read_to_string(&mut told).map_err(|error| error.to_string())?;
    answer.read(&mut told.as_bytes())?;
    Ok(String::from_utf8_lossy(answer.served()?).into_owned())
}

/// Follows the events, once their head is there.
fn listen(console: SocketAddr) -> Result<TcpStream, String> {
    let mut stream = client::connect(console).map_err(|error| error.to_string())?;
    let request = format!("GET /events HTTP/1.1\r\nHost: {console}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    stream.read_exact(&mut [0; "HTTP/1.1 200".len()]).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// A folder that is gone with this.
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
