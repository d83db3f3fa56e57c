use std::io::{self, ErrorKind, Read, Write};
use std::iter;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use imds_conformance::{Endpoint, NoReply, Pace, RawResponse};

use super::endpoint::Url;
use crate::tell;

/// A service behind a socket. Each request has a connection of its own; time, requests and bytes are bounded.
pub struct Socket {
    /// In the order of the attempts: the address that connected last is the first.
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
        Ok(Socket { addresses: alternating(url.addresses()?), host, end: started + WHOLE_RUN, requests: 0 })
    }

    /// How many have been sent.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    fn connect(&mut self, until: Instant) -> io::Result<TcpStream> {
        let (index, stream) = race(&self.addresses, until, TcpStream::connect_timeout)?;
        // Requests behind the first do not wait for an address that does not answer.
        self.addresses[..=index].rotate_right(1);
        Ok(stream)
    }

    fn exchange(&mut self, request: &[u8], pace: Pace) -> io::Result<RawResponse> {
        let until = self.end.min(Instant::now() + ONE_ANSWER);
        let mut stream = self.connect(until)?;
        stream.set_write_timeout(Some(left(until)?))?;
        // A service that has refused a request need not read all of it; its answer may be there all the same.
        let sent = match pace {
            Pace::AtOnce => stream.write_all(request),
            Pace::ByteByByte => dribble(&mut stream, request),
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

    fn send(&mut self, request: &[u8], pace: Pace) -> Result<RawResponse, NoReply> {
        if Instant::now() >= self.end {
            return Err(NoReply::LimitReached(format!("{} seconds are over", WHOLE_RUN.as_secs())));
        }
        if self.requests == MOST_REQUESTS {
            return Err(NoReply::LimitReached(format!("{MOST_REQUESTS} requests are sent")));
        }
        self.requests += 1;
        self.exchange(request, pace).map_err(|error| {
            NoReply::Unanswered(match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => "no answer in time".to_owned(),
                _ => tell::reason(&error),
            })
        })
    }

    fn wait(&mut self, millis: u64) {
        thread::sleep(Duration::from_millis(millis).min(self.end.saturating_duration_since(Instant::now())));
    }
}

/// The addresses with alternating families, starting with the family of the first address (RFC 8305
/// section 4).
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == first);
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    let pairs = iter::from_fn(|| Some([preferred.next(), other.next()]).filter(|pair| *pair != [None; 2]));
    pairs.flatten().flatten().collect()
}

