use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use imds::conformance::{Endpoint, Pace, Reply, Silence};

use super::endpoint::Url;
use crate::tell;

/// A service behind a socket. Each request has a connection of its own; time, requests and bytes are bounded.
pub struct Socket {
    addresses: Vec<SocketAddr>,
    host: String,
    end: Instant,
    requests: u32,
}

impl Socket {
    pub fn new(url: &Url, host: Option<&str>, started: Instant) -> Result<Socket, String> {
        let host = host.map_or_else(|| url.authority(), str::to_owned);
        if !host.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a Host is visible ASCII without blanks".to_owned());
        }
        Ok(Socket { addresses: url.addresses()?, host, end: started + WHOLE_RUN, requests: 0 })
    }

    /// How many have been sent.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    fn connect(&self, until: Instant) -> io::Result<TcpStream> {
        let mut failed = io::Error::new(ErrorKind::NotFound, "the host has no address");
        for address in &self.addresses {
            match TcpStream::connect_timeout(address, left(until)?) {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn exchange(&self, request: &[u8], pace: Pace) -> io::Result<Reply> {
        let until = self.end.min(Instant::now() + ONE_ANSWER);
        let mut stream = self.connect(until)?;
        stream.set_write_timeout(Some(left(until)?))?;
        // A service that has refused a request need not read all of it; its answer may be there all the same.
        let sent = match pace {
            Pace::Whole => stream.write_all(request),
            Pace::Dribbled => dribble(&mut stream, request),
        };
        let reply = read(&mut stream, request, until);
        let _ = stream.shutdown(Shutdown::Both);
        match reply {
            Ok(reply) if reply.bytes.is_empty() => sent.map(|()| reply),
            other => other,
        }
    }
}

impl Endpoint for Socket {
    fn host(&self) -> &str {
        &self.host
    }

    fn ask(&mut self, request: &[u8], pace: Pace) -> Result<Reply, Silence> {
        if Instant::now() >= self.end {
            return Err(Silence::Over(format!("{} seconds are over", WHOLE_RUN.as_secs())));
        }
        if self.requests == MOST_REQUESTS {
            return Err(Silence::Over(format!("{MOST_REQUESTS} requests are sent")));
        }
        self.requests += 1;
        self.exchange(request, pace).map_err(|error| {
            Silence::Unanswered(match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => "no answer in time".to_owned(),
                _ => tell::reason(&error),
            })
        })
    }

    fn wait(&mut self, millis: u64) {
        thread::sleep(Duration::from_millis(millis).min(self.end.saturating_duration_since(Instant::now())));
    }
}

/// Reads until the other side ends the connection, or until there is a whole answer that does not say that it will.
fn read(stream: &mut TcpStream, request: &[u8], mut until: Instant) -> io::Result<Reply> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let mut is_whole = false;
    loop {
        let got = left(until).and_then(|time| {
            stream.set_read_timeout(Some(time))?;
            stream.read(&mut buffer)
        });
        match got {
            Ok(0) => return Ok(Reply { bytes, closed: true }),
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever resets a connection behind an answer has ended it.
            Err(error) if is_whole => {
                let closed = error.kind() == ErrorKind::ConnectionReset;
                return Ok(Reply { bytes, closed });
            }
            Err(error) => return Err(error),
        }
        if bytes.len() > MOST_BYTES {
            return Ok(Reply { bytes, closed: false });
        }
        match Reply::is_whole(request, &bytes) {
            Some(false) => return Ok(Reply { bytes, closed: false }),
            Some(true) if !is_whole => {
                is_whole = true;
                until = until.min(Instant::now() + CLOSE);
            }
            _ => {}
        }
    }
}

/// A segment for each byte, so that a request takes about a second.
fn dribble(stream: &mut TcpStream, request: &[u8]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for byte in request {
        stream.write_all(&[*byte])?;
        thread::sleep(BETWEEN_BYTES);
    }
    Ok(())
}

/// What is left of the time, which must not be nothing.
fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        time => Ok(time),
    }
}

const WHOLE_RUN: Duration = Duration::from_secs(60);
/// The core waits for no head longer than ten seconds; no service that clients get along with takes three for an answer.
const ONE_ANSWER: Duration = Duration::from_secs(3);
/// How long after an answer that says so the connection may stay open.
const CLOSE: Duration = Duration::from_secs(1);
const BETWEEN_BYTES: Duration = Duration::from_millis(5);
const MOST_REQUESTS: u32 = 1_000;
const MOST_BYTES: usize = 1 << 20;
