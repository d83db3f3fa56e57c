//! A metadata service, asked byte by byte: what it says, and whether it says anything.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::run::PATIENCE;

/// Where an instance is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata(pub SocketAddr);

impl Metadata {
    /// The address that a described instance's primary interface names.
    pub fn named_by(instance: &Value) -> Metadata {
        let description = instance["NetworkInterfaces"][0]["Description"].as_str();
        let address = description.and_then(|text| text.strip_prefix("imds: http://")?.parse().ok());
        Metadata(address.unwrap_or_else(|| panic!("no address in {description:?}")))
    }

    /// The value at a path below `/latest/`, with a token of its own; the status where there is none. `None` where the
    /// connection is refused, or closed without an answer.
    pub fn get(self, path: &str) -> Option<Result<String, u16>> {
        match self.token()? {
            Ok(token) => self.get_with(&token, path),
            Err(status) => Some(Err(status)),
        }
    }

    pub fn token(self) -> Option<Result<String, u16>> {
        self.ask("PUT", "api/token", "X-aws-ec2-metadata-token-ttl-seconds: 21600")
    }

    pub fn get_with(self, token: &str, path: &str) -> Option<Result<String, u16>> {
        self.ask("GET", path, &format!("X-aws-ec2-metadata-token: {token}"))
    }

    /// The same without a token.
    pub fn get_v1(self, path: &str) -> Option<Result<String, u16>> {
        self.ask("GET", path, "Accept: */*")
    }

    fn ask(self, method: &str, path: &str, field: &str) -> Option<Result<String, u16>> {
        let request = format!("{method} /latest/{path} HTTP/1.1\r\nHost: imds\r\n{field}\r\n\r\n");
        let answer = self.exchange(&request).ok().filter(|answer| !answer.is_empty())?;
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Some(if status == 200 { Ok(body.to_owned()) } else { Err(status) })
    }

    fn exchange(self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.0, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        match stream.read_to_string(&mut answer) {
            // Time is up: that is no answer either, but nothing that a test waits for.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("{}: neither an answer nor an end", self.0)
            }
            read => read.map(|_| answer),
        }
    }
}
