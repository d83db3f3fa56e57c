//! A system clock that is put forward and back, by libfaketime in place of the C library's.

use std::fs;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::launches::Folder;
use super::{Seen, ask};
use crate::client::{self, Answer, PUT};
use crate::server::{QUIET, Server};

/// Puts the clock forward and back, and asks for a leaf and with tokens from before the jump.
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
    for (offset, expected) in JUMPS {
        set(offset)?;
        slowest = slowest.max(ask(&server, AFTER)?);
        let status = status(&server, &token)?;
        if status != *expected {
            return Err(format!("with the clock at {offset} s the token is answered with {status}, not {expected}"));
        }
    }
    if started.elapsed() > Duration::from_secs(LIFE / 2) {
        return Err("the jumps took so long that they show nothing".to_owned());
    }
    Ok(Seen {
        tried: format!("an hour forward and back, twice, with a token for {LIFE} s"),
        did: "answered all the while; the token was refused (401) an hour on and good again back there".to_owned(),
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
