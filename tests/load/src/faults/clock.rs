//! A system clock that jumps forward and back, simulated with libfaketime.

use std::fs;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::launches::Folder;
use super::outcome::{Outcome, request};
use crate::client::{self, GET, PUT, Response};
use crate::idle::CLOSED_AFTER;
use crate::server::{ARGUMENTS, Server};

/// Moves the clock and checks, after each jump, a request, an earlier token, and request heads that
/// were begun before. The heads must stay open until their deadline, whatever the clock shows.
pub fn jumps(_: usize, binary: &Path) -> Result<Outcome, String> {
    let library = LIBRARIES.iter().find(|file| Path::new(file).exists());
    let library = library.ok_or("libfaketime is not installed: run apt-get install faketime")?;
    let folder = Folder::new("clock")?;
    let offset = folder.file("offset");
    let set = |seconds: &str| fs::write(&offset, seconds).map_err(|error| error.to_string());
    set("+0")?;
    let mut command = Command::new(binary);
    command.args(ARGUMENTS).args(["--console", "off"]);
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &offset).env("FAKETIME_NO_CACHE", "1");
    // The monotonic clock does not jump.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let server = Server::spawn(command)?;
    request(&server, WARM_UP)?;
    let before = server.resident();
    let mut slowest = Duration::ZERO;
    let started = Instant::now();
    let token = token(&server)?;
    let (mut completed, mut slow) = (incomplete_head(&server)?, incomplete_head(&server)?);
    let heads_sent = Instant::now();
    for (offset, expected) in JUMPS {
        set(offset)?;
        slowest = slowest.max(request(&server, AFTER)?);
        let status = status(&server, &token)?;
        if status != *expected {
            return Err(format!("with the clock at {offset} s, the token got status {status} instead of {expected}"));
        }
        for stream in [&mut completed, &mut slow] {
            stream.write_all(b"x").map_err(|error| format!("a head was closed at {offset} s: {error}"))?;
        }
    }
    if heads_sent.elapsed() > CLOSED_AFTER.0 / 2 {
        return Err("the jumps took too long to test the heads".to_owned());
    }
    completed.write_all(b"\r\n\r\n").map_err(|error| error.to_string())?;
    read_response(completed)?.check_instance_id()?;
    slow.set_read_timeout(Some(CLOSED_AFTER.1 * 2)).map_err(|error| error.to_string())?;
    client::expect_end(&mut slow).map_err(|error| format!("slow head after the jumps: {error}"))?;
    let closed = heads_sent.elapsed();
    if closed < CLOSED_AFTER.0 || closed > CLOSED_AFTER.1 {
        return Err(format!("a slow head was closed after {closed:?}"));
    }
    if started.elapsed() > Duration::from_secs(TTL / 2) {
        return Err("the jumps took too long to test the token".to_owned());
    }
    Ok(Outcome {
        test: format!("an hour forward and back, twice, with a token of {TTL} s"),
        result: "always answered; the token was invalid (401) an hour later and valid again after the jump back; \
                 of two heads begun before, one was completed and answered, the other closed after 10 s"
            .to_owned(),
        slowest,
        memory: (before, server.resident()),
        allocator_bytes: 0,
    })
}

fn token(server: &Server) -> Result<String, String> {
    let request = String::from_utf8_lossy(PUT).replace("21600", &TTL.to_string());
    Ok(String::from_utf8_lossy(send(server, &request)?.ok_body()?).into_owned())
}

fn status(server: &Server, token: &str) -> Result<u16, String> {
    let header = format!("X-aws-ec2-metadata-token: {token}");
    send(server, &format!("GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n"))?
        .status()
}

fn send(server: &Server, request: &str) -> Result<Response, String> {
    let mut stream = client::connect(server.address).map_err(|error| error.to_string())?;
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    read_response(stream)
}

/// Sends a request without its end. The next bytes belong to a header value.
fn incomplete_head(server: &Server) -> Result<TcpStream, String> {
    let mut stream = client::connect(server.address).map_err(|error| error.to_string())?;
    let head = GET.strip_suffix(b"\r\n\r\n").unwrap_or(GET);
    stream.write_all(head).and_then(|()| stream.write_all(b"\r\nX-Header: ")).map_err(|error| error.to_string())?;
    Ok(stream)
}

fn read_response(stream: TcpStream) -> Result<Response, String> {
    let mut response = Response::default();
    response.read(&mut BufReader::new(stream))?;
    Ok(response)
}

/// The paths on Debian and derived systems.
const LIBRARIES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];
/// Each offset of the clock, and the status that the first token gets there.
const JUMPS: &[(&str, u16)] =
    &[("+3600", 401), ("+0", 200), ("-3600", 200), ("+0", 200), ("+3600", 401), ("-3600", 200)];
const TTL: u64 = 600;
const WARM_UP: usize = 1_000;
const AFTER: usize = 20;
