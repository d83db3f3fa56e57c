//! A system clock that is put forward and back, by libfaketime in place of the C library's.

use std::fs;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::launches::Folder;
use super::{Seen, ask};
use crate::client::{self, Answer, GET, PUT};
use crate::idle::CUT_AFTER;
use crate::server::{QUIET, Server};

/// Puts the clock forward and back, and asks for a leaf and with tokens from before the jump. Heads that were begun before it are
/// taken as they come, and cut when their time is over, whatever the clock shows.
pub fn jumps(_: usize, binary: &Path) -> Result<Seen, String> {
    let library = LIBRARIES.iter().find(|file| Path::new(file).exists());
    let library = library.ok_or("libfaketime is not here: apt-get install faketime")?;
    let folder = Folder::new("clock")?;
    let offset = folder.file("offset");
    let set = |seconds: &str| fs::write(&offset, seconds).map_err(|error| error.to_string());
    set("+0")?;
    let mut command = Command::new(binary);
    command.args(QUIET).args(["--console", "off"]);
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &offset).env("FAKETIME_NO_CACHE", "1");
    // Only what time it is jumps: what measures how long something takes goes on.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let server = Server::spawn(command)?;
    ask(&server, WARM_UP)?;
    let before = server.resident();
    let mut slowest = Duration::ZERO;
    let started = Instant::now();
    let token = token(&server)?;
    let (mut whole, mut slow) = (half_a_head(&server)?, half_a_head(&server)?);
    let begun = Instant::now();
    for (offset, expected) in JUMPS {
        set(offset)?;
        slowest = slowest.max(ask(&server, AFTER)?);
        let status = status(&server, &token)?;
        if status != *expected {
            return Err(format!("with the clock at {offset} s the token is answered with {status}, not {expected}"));
        }
        for stream in [&mut whole, &mut slow] {
            stream.write_all(b"x").map_err(|error| format!("a head was cut at {offset} s: {error}"))?;
        }
    }
    if begun.elapsed() > CUT_AFTER.0 / 2 {
        return Err("the jumps took so long that they show nothing of the heads".to_owned());
    }
    whole.write_all(b"\r\n\r\n").map_err(|error| error.to_string())?;
    answer(whole)?.is_leaf()?;
    slow.set_read_timeout(Some(CUT_AFTER.1 * 2)).map_err(|error| error.to_string())?;
    client::ends(&mut slow).map_err(|error| format!("with the clock put back, a slow head: {error}"))?;
    let cut = begun.elapsed();
    if cut < CUT_AFTER.0 || cut > CUT_AFTER.1 {
        return Err(format!("with the clock put back, a slow head was cut after {cut:?}"));
    }
    if started.elapsed() > Duration::from_secs(LIFE / 2) {
        return Err("the jumps took so long that they show nothing".to_owned());
    }
    Ok(Seen {
        tried: format!("an hour forward and back, twice, with a token for {LIFE} s"),
        did: "answered all the while; the token was refused (401) an hour on and good again back there; \
              a head that was begun before was answered when it was whole, and another cut after 10 s"
            .to_owned(),
        slowest,
        memory: (before, server.resident()),
        kept: 0,
    })
}

fn token(server: &Server) -> Result<String, String> {
    let request = String::from_utf8_lossy(PUT).replace("21600", &LIFE.to_string());
    Ok(String::from_utf8_lossy(send(server, &request)?.served()?).into_owned())
}

fn status(server: &Server, token: &str) -> Result<u16, String> {
    let field = format!("X-aws-ec2-metadata-token: {token}");
    send(server, &format!("GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\n{field}\r\n\r\n"))?.status()
}

fn send(server: &Server, request: &str) -> Result<Answer, String> {
    let mut stream = client::connect(server.address).map_err(|error| error.to_string())?;
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    answer(stream)
}

/// A request that lacks only its end; what is sent next is of a field's value.
fn half_a_head(server: &Server) -> Result<TcpStream, String> {
    let mut stream = client::connect(server.address).map_err(|error| error.to_string())?;
    let head = GET.strip_suffix(b"\r\n\r\n").unwrap_or(GET);
    stream.write_all(head).and_then(|()| stream.write_all(b"\r\nX-Field: ")).map_err(|error| error.to_string())?;
    Ok(stream)
}

fn answer(stream: TcpStream) -> Result<Answer, String> {
    let mut answer = Answer::default();
    answer.read(&mut BufReader::new(stream))?;
    Ok(answer)
}

/// Where Debian and its kin have it, on the two usual machines.
const LIBRARIES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];
/// Where the clock is put, and how the token from the beginning is answered there.
const JUMPS: &[(&str, u16)] =
    &[("+3600", 401), ("+0", 200), ("-3600", 200), ("+0", 200), ("+3600", 401), ("-3600", 200)];
const LIFE: u64 = 600;
const WARM_UP: usize = 1_000;
const AFTER: usize = 20;
