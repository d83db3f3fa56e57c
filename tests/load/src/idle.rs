//! Connections that are idle after a response, and incomplete request heads, while other connections
//! send requests.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::client::{self, Response};
use crate::report::{Progress, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let connections = count + SLOW_HEADS + REQUESTS;
    raise_fd_limit(connections + OTHER_FILES)?;
    let server = Server::start(binary, &["--keep-alive", "--max-connections", &connections.to_string()])?;
    let (memory, files) = (server.resident(), server.open_files());

    let progress = Progress::new();
    let started = Instant::now();
    let mut idle = Vec::with_capacity(count);
    for index in 0..count {
        // A connection without a request would be closed while the slow heads are open.
        idle.push(connect_and_get(server.address, index).map_err(|error| format!("connection {index}: {error}"))?);
        progress.increment();
    }
    // Once a later connection is answered, the server has accepted all of them.
    client::get(&mut client::connect(server.address).map_err(|error| error.to_string())?)?;
    let memory_with_all = server.resident();

    let Times { slowest, first_closed, last_closed } = request_during_slow_heads(&server)?;

    // Every idle connection can still send a request.
    for (index, stream) in idle.iter_mut().enumerate() {
        client::get(stream)
            .map_err(|error| format!("connection {index}, idle for {:?}: {error}", started.elapsed()))?;
        progress.increment();
    }
    drop(idle);
    let files_after = wait_for_files(&server, files);
    drop(progress);

    println!(
        "     idle  requests  slowest  slow heads  closed after     RSS before  RSS with all  files before, after  seconds"
    );
    println!(
        "{count:>9} {REQUESTS:>9} {:>5.0} ms {SLOW_HEADS:>11} {:>4.1} to {:>4.1} s {:>11} {:>13} {:>20} {:>8.1}",
        slowest.as_secs_f64() * 1000.0,
        first_closed.as_secs_f64(),
        last_closed.as_secs_f64(),
        mebibytes(memory),
        mebibytes(memory_with_all),
        format!("{}, {}", files.unwrap_or_default(), files_after.unwrap_or_default()),
        started.elapsed().as_secs_f64(),
    );
    if slowest > RESPONSE_LIMIT {
        return Err(format!("a response took {slowest:?}"));
    }
    if first_closed < CLOSED_AFTER.0 || last_closed > CLOSED_AFTER.1 {
        return Err(format!("the first slow head was closed after {first_closed:?}, the last after {last_closed:?}"));
    }
    if files_after > files {
        return Err("the server has not closed the files of closed connections".to_owned());
    }
    Ok(())
}

struct Times {
    /// The longest time that a response took.
    slowest: Duration,
    /// When the first and last slow head were closed.
    first_closed: Duration,
    last_closed: Duration,
}

/// Sends incomplete heads byte by byte until the server has closed all of them, and meanwhile sends
/// requests on other connections.
fn request_during_slow_heads(server: &Server) -> Result<Times, String> {
    let text = |error: std::io::Error| error.to_string();
    let mut slow = Vec::new();
    for _ in 0..SLOW_HEADS {
        let mut stream = client::connect(server.address).map_err(text)?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: ").map_err(text)?;
        stream.set_nonblocking(true).map_err(text)?;
        slow.push((stream, Instant::now()));
    }
    let mut times = Times { slowest: Duration::ZERO, first_closed: Duration::MAX, last_closed: Duration::ZERO };
    let mut sent = 0;
    for tick in 0.. {
        if sent < REQUESTS {
            sent += 1;
            let started = Instant::now();
            client::get(&mut client::connect(server.address).map_err(text)?)?;
            times.slowest = times.slowest.max(started.elapsed());
        } else if slow.is_empty() {
            return Ok(times);
        }
        let mut open = Vec::new();
        for (mut stream, started) in slow {
            let age = started.elapsed();
            // If the server has closed the connection, the read below shows it.
            if tick % TICKS_PER_BYTE == 0 {
                let _ = stream.write(b"x");
            }
            match stream.read(&mut [0]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => open.push((stream, started)),
                Ok(1..) => return Err("an incomplete head was answered".to_owned()),
                Ok(0) | Err(_) => {
                    times.first_closed = times.first_closed.min(age);
                    times.last_closed = times.last_closed.max(age);
                }
            }
            if age > CLOSED_AFTER.1 * 2 {
                return Err(format!("a slow head is still open after {age:?}"));
            }
        }
        slow = open;
        thread::sleep(TICK);
    }
    Ok(times)
}

/// Connects, sends a request and reads the response.
fn connect_and_get(server: SocketAddr, index: usize) -> Result<TcpStream, String> {
    let mut stream = connect(server, index).map_err(|error| error.to_string())?;
    stream.write_all(client::GET_KEEP_ALIVE).map_err(|error| error.to_string())?;
    let mut response = Response::default();
    response.read(&mut BufReader::with_capacity(1024, &stream))?;
    response.check_instance_id()?;
    Ok(stream)
}

/// Connects from 127.0.0.1, or from the next address once its ports are used up.
fn connect(server: SocketAddr, index: usize) -> std::io::Result<TcpStream> {
    let offset = u8::try_from(index / PORTS).unwrap_or(u8::MAX - 2);
    if offset == 0 {
        return client::connect(server);
    }
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1 + offset));
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect(&server.into())?;
    client::with_timeouts(socket.into())
}

/// Waits until the server has at most `before` open files, at most [`RESPONSE_LIMIT`], and returns
/// their number.
fn wait_for_files(server: &Server, before: Option<usize>) -> Option<usize> {
    let deadline = Instant::now() + RESPONSE_LIMIT;
    while server.open_files() > before && Instant::now() < deadline {
        thread::sleep(TICK);
    }
    server.open_files()
}

#[cfg(unix)]
fn raise_fd_limit(wanted: usize) -> Result<(), String> {
    match rlimit::increase_nofile_limit(wanted as u64) {
        Ok(limit) if limit < wanted as u64 => {
            Err(format!("the limit of open files is {limit}, but {wanted} are needed"))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot raise the limit of open files to {wanted}: {error}")),
    }
}

#[cfg(not(unix))]
fn raise_fd_limit(_: usize) -> Result<(), String> {
    Ok(())
}

const REQUESTS: usize = 100;
/// The longest acceptable time for a response.
const RESPONSE_LIMIT: Duration = Duration::from_secs(1);
const SLOW_HEADS: usize = 100;
/// When the server closes an incomplete head: the core's `HEAD_MILLIS`, with a tolerance for a busy
/// machine.
pub const CLOSED_AFTER: (Duration, Duration) = (Duration::from_millis(9_900), Duration::from_secs(12));
/// With one request per tick, the requests take about as long as the slow heads stay open.
const TICK: Duration = Duration::from_millis(80);
const TICKS_PER_BYTE: usize = 10;
/// Fewer than the ephemeral ports that any system has per address.
const PORTS: usize = 15_000;
/// Other open files of the two programs, and the server's connections over the limit.
const OTHER_FILES: usize = 200;