/// Connects to the first address that accepts (RFC 8305 section 5). The next attempt starts after
/// [`NEXT_ATTEMPT`], or at once when an attempt fails; the earlier ones go on.
///
/// Returns the index of the address and what `connect` returned for it.
///
/// # Errors
///
/// The error of the attempt that failed last, or [`ErrorKind::TimedOut`] if attempts are still
/// pending at `until`.
fn race<T: Send + 'static>(
    addresses: &[SocketAddr],
    until: Instant,
    connect: impl Fn(&SocketAddr, Duration) -> io::Result<T> + Copy + Send + 'static,
) -> io::Result<(usize, T)> {
    let (sender, results) = mpsc::channel();
    let mut failed = io::Error::new(ErrorKind::NotFound, "the host has no address");
    let mut waiting = addresses.iter().copied().enumerate();
    let mut pending = 0;
    loop {
        let mut wait = left(until)?;
        if let Some((index, address)) = waiting.next() {
            let (sender, time) = (sender.clone(), wait);
            // A result that comes after the race is dropped, and its connection with it.
            thread::Builder::new().spawn(move || sender.send((index, connect(&address, time))))?;
            pending += 1;
            if waiting.len() > 0 {
                wait = wait.min(NEXT_ATTEMPT);
            }
        }
        if pending == 0 {
            return Err(failed);
        }
        match results.recv_timeout(wait) {
            Ok((index, Ok(connected))) => return Ok((index, connected)),
            Ok((_, Err(error))) => {
                failed = error;
                pending -= 1;
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }
}

/// Reads until the other side ends the connection, or until there is a whole answer that does not say that it will.
fn read(stream: &mut TcpStream, request: &[u8], mut until: Instant) -> io::Result<RawResponse> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let mut is_whole = false;
    loop {
        let got = left(until).and_then(|time| {
            stream.set_read_timeout(Some(time))?;
            stream.read(&mut buffer)
        });
        match got {
            Ok(0) => return Ok(RawResponse { bytes, closed: true }),
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever resets a connection behind an answer has ended it.
            Err(error) if is_whole => {
                let closed = error.kind() == ErrorKind::ConnectionReset;
                return Ok(RawResponse { bytes, closed });
            }
            Err(error) => return Err(error),
        }
        if bytes.len() > MOST_BYTES {
            return Ok(RawResponse { bytes, closed: false });
        }
        match RawResponse::is_whole(request, &bytes) {
            Some(false) => return Ok(RawResponse { bytes, closed: false }),
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
/// RFC 8305 section 8: the recommended connection attempt delay.
const NEXT_ATTEMPT: Duration = Duration::from_millis(250);
const BETWEEN_BYTES: Duration = Duration::from_millis(5);
const MOST_REQUESTS: u32 = 1_000;
const MOST_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    use super::*;

    #[test]
    fn an_address_that_hangs_does_not_keep_the_next_one_from_connecting() {
        let (listener, answers) = listening();
        let started = Instant::now();
        let mut socket = socket(&[HANGS, HANGS, answers]);
        let (index, stream) = race(&socket.addresses, started + ONE_ANSWER, connect_or_hang).unwrap();
        assert_eq!((index, stream.peer_addr().unwrap()), (2, answers));
        assert!((2 * NEXT_ATTEMPT..ONE_ANSWER / 2).contains(&started.elapsed()), "{:?}", started.elapsed());
        drop(listener);
        socket.addresses.truncate(2);
        let error = race(&socket.addresses, Instant::now() + NEXT_ATTEMPT * 2, connect_or_hang).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn the_next_attempt_follows_a_failed_one_at_once() {
        let (_listener, answers) = listening();
        let started = Instant::now();
        let mut addresses = [refusing(); 8].to_vec();
        addresses.push(answers);
        let (index, _) = race(&addresses, started + ONE_ANSWER, connect_or_hang).unwrap();
        assert_eq!(index, 8);
        assert!(started.elapsed() < 4 * NEXT_ATTEMPT, "{:?}", started.elapsed());
    }

    #[test]
    fn an_earlier_attempt_that_is_slow_can_still_connect() {
        let until = Instant::now() + ONE_ANSWER;
        let slow = |address: &SocketAddr, _: Duration| {
            thread::sleep(if *address == HANGS { 2 * NEXT_ATTEMPT } else { ONE_ANSWER });
            Ok(*address)
        };
        assert_eq!(race(&[HANGS, refusing()], until, slow).unwrap(), (0, HANGS));
    }

    #[test]
    fn all_attempts_that_fail_are_an_error_at_once() {
        let started = Instant::now();
        let error = race(&[refusing(); 8], started + ONE_ANSWER, connect_or_hang).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(started.elapsed() < 4 * NEXT_ATTEMPT, "{:?}", started.elapsed());
        let error = race(&[], started + ONE_ANSWER, connect_or_hang).unwrap_err();
        assert_eq!(error.to_string(), "the host has no address");
    }

    #[test]
    fn later_requests_begin_with_the_address_that_connected() {
        let (_listener, answers) = listening();
        let others = [refusing(), refusing()];
        let mut socket = socket(&[others[0], others[1], answers, HANGS]);
        for _ in 0..2 {
            let stream = socket.connect(Instant::now() + ONE_ANSWER).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), answers);
            assert_eq!(socket.addresses, [answers, others[0], others[1], HANGS]);
        }
    }

    #[test]
    fn families_alternate_from_the_first_one_on() {
        let v4 = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = |port| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        for (given, ordered) in [
            (vec![v6(1), v6(2), v6(3), v4(1), v4(2)], vec![v6(1), v4(1), v6(2), v4(2), v6(3)]),
            (vec![v4(1), v6(1), v6(2)], vec![v4(1), v6(1), v6(2)]),
            (vec![v4(1), v4(2)], vec![v4(1), v4(2)]),
            (vec![], vec![]),
        ] {
            assert_eq!(alternating(given), ordered);
        }
    }

    fn socket(addresses: &[SocketAddr]) -> Socket {
        Socket { addresses: addresses.to_vec(), host: "x".into(), end: Instant::now() + WHOLE_RUN, requests: 0 }
    }

    fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address without a listener.
    fn refusing() -> SocketAddr {
        listening().1
    }

    /// Connects as a socket does, but an attempt at [`HANGS`] gets no answer.
    fn connect_or_hang(address: &SocketAddr, time: Duration) -> io::Result<TcpStream> {
        if *address == HANGS {
            thread::sleep(time);
            return Err(ErrorKind::TimedOut.into());
        }
        TcpStream::connect_timeout(address, time)
    }

    const HANGS: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 1);
}
