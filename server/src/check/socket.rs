use std::io::{self, ErrorKind, Read, Write};
use std::iter;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use imds_conformance::{Endpoint, NoReply, Pace, RawResponse};

use super::endpoint::Url;
use crate::terminal;

/// A service behind a socket. Each request opens a new connection. Time, requests and bytes are
/// bounded.
pub struct Socket {
    /// In the order of the connection attempts; the address that connected last is the first.
    addresses: Vec<SocketAddr>,
    host: String,
    deadline: Instant,
    response_timeout: Duration,
    requests: u32,
}

impl Socket {
    pub fn new(url: &Url, host: Option<&str>, started: Instant) -> Result<Socket, String> {
        let host = host.map_or_else(|| url.authority(), str::to_owned);
        if !host.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("--host must be printable ASCII without spaces".to_owned());
        }
        let addresses = alternating(url.addresses()?);
        let deadline = started + RUN_TIMEOUT;
        Ok(Socket { addresses, host, deadline, response_timeout: RESPONSE_TIMEOUT, requests: 0 })
    }

    /// Returns the number of requests sent.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    fn connect(&mut self, until: Instant) -> io::Result<TcpStream> {
        let (index, stream) = race(&self.addresses, until, TcpStream::connect_timeout)?;
        // Later requests do not wait for an address that does not respond.
        self.addresses[..=index].rotate_right(1);
        Ok(stream)
    }

    /// The deadline of a step that begins now.
    fn response_deadline(&self) -> Instant {
        self.deadline.min(Instant::now() + self.response_timeout)
    }

    fn exchange(&mut self, request: &[u8], pace: Pace) -> io::Result<RawResponse> {
        let mut stream = self.connect(self.response_deadline())?;
        stream.set_write_timeout(Some(left(self.response_deadline())?))?;
        // A service may reject a request before it has read all of it, so a write error does not
        // mean that there is no response.
        let sent = match pace {
            Pace::AtOnce => stream.write_all(request),
            Pace::ByteByByte => dribble(&mut stream, request, self.deadline),
        };
        // A request that is sent slowly leaves its response as much time as any other.
        let reply = read(&mut stream, request, self.response_deadline());
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
        if Instant::now() >= self.deadline {
            return Err(NoReply::LimitReached(format!("the limit of {} seconds is reached", RUN_TIMEOUT.as_secs())));
        }
        if self.requests == MAX_REQUESTS {
            return Err(NoReply::LimitReached(format!("the limit of {MAX_REQUESTS} requests is reached")));
        }
        self.requests += 1;
        self.exchange(request, pace).map_err(|error| {
            NoReply::Unanswered(match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => "no response in time".to_owned(),
                _ => terminal::reason(&error),
            })
        })
    }

    fn wait(&mut self, millis: u64) {
        thread::sleep(Duration::from_millis(millis).min(self.deadline.saturating_duration_since(Instant::now())));
    }
}

/// Returns the addresses with alternating families, starting with the family of the first address
/// (RFC 8305 section 4).
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

/// Reads until the service closes the connection, or until the response is complete and does not
/// announce `Connection: close`.
fn read(stream: &mut TcpStream, request: &[u8], mut until: Instant) -> io::Result<RawResponse> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let mut is_complete = false;
    loop {
        let got = left(until).and_then(|time| {
            stream.set_read_timeout(Some(time))?;
            stream.read(&mut buffer)
        });
        match got {
            Ok(0) => return Ok(RawResponse { bytes, closed: true }),
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A reset after a complete response also closes the connection.
            Err(error) if is_complete => {
                let closed = error.kind() == ErrorKind::ConnectionReset;
                return Ok(RawResponse { bytes, closed });
            }
            Err(error) => return Err(error),
        }
        if bytes.len() > MAX_BYTES {
            return Ok(RawResponse { bytes, closed: false });
        }
        match RawResponse::is_whole(request, &bytes) {
            Some(false) => return Ok(RawResponse { bytes, closed: false }),
            Some(true) if !is_complete => {
                is_complete = true;
                until = until.min(Instant::now() + CLOSE_TIMEOUT);
            }
            _ => {}
        }
    }
}

/// Sends each byte in its own segment, which takes about a second for a request.
fn dribble(stream: &mut TcpStream, request: &[u8], until: Instant) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for byte in request {
        left(until)?;
        stream.write_all(&[*byte])?;
        thread::sleep(BYTE_INTERVAL);
    }
    Ok(())
}

/// Returns the time until the deadline, or `TimedOut` if it has passed.
fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        time => Ok(time),
    }
}

