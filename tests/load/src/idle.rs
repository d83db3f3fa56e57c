//! Connections that send nothing, or a head without an end, and others that are answered all the while.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::client::{self, ask};
use crate::report::{Progress, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let places = count + SLOW_HEADS + REQUESTS;
    ask_for_files(places + FURTHER_FILES)?;
    let server = Server::start(binary, &["--max-connections", &places.to_string()])?;
    let (memory, files) = (server.resident(), server.open_files());

    let progress = Progress::new();
    let started = Instant::now();
    let mut held = Vec::with_capacity(count);
    for index in 0..count {
        held.push(connect(server.address, index).map_err(|error| format!("connection {index}: {error}"))?);
        progress.note();
    }
    // The last of them is accepted when a later one is answered.
    ask(&mut client::connect(server.address).map_err(|error| error.to_string())?)?;
    let memory_held = server.resident();

    let Times { slowest, first_cut, last_cut } = ask_beside_slow_heads(&server)?;

    // Whoever was held all the while is answered when it asks.
    for (index, stream) in held.iter_mut().enumerate() {
        ask(stream).map_err(|error| format!("connection {index}, held for {:?}: {error}", started.elapsed()))?;
        progress.note();
    }
    drop(held);
    let files_left = files_at_the_end(&server, files);
    drop(progress);

    println!(
        "     held  requests  slowest  slow heads  cut after        RSS before  RSS with all  files before, after  seconds"
    );
    println!(
        "{count:>9} {REQUESTS:>9} {:>5.0} ms {SLOW_HEADS:>11} {:>4.1} to {:>4.1} s {:>11} {:>13} {:>20} {:>8.1}",
        slowest.as_secs_f64() * 1000.0,
        first_cut.as_secs_f64(),
        last_cut.as_secs_f64(),
        mebibytes(memory),
        mebibytes(memory_held),
        format!("{}, {}", files.unwrap_or_default(), files_left.unwrap_or_default()),
        started.elapsed().as_secs_f64(),
    );
    if slowest > IN_TIME {
        return Err(format!("an answer took {slowest:?}"));
    }
    if first_cut < CUT_AFTER.0 || last_cut > CUT_AFTER.1 {
        return Err(format!("a slow head was cut after {first_cut:?}, another after {last_cut:?}"));
    }
    if files_left > files {
        return Err("connections that are over keep files open".to_owned());
    }
    Ok(())
}

struct Times {
    /// The longest that an answer took.
    slowest: Duration,
    first_cut: Duration,
    last_cut: Duration,
}

/// Begins heads and sends a byte of each now and then, until the last is cut; meanwhile others ask.
fn ask_beside_slow_heads(server: &Server) -> Result<Times, String> {
    let lost = |error: std::io::Error| error.to_string();
    let mut slow = Vec::new();
    for _ in 0..SLOW_HEADS {
        let mut stream = client::connect(server.address).map_err(lost)?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: ").map_err(lost)?;
        stream.set_nonblocking(true).map_err(lost)?;
        slow.push((stream, Instant::now()));
    }
    let mut times = Times { slowest: Duration::ZERO, first_cut: Duration::MAX, last_cut: Duration::ZERO };
    let mut asked = 0;
    for tick in 0.. {
        if asked < REQUESTS {
            asked += 1;
            let started = Instant::now();
            ask(&mut client::connect(server.address).map_err(lost)?)?;
            times.slowest = times.slowest.max(started.elapsed());
        } else if slow.is_empty() {
            return Ok(times);
        }
        let mut still = Vec::new();
        for (mut stream, begun) in slow {
            let age = begun.elapsed();
            // Where it is cut already, this fails and the next read tells.
            if tick % TICKS_A_BYTE == 0 {
                let _ = stream.write(b"x");
            }
            match stream.read(&mut [0]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => still.push((stream, begun)),
                Ok(1..) => return Err("a head without an end was answered".to_owned()),
                Ok(0) | Err(_) => {
                    times.first_cut = times.first_cut.min(age);
                    times.last_cut = times.last_cut.max(age);
                }
            }
            if age > CUT_AFTER.1 * 2 {
                return Err(format!("a slow head is not cut after {age:?}"));
            }
        }
        slow = still;
        thread::sleep(TICK);
    }
    Ok(times)
}

/// A connection from 127.0.0.1; where its ports run short, from the next address.
fn connect(server: SocketAddr, index: usize) -> std::io::Result<TcpStream> {
    let further = u8::try_from(index / PORTS).unwrap_or(u8::MAX - 2);
    if further == 0 {
        return client::connect(server);
    }
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1 + further));
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect(&server.into())?;
    client::bounded(socket.into())
}

/// How many files the server has open once it has seen the connections end.
fn files_at_the_end(server: &Server, before: Option<usize>) -> Option<usize> {
    let given_up = Instant::now() + IN_TIME;
    while server.open_files() > before && Instant::now() < given_up {
        thread::sleep(TICK);
    }
    server.open_files()
}

#[cfg(unix)]
fn ask_for_files(wanted: usize) -> Result<(), String> {
    match rlimit::increase_nofile_limit(wanted as u64) {
        Ok(given) if given < wanted as u64 => Err(format!("the system allows {given} open files, {wanted} are needed")),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot ask for {wanted} open files: {error}")),
    }
}

#[cfg(not(unix))]
fn ask_for_files(_: usize) -> Result<(), String> {
    Ok(())
}

const REQUESTS: usize = 100;
const IN_TIME: Duration = Duration::from_secs(1);
const SLOW_HEADS: usize = 100;
/// The core's `HEAD_MILLIS`, less and more than a busy machine can be wrong by.
pub const CUT_AFTER: (Duration, Duration) = (Duration::from_millis(9_900), Duration::from_secs(12));
/// A request a tick takes about as long as a slow head lives.
const TICK: Duration = Duration::from_millis(80);
const TICKS_A_BYTE: usize = 10;
/// Fewer than the ports that any system gives to connections from one address.
const PORTS: usize = 15_000;
/// What else the two programs have open, and the places that the server keeps for whom it refuses.
const FURTHER_FILES: usize = 200;
