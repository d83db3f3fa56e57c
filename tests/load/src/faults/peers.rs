//! Peers that do not keep to the protocol, or leave in the middle of it.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::path::Path;
use std::time::Duration;

use socket2::SockRef;

use super::{Seen, ask, until};
use crate::client::{self, Answer, GET};
use crate::report::mebibytes;
use crate::server::Server;

/// Peers that ask for much and read nothing of it.
pub fn slow_readers(count: usize, binary: &Path) -> Result<Seen, String> {
    let places = (count + 1).to_string();
    let (server, before, files) = warm(binary, &["--keep-alive", "--max-connections", &places])?;
    let much = LISTING.repeat(PIPELINED);
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.set_nonblocking(true).map_err(text)?;
        // As much as is taken before somebody would have to read.
        while matches!(stream.write(&much), Ok(1..)) {}
        held.push(stream);
    }
    let slowest = ask(&server, MEANWHILE)?;
    let most = before.map(|before| before + count as u64 * HELD_BYTES);
    let while_held = server.resident();
    if while_held > most {
        return Err(format!("{} for {count} that read nothing", mebibytes(while_held)));
    }
    drop(held);
    until("files are given back", || server.open_files() <= files)?;
    Ok(Seen {
        tried: format!("{count} connections that pipeline listings and read nothing"),
        did: format!(
            "{MEANWHILE} others answered meanwhile; {} while they were held, of which the allocator keeps some",
            mebibytes(while_held)
        ),
        slowest: slowest.max(ask(&server, AFTER)?),
        memory: (before, server.resident()),
        kept: count as u64 * HELD_BYTES,
    })
}

/// Peers that close their side behind the request and wait for the answer.
pub fn half_closed(count: usize, binary: &Path) -> Result<Seen, String> {
    let (server, before, _) = warm(binary, &[])?;
    for _ in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.write_all(GET).map_err(text)?;
        stream.shutdown(Shutdown::Write).map_err(text)?;
        let mut stream = BufReader::new(stream);
        let mut answer = Answer::default();
        answer.read(&mut stream)?;
        answer.is_leaf()?;
        client::ends(&mut stream)?;
    }
    Ok(Seen {
        tried: format!("{count} requests, the peer's side closed behind each"),
        did: "every answer came whole, and then the end".to_owned(),
        slowest: ask(&server, AFTER)?,
        memory: (before, server.resident()),
        kept: 0,
    })
}

/// Peers that ask for much, read a little and reset the connection.
pub fn resets(count: usize, binary: &Path) -> Result<Seen, String> {
    let (server, before, files) = warm(binary, &["--keep-alive"])?;
    let much = LISTING.repeat(PIPELINED);
    let mut slowest = Duration::ZERO;
    for index in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.write_all(&much).map_err(text)?;
        stream.read_exact(&mut [0]).map_err(text)?;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).map_err(text)?;
        drop(stream);
        if index % BETWEEN == 0 {
            slowest = slowest.max(ask(&server, 1)?);
        }
    }
    until("files are given back", || server.open_files() <= files)?;
    Ok(Seen {
        tried: format!("{count} connections reset with answers under way"),
        did: "others answered between them, every descriptor given back".to_owned(),
        slowest: slowest.max(ask(&server, AFTER)?),
        memory: (before, server.resident()),
        kept: 0,
    })
}

/// Bytes that mean nothing, some of them behind the beginning of a request, some with the end of a head behind them.
pub fn garbage(count: usize, binary: &Path) -> Result<Seen, String> {
    let (server, before, files) = warm(binary, &[])?;
    let mut noise = Noise(SEED);
    let (mut refused, mut closed) = (0, 0);
    for index in 0..count {
        let mut bytes = if index % 2 == 0 { Vec::new() } else { GET[..GET.len() / 2].to_vec() };
        bytes.extend((0..1 + noise.next() % MOST).map(|_| noise.next() as u8));
        if index % 3 == 0 {
            bytes.extend_from_slice(b"\r\n\r\n");
        }
        let mut stream = client::connect(server.address).map_err(text)?;
        // Where the server has seen enough it ends before all is sent.
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(format!("garbage of seed {SEED}, number {index}: {error}")),
        }
        match answer.get(..12) {
            None => closed += 1,
            Some(b"HTTP/1.1 400" | b"HTTP/1.0 400" | b"HTTP/1.1 431" | b"HTTP/1.1 505" | b"HTTP/1.1 501") => {
                refused += 1
            }
            Some(other) => {
                return Err(format!("garbage of seed {SEED}, number {index}: {}", String::from_utf8_lossy(other)));
            }
        }
    }
    until("files are given back", || server.open_files() <= files)?;
    Ok(Seen {
        tried: format!(
            "{count} connections of up to {MOST} random bytes, half of them behind half a request, a third with a head's end"
        ),
        did: format!("{refused} refused with a status, {closed} closed without one, none served"),
        slowest: ask(&server, AFTER)?,
        memory: (before, server.resident()),
        kept: 0,
    })
}

/// A server that has been asked already, with its memory and open files.
fn warm(binary: &Path, arguments: &[&str]) -> Result<(Server, Option<u64>, Option<usize>), String> {
    let server = Server::start(binary, arguments)?;
    let files = server.open_files();
    ask(&server, WARM_UP)?;
    let memory = server.resident();
    Ok((server, memory, files))
}

/// Numbers without an order that are the same each time (xorshift64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}

const LISTING: &[u8] = b"GET /latest/meta-data/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const PIPELINED: usize = 64;
/// The most that a connection keeps: the core's `OUTBOX_BYTES` and `INBOX_BYTES`, each with the room that a vector takes ahead,
/// and what was read and waits.
const HELD_BYTES: u64 = (2 * 64 + 2 * 16 + 16) * 1024;
const MEANWHILE: usize = 100;
const AFTER: usize = 100;
const WARM_UP: usize = 1_000;
/// Resets between two that are answered.
const BETWEEN: usize = 10;
const SEED: u64 = 0x1234_5678_9abc_def1;
/// Bytes of garbage.
const MOST: u64 = 4_096;
