//! A slow peer harms nobody else, and loses nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::support::{PATIENCE, Server, get, rest, status};

#[test]
fn a_head_that_is_half_sent_blocks_nobody() {
    let server = Server::start(&[]);
    let mut slow: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHo").unwrap();
    }
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 200 OK");
    for stream in &mut slow {
        stream.write_all(b"st: imds\r\n\r\n").unwrap();
        assert_eq!(status(&rest(stream)), "HTTP/1.1 200 OK");
    }
}

#[test]
fn a_reader_that_comes_late_gets_every_answer() {
    let server = Server::start(&["--keep-alive", "--log", "off"]);
    let mut reader = server.connect();
    let mut writer = Writer { stream: reader.try_clone().unwrap(), sent: 0 };
    // Nothing is read, so the server's answers fill every buffer on the way back, then the requests those on the way there.
    writer.send_until_it_blocks();
    assert_eq!(status(&server.exchange(&last("/latest/"))), "HTTP/1.1 200 OK");

    let writing = thread::spawn(move || writer.finish());
    // Shorter than any deadline of the server's, which would wake it where nothing else does.
    reader.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut answers = String::new();
    reader.read_to_string(&mut answers).unwrap();
    let requests = writing.join().unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), requests);
    assert_eq!(answers.matches("\r\n\r\ni-0abcdef1234567890").count(), requests);
}

/// Sends one request after the other.
struct Writer {
    stream: TcpStream,
    /// Bytes.
    sent: usize,
}

impl Writer {
    fn send_until_it_blocks(&mut self) {
        self.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let request = Writer::request();
        while self.sent < MOST_BYTES {
            match self.stream.write(&request[self.sent % request.len()..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the server takes whatever it is sent");
    }

    /// Sends the rest of the last request and one more; gives the number of all.
    fn finish(mut self) -> usize {
        self.stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let request = Writer::request();
        let begun = self.sent % request.len();
        if begun > 0 {
            self.stream.write_all(&request[begun..]).unwrap();
        }
        self.stream.write_all(last("/latest/meta-data/instance-id").as_bytes()).unwrap();
        self.sent.div_ceil(request.len()) + 1
    }

    /// About a kilobyte, and no divisor of any buffer.
    fn request() -> Vec<u8> {
        let padding = format!("\r\nPadding: {}\r\n\r\n", "x".repeat(1001));
        get("/latest/meta-data/instance-id").replace("\r\n\r\n", &padding).into_bytes()
    }
}

/// More than all buffers together.
const MOST_BYTES: usize = 500_000_000;

#[test]
fn a_body_past_its_bound_is_answered_and_dropped() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    let length = 200_000;
    stream
        .write_all(
            format!("PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nContent-Length: {length}\r\n\r\n").as_bytes(),
        )
        .unwrap();
    // The answer comes before the body, and sending the body does not lose it.
    stream.write_all(&vec![b'x'; length]).unwrap();
    assert_eq!(status(&rest(&mut stream)), "HTTP/1.1 413 Payload Too Large");
}

fn last(path: &str) -> String {
    get(path).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
}
