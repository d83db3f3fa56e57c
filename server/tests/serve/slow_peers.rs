//! Slow peers delay no other connection and lose no response.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::support::{Server, TIMEOUT, get, read_to_end, status};

#[test]
fn incomplete_heads_block_no_other_request() {
    let server = Server::start(&[]);
    let mut slow: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHo").unwrap();
    }
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
    for stream in &mut slow {
        stream.write_all(b"st: imds\r\n\r\n").unwrap();
        assert_eq!(status(&read_to_end(stream)), "HTTP/1.1 200 OK");
    }
}

#[test]
fn a_late_reader_gets_every_response() {
    let server = Server::start(&["--keep-alive", "--log", "off"]);
    let mut reader = server.connect();
    let mut writer = Writer { stream: reader.try_clone().unwrap(), sent: 0 };
    // Nothing is read, so first the responses fill the buffers on their way, then the requests.
    writer.send_until_it_blocks();
    assert_eq!(status(&server.exchange(&last("/latest/"))), "HTTP/1.1 200 OK");

    let writing = thread::spawn(move || writer.finish());
    // Shorter than the server's deadlines, which would otherwise wake the connection.
    reader.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut responses = String::new();
    reader.read_to_string(&mut responses).unwrap();
    let requests = writing.join().unwrap();
    assert_eq!(responses.matches("HTTP/1.1 200 OK\r\n").count(), requests);
    assert_eq!(responses.matches("\r\n\r\ni-0abcdef1234567890").count(), requests);
}

/// Sends the same request repeatedly.
struct Writer {
    stream: TcpStream,
    /// The number of bytes sent.
    sent: usize,
}

impl Writer {
    fn send_until_it_blocks(&mut self) {
        self.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let request = Writer::request();
        while self.sent < MAX_BYTES {
            match self.stream.write(&request[self.sent % request.len()..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the server accepts any amount of requests");
    }

    /// Sends the rest of the last request and one more. Returns the number of requests.
    fn finish(mut self) -> usize {
        self.stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        let request = Writer::request();
        let started = self.sent % request.len();
        if started > 0 {
            self.stream.write_all(&request[started..]).unwrap();
        }
        self.stream.write_all(last("/latest/meta-data/instance-id").as_bytes()).unwrap();
        self.sent.div_ceil(request.len()) + 1
    }

    /// About a kilobyte, but not a divisor of any buffer size.
    fn request() -> Vec<u8> {
        let padding = format!("\r\nPadding: {}\r\n\r\n", "x".repeat(1001));
        get("/latest/meta-data/instance-id").replace("\r\n\r\n", &padding).into_bytes()
    }
}

/// More than fits into all buffers.
const MAX_BYTES: usize = 500_000_000;

#[test]
fn a_body_over_the_limit_is_answered_and_discarded() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    let length = 200_000;
    stream
        .write_all(
            format!("PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nContent-Length: {length}\r\n\r\n").as_bytes(),
        )
        .unwrap();
    // The server responds before the body arrives; sending the body must not lose the response.
    stream.write_all(&vec![b'x'; length]).unwrap();
    assert_eq!(status(&read_to_end(&mut stream)), "HTTP/1.1 413 Payload Too Large");
}

fn last(path: &str) -> String {
    get(path).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
}
