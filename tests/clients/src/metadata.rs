//! A minimal metadata client that distinguishes values, error statuses and no response.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::run::TIMEOUT;

/// The address at which an instance is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata(pub SocketAddr);

impl Metadata {
    /// Reads the address from the description of the instance's primary interface.
    pub fn named_by(instance: &Value) -> Metadata {
        let description = instance["NetworkInterfaces"][0]["Description"].as_str();
        let address = description.and_then(|text| text.strip_prefix("imds: http://")?.parse().ok());
        Metadata(address.unwrap_or_else(|| panic!("no address in {description:?}")))
    }

    /// Reads the value at a path below `/latest/` with a new token, or returns the error status.
    /// `None` if the connection is refused or closed without a response.
    pub fn get(self, path: &str) -> Option<Result<String, u16>> {
        match self.token()? {
            Ok(token) => self.get_with(&token, path),
            Err(status) => Some(Err(status)),
        }
    }

    pub fn token(self) -> Option<Result<String, u16>> {
        self.request("PUT", "api/token", "X-aws-ec2-metadata-token-ttl-seconds: 21600")
    }

    pub fn get_with(self, token: &str, path: &str) -> Option<Result<String, u16>> {
        self.request("GET", path, &format!("X-aws-ec2-metadata-token: {token}"))
    }

    /// Like [`get`](Metadata::get), without a token.
    pub fn get_v1(self, path: &str) -> Option<Result<String, u16>> {
        self.request("GET", path, "Accept: */*")
    }

    fn request(self, method: &str, path: &str, header: &str) -> Option<Result<String, u16>> {
        let request = format!("{method} /latest/{path} HTTP/1.1\r\nHost: imds\r\n{header}\r\n\r\n");
        let response = self.exchange(&request).ok().filter(|response| !response.is_empty())?;
        let (head, body) = response.split_once("\r\n\r\n").expect("a response has a head");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Some(if status == 200 { Ok(body.to_owned()) } else { Err(status) })
    }

    fn exchange(self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.0, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.write_all(request.as_bytes())?;
        let mut response = String::new();
        match stream.read_to_string(&mut response) {
            // A timeout is no response either, but no test expects one.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("{}: neither a response nor an end of the stream", self.0)
            }
            read => read.map(|_| response),
        }
    }
}
