//! A server that receives the signed requests of a client, instead of an AWS API.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::namespace::Namespace;
use crate::run::TIMEOUT;

/// Responds to every request with 403.
pub struct Api {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl Api {
    pub fn start() -> Api {
        Api::at(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    /// Starts it at the loopback address of a network namespace.
    pub fn start_in(namespace: &Namespace) -> Api {
        Api::at(namespace.listen("127.0.0.1:0"))
    }

    fn at(listener: TcpListener) -> Api {
        let address = listener.local_addr().expect("its address");
        let (send, requests) = channel();
        // The thread ends with the first request after the value is dropped.
        thread::spawn(move || {
            for stream in listener.incoming() {
                if let Ok(head) = stream.and_then(deny)
                    && send.send(head).is_err()
                {
                    return;
                }
            }
        });
        Api { address, requests }
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the next received request.
    pub fn request(&self) -> String {
        self.requests.recv_timeout(TIMEOUT).expect("a request")
    }

    /// Asserts that the next received request is signed with temporary credentials, as those of a
    /// role are, for this region.
    #[track_caller]
    pub fn assert_signed(&self, region: &str) {
        let request = self.request();
        let header = |name: &str| {
            let lines = request.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or("")
        };
        let signed = header("Authorization");
        assert!(signed.contains("Credential=ASIA") && signed.contains(&format!("/{region}/")), "{request}");
        assert!(!header("X-Amz-Security-Token").is_empty(), "{request}");
    }
}

fn deny(mut stream: TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let head = loop {
        let length = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length_of_body(head)
        {
            break head.to_owned();
        }
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let page = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let length = page.len();
    write!(stream, "HTTP/1.1 403 Forbidden\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}")?;
    Ok(head)
}

fn length_of_body(head: &str) -> usize {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}
