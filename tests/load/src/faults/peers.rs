//! Peers that violate the protocol or disconnect early.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::path::Path;
use std::time::Duration;

use socket2::SockRef;

use super::outcome::{Outcome, request, wait_until};
use crate::client::{self, GET, Response};
use crate::report::mebibytes;
use crate::server::Server;

/// Peers that send many requests and read no response.
pub fn slow_readers(count: usize, binary: &Path) -> Result<Outcome, String> {
    // The server may still close connections that are answered.
    let connections = (count + MEANWHILE).to_string();
    let (server, before, files) = warm(binary, &["--keep-alive", "--max-connections", &connections])?;
    let requests = LISTING.repeat(PIPELINED);
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.set_nonblocking(true).map_err(text)?;
        // Until the buffers on the way are full.
        while matches!(stream.write(&requests), Ok(1..)) {}
        held.push(stream);
    }
    let slowest = request(&server, MEANWHILE)?;
    let limit = before.map(|before| before + count as u64 * HELD_BYTES);
    let while_held = server.resident();
    if while_held > limit {
        return Err(format!("{count} slow readers take {}", mebibytes(while_held)));
    }
    drop(held);
    wait_until("the server has closed its files", || server.open_files() <= files)?;
    Ok(Outcome {
        test: format!("{count} connections that pipeline requests for listings and read nothing"),
        result: format!(
            "{MEANWHILE} other requests answered meanwhile; {} with all of them, some of which the allocator keeps",
            mebibytes(while_held)
        ),
        slowest: slowest.max(request(&server, AFTER)?),
        memory: (before, server.resident()),
        allocator_bytes: count as u64 * HELD_BYTES,
    })
}

/// Peers that close their sending side after the request and wait for the response.
pub fn half_closed(count: usize, binary: &Path) -> Result<Outcome, String> {
    let (server, before, _) = warm(binary, &[])?;
    for _ in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.write_all(GET).map_err(text)?;
        stream.shutdown(Shutdown::Write).map_err(text)?;
        let mut stream = BufReader::new(stream);
        let mut response = Response::default();
        response.read(&mut stream)?;
        response.check_instance_id()?;
        client::expect_end(&mut stream)?;
    }
    Ok(Outcome {
        test: format!("{count} requests, each followed by closing the sending side"),
        result: "every response was complete, then the connection was closed".to_owned(),
        slowest: request(&server, AFTER)?,
        memory: (before, server.resident()),
        allocator_bytes: 0,
    })
}

/// Peers that send many requests, read one byte and reset the connection.
pub fn resets(count: usize, binary: &Path) -> Result<Outcome, String> {
    let (server, before, files) = warm(binary, &["--keep-alive"])?;
    let requests = LISTING.repeat(PIPELINED);
    let mut slowest = Duration::ZERO;
    for index in 0..count {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.write_all(&requests).map_err(text)?;
        stream.read_exact(&mut [0]).map_err(text)?;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).map_err(text)?;
        drop(stream);
        if index % RESETS_PER_REQUEST == 0 {
            slowest = slowest.max(request(&server, 1)?);
        }
    }
    wait_until("the server has closed its files", || server.open_files() <= files)?;
    Ok(Outcome {
        test: format!("{count} connections reset during a response"),
        result: "other requests answered meanwhile; all files closed".to_owned(),
        slowest: slowest.max(request(&server, AFTER)?),
        memory: (before, server.resident()),
        allocator_bytes: 0,
    })
}

/// Random bytes, some of them after half a request, some followed by the end of a head.
pub fn garbage(count: usize, binary: &Path) -> Result<Outcome, String> {
    let (server, before, files) = warm(binary, &[])?;
    let mut noise = Noise(SEED);
    let (mut rejected, mut closed) = (0, 0);
    for index in 0..count {
        let mut bytes = if index % 2 == 0 { Vec::new() } else { GET[..GET.len() / 2].to_vec() };
        bytes.extend((0..1 + noise.next() % MAX_BYTES).map(|_| noise.next() as u8));
        if index % 3 == 0 {
            bytes.extend_from_slice(b"\r\n\r\n");
        }
        let mut stream = client::connect(server.address).map_err(text)?;
        // The server may close the connection before all is sent.
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut response = Vec::new();
        match stream.read_to_end(&mut response) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(format!("seed {SEED:#x}, connection {index}: {error}")),
        }
        match response.get(..12) {
            None => closed += 1,
            Some(b"HTTP/1.1 400" | b"HTTP/1.0 400" | b"HTTP/1.1 431" | b"HTTP/1.1 505" | b"HTTP/1.1 501") => {
                rejected += 1
            }
            Some(other) => {
                return Err(format!("seed {SEED:#x}, connection {index}: {}", String::from_utf8_lossy(other)));
            }
        }
    }
    wait_until("the server has closed its files", || server.open_files() <= files)?;
    Ok(Outcome {
        test: format!(
            "{count} connections of up to {MAX_BYTES} random bytes, half of them after half a request, a third with a head's end"
        ),
        result: format!("{rejected} rejected with a status, {closed} closed without a response, none served"),
        slowest: request(&server, AFTER)?,
        memory: (before, server.resident()),
        allocator_bytes: 0,
    })
}

/// Starts a server and sends requests. Returns it with its memory and open files.
fn warm(binary: &Path, arguments: &[&str]) -> Result<(Server, Option<u64>, Option<usize>), String> {
    let server = Server::start(binary, arguments)?;
    let files = server.open_files();
    request(&server, WARM_UP)?;
    let memory = server.resident();
    Ok((server, memory, files))
}

/// Reproducible pseudorandom numbers (xorshift64).
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
/// The most memory that a connection holds: twice the core's `OUTBOX_BYTES` and `INBOX_BYTES`,
/// because vectors grow by doubling, and the unprocessed bytes of one read; and for its task and what
/// the allocator cannot use of its pages: 6 to 17 KiB were measured, on an idle machine the most.
pub const HELD_BYTES: u64 = (2 * 64 + 2 * 16 + 16 + 32) * 1024;
const MEANWHILE: usize = 100;
const AFTER: usize = 100;
const WARM_UP: usize = 1_000;
/// Resets per request that is answered.
const RESETS_PER_REQUEST: usize = 10;
const SEED: u64 = 0x1234_5678_9abc_def1;
const MAX_BYTES: u64 = 4_096;
