//! The memory that the system holds for peers that read nothing.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::outcome::{Outcome, request};
use crate::client;
use crate::report::mebibytes;
use crate::server::Server;

/// Peers that send many requests and read no response.
pub fn of_unread_responses(_: usize, binary: &Path) -> Result<Outcome, String> {
    // The server may still close connections that are answered.
    let connections = (CONNECTIONS + MEANWHILE).to_string();
    let server = Server::start(binary, &["--keep-alive", "--max-connections", &connections])?;
    request(&server, WARM_UP)?;
    let before = server.resident();
    let requests = REQUEST.repeat(PIPELINED);
    let mut peers = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = client::connect(server.address).map_err(text)?;
        stream.set_nonblocking(true).map_err(text)?;
        peers.push(stream);
    }
    fill(&mut peers, &requests)?;
    let slowest = request(&server, MEANWHILE)?;
    let memory = socket_memory(server.address)?;
    let limit = CONNECTIONS as u64 * SOCKET_BYTES;
    if memory > limit {
        return Err(format!(
            "the sockets of {CONNECTIONS} peers take {}, more than {}",
            mebibytes(Some(memory)),
            mebibytes(Some(limit))
        ));
    }
    let while_held = server.resident();
    drop(peers);
    Ok(Outcome {
        test: format!("{CONNECTIONS} connections that pipeline requests and read nothing"),
        result: format!(
            "the system held {} for the server's sockets ({} KiB each), the server {}",
            mebibytes(Some(memory)),
            memory / CONNECTIONS as u64 / 1024,
            mebibytes(while_held)
        ),
        slowest: slowest.max(request(&server, MEANWHILE)?),
        memory: (before, server.resident()),
        allocator_bytes: CONNECTIONS as u64 * super::peers::HELD_BYTES,
    })
}

/// Sends requests on all connections until none accepts more for a while.
fn fill(peers: &mut [TcpStream], requests: &[u8]) -> Result<(), String> {
    let started = Instant::now();
    let mut last_accepted = started;
    while last_accepted.elapsed() < QUIET {
        for peer in &mut *peers {
            match peer.write(requests) {
                Ok(_) => last_accepted = Instant::now(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(text(error)),
            }
        }
        if started.elapsed() > FILL_TIMEOUT {
            return Err("the server accepts any number of requests".to_owned());
        }
    }
    Ok(())
}

/// Returns the memory that the system holds for the connections at the server's address.
fn socket_memory(server: SocketAddr) -> Result<u64, String> {
    let mut command = Command::new("ss");
    command.args(["--no-header", "--tcp", "--memory", "--numeric", "state", "established"]);
    command.args(["sport", "=", &format!(":{}", server.port())]);
    let output = command.output().map_err(|error| format!("cannot run ss: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let sockets: Vec<u64> = text.lines().filter_map(memory_of).collect();
    if sockets.len() < CONNECTIONS {
        return Err(format!("ss shows {} of {CONNECTIONS} connections: {}", sockets.len(), output.status));
    }
    Ok(sockets.iter().sum())
}

/// Returns the bytes of one socket from a line with, for example,
/// `skmem:(r0,rb131072,t0,tb131072,f4096,w0,o0,bl0,d0)`: received, reserved, to send, options and
/// backlog.
fn memory_of(line: &str) -> Option<u64> {
    let (_, fields) = line.split_once("skmem:(")?;
    let fields = fields.split(')').next()?.split(',');
    let number = |field: &str| {
        let digits = field.find(|character: char| character.is_ascii_digit())?;
        let (name, number) = field.split_at(digits);
        if !["r", "f", "w", "o", "bl"].contains(&name) {
            return None;
        }
        number.parse::<u64>().ok()
    };
    Some(fields.filter_map(number).sum())
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}

const CONNECTIONS: usize = 1_000;
const REQUEST: &[u8] = b"GET /latest/meta-data/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const PIPELINED: usize = 64;
/// The most memory of a socket, for requests and responses: twice the server's `RECEIVE_BUFFER_BYTES`,
/// its `UNSENT_BYTES`, and parts of pages.
const SOCKET_BYTES: u64 = 128 * 1024;
/// Longer than the server needs to answer requests on all connections.
const QUIET: Duration = Duration::from_millis(500);
const FILL_TIMEOUT: Duration = Duration::from_secs(60);
const MEANWHILE: usize = 100;
const WARM_UP: usize = 1_000;
