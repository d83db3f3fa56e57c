//! SIGTERM while clients send requests, and while nothing reads the log.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::launches::{Folder, call_ec2};
use super::outcome::{Outcome, request, wait_until};
use crate::client::{self, GET, Response};
use crate::server::Server;

/// Stops a server under load. Every response that it has begun must be complete.
pub fn under_load(_: usize, binary: &Path) -> Result<Outcome, String> {
    let mut server = Server::start(binary, &[])?;
    let address = server.address;
    let is_over = AtomicBool::new(false);
    let mut memory = (None, None);
    let mut shutdown_time = Duration::ZERO;
    let total = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| request_until(address, &is_over))).collect();
        thread::sleep(BEFORE / 2);
        memory.0 = server.resident();
        thread::sleep(BEFORE / 2);
        memory.1 = server.resident();
        let started = Instant::now();
        let stopped = server.stop();
        shutdown_time = started.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let mut total = Counts::default();
        for client in clients {
            let counts = client.join().expect("no client panics")?;
            total.complete += counts.complete;
            total.slowest = total.slowest.max(counts.slowest);
        }
        stopped.map(|()| total)
    })?;
    Ok(Outcome {
        test: format!("{CLIENTS} clients, {} responses before the end", total.complete),
        result: format!(
            "exited with 0 after {:.0} ms; no response was truncated",
            shutdown_time.as_secs_f64() * 1000.0
        ),
        slowest: total.slowest,
        memory,
        allocator_bytes: 0,
    })
}

/// Stops a server whose log is full and whose last change cannot be written, and one with an
/// unfinished request, by a second SIGTERM.
pub fn with_unread_log(_: usize, binary: &Path) -> Result<Outcome, String> {
    let folder = Folder::new("unread-log")?;
    let state = folder.file("state.json");
    let start = || {
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--modify-delay", "500"]);
        command.arg("--state").arg(&state).stderr(Stdio::piped());
        let mut server = Server::spawn(command)?;
        let console = server.console_address()?;
        Ok::<_, String>((server, console))
    };
    let (mut server, console) = start()?;
    let before = server.resident();
    let mut slowest = request(&server, LOG_LINES)?;
    call_ec2(console, MODIFY)?;
    fs::remove_dir_all(folder.file("")).map_err(|error| error.to_string())?;
    // The change is made when its delay is over, and cannot be written.
    thread::sleep(BEFORE * 2);
    slowest = slowest.max(request(&server, AFTER)?);
    let memory = (before, server.resident());
    let lost = stopped_within(&mut server, 1)?;

    fs::create_dir_all(folder.file("")).map_err(|error| error.to_string())?;
    let (mut server, _) = start()?;
    request(&server, LOG_LINES)?;
    let mut unfinished = client::connect(server.address).map_err(|error| error.to_string())?;
    unfinished.write_all(&GET[..10]).map_err(|error| error.to_string())?;
    slowest = slowest.max(request(&server, 1)?);
    server.terminate()?;
    wait_until("the server accepts no connection", || TcpStream::connect(server.address).is_err())?;
    let second = stopped_within(&mut server, 143)?;
    Ok(Outcome {
        test: format!(
            "{LOG_LINES} lines in a pipe that nothing reads; then a state file that cannot be written, or a second SIGTERM"
        ),
        result: format!(
            "exited with 1 after {:.0} ms, with 143 {:.0} ms after the second SIGTERM",
            lost.as_secs_f64() * 1000.0,
            second.as_secs_f64() * 1000.0
        ),
        slowest,
        memory,
        allocator_bytes: 0,
    })
}

/// Sends SIGTERM, and returns how long the server took to exit with this status.
fn stopped_within(server: &mut Server, status: i32) -> Result<Duration, String> {
    let started = Instant::now();
    server.stop_with(status)?;
    let time = started.elapsed();
    if time > STOP_LIMIT { Err(format!("the server took {time:?} to exit")) } else { Ok(time) }
}

#[derive(Default)]
struct Counts {
    /// Complete responses.
    complete: usize,
    slowest: Duration,
}

/// Sends requests until the server is gone. A connection may end without a response, but not within
/// one.
fn request_until(address: SocketAddr, is_over: &AtomicBool) -> Result<Counts, String> {
    let mut counts = Counts::default();
    while !is_over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let Ok(mut stream) = client::connect(address) else {
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        let sent = stream.write_all(GET);
        let mut stream = BufReader::new(stream);
        if sent.is_err() || stream.fill_buf().map_or(true, <[u8]>::is_empty) {
            continue;
        }
        let mut response = Response::default();
        response.read(&mut stream)?;
        response.check_instance_id()?;
        counts.complete += 1;
        counts.slowest = counts.slowest.max(started.elapsed());
    }
    Ok(counts)
}

const CLIENTS: usize = 16;
const BEFORE: Duration = Duration::from_millis(600);
/// More lines than fit into a pipe.
const LOG_LINES: usize = 1_000;
const AFTER: usize = 100;
const MODIFY: &str = "Action=ModifyInstanceMetadataOptions&Version=2016-11-15&InstanceId=i-0abcdef1234567890\
    &HttpPutResponseHopLimit=2";
/// The wait for the reader of the log, and for that of the messages, with a tolerance for a busy
/// machine.
const STOP_LIMIT: Duration = Duration::from_secs(4);