const RUN_TIMEOUT: Duration = Duration::from_secs(60);
/// Most clients of the metadata service give up earlier.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a connection may stay open after a response with `Connection: close`.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// RFC 8305 section 8: the recommended connection attempt delay.
const NEXT_ATTEMPT: Duration = Duration::from_millis(250);
const BYTE_INTERVAL: Duration = Duration::from_millis(5);
const MAX_REQUESTS: u32 = 1_000;
const MAX_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    use super::*;

    #[test]
    fn an_address_that_hangs_does_not_block_the_next_address() {
        let (listener, answers) = listening();
        let started = Instant::now();
        let mut socket = socket(&[HANGS, HANGS, answers]);
        let (index, stream) = race(&socket.addresses, started + RESPONSE_TIMEOUT, connect_or_hang).unwrap();
        assert_eq!((index, stream.peer_addr().unwrap()), (2, answers));
        assert!((2 * NEXT_ATTEMPT..RESPONSE_TIMEOUT / 2).contains(&started.elapsed()), "{:?}", started.elapsed());
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
        let (index, _) = race(&addresses, started + RESPONSE_TIMEOUT, connect_or_hang).unwrap();
        assert_eq!(index, 8);
        assert!(started.elapsed() < 4 * NEXT_ATTEMPT, "{:?}", started.elapsed());
    }

    #[test]
    fn an_earlier_attempt_that_is_slow_can_still_connect() {
        let until = Instant::now() + RESPONSE_TIMEOUT;
        let slow = |address: &SocketAddr, _: Duration| {
            thread::sleep(if *address == HANGS { 2 * NEXT_ATTEMPT } else { RESPONSE_TIMEOUT });
            Ok(*address)
        };
        assert_eq!(race(&[HANGS, refusing()], until, slow).unwrap(), (0, HANGS));
    }

    #[test]
    fn all_attempts_that_fail_are_an_error_at_once() {
        let started = Instant::now();
        let error = race(&[refusing(); 8], started + RESPONSE_TIMEOUT, connect_or_hang).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(started.elapsed() < 4 * NEXT_ATTEMPT, "{:?}", started.elapsed());
        let error = race(&[], started + RESPONSE_TIMEOUT, connect_or_hang).unwrap_err();
        assert_eq!(error.to_string(), "the host has no address");
    }

    #[test]
    fn later_requests_try_the_address_that_connected_first() {
        let (_listener, answers) = listening();
        let others = [refusing(), refusing()];
        let mut socket = socket(&[others[0], others[1], answers, HANGS]);
        for _ in 0..2 {
            let stream = socket.connect(Instant::now() + RESPONSE_TIMEOUT).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), answers);
            assert_eq!(socket.addresses, [answers, others[0], others[1], HANGS]);
        }
    }

    #[test]
    fn a_response_has_its_time_after_a_slow_request() {
        let (listener, answers) = listening();
        let mut socket = socket(&[answers]);
        socket.response_timeout = Duration::from_secs(1);
        let request = "x".repeat((2 * socket.response_timeout).div_duration_f64(BYTE_INTERVAL) as usize);
        let length = request.len();
        let service = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut vec![0; length]).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        let response = socket.send(request.as_bytes(), Pace::ByteByByte);
        assert!(response.is_ok(), "the pauses of the request count as the time of the response");
        service.join().unwrap();
    }

    #[test]
    fn address_families_alternate_from_the_first_address() {
        let v4 = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = |port| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        for (addresses, ordered) in [
            (vec![v6(1), v6(2), v6(3), v4(1), v4(2)], vec![v6(1), v4(1), v6(2), v4(2), v6(3)]),
            (vec![v4(1), v6(1), v6(2)], vec![v4(1), v6(1), v6(2)]),
            (vec![v4(1), v4(2)], vec![v4(1), v4(2)]),
            (vec![], vec![]),
        ] {
            assert_eq!(alternating(addresses), ordered);
        }
    }

    fn socket(addresses: &[SocketAddr]) -> Socket {
        let deadline = Instant::now() + RUN_TIMEOUT;
        let addresses = addresses.to_vec();
        Socket { addresses, host: "x".into(), deadline, response_timeout: RESPONSE_TIMEOUT, requests: 0 }
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

    /// Connects like a socket, but an attempt at [`HANGS`] gets no answer.
    fn connect_or_hang(address: &SocketAddr, time: Duration) -> io::Result<TcpStream> {
        if *address == HANGS {
            thread::sleep(time);
            return Err(ErrorKind::TimedOut.into());
        }
        TcpStream::connect_timeout(address, time)
    }

    const HANGS: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 1);
}
