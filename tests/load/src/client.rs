//! The client side: connections with timeouts, and checked responses.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A request for a token.
pub const PUT: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n\
    X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";

/// A request for the instance id.
pub const GET: &[u8] = b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/// The same request, on a connection that stays open.
pub const GET_KEEP_ALIVE: &[u8] = b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// The characters of a token that contain its nonce.
pub type Nonce = [u8; 12];

pub fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    with_timeouts(TcpStream::connect_timeout(&server, TIMEOUT)?)
}

/// Sets the timeouts of a stream.
pub fn with_timeouts(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// A response, whose buffers are reused for the next one.
#[derive(Default)]
pub struct Response {
    head: String,
    body: Vec<u8>,
}

impl Response {
    /// Reads the next response of the stream.
    pub fn read(&mut self, stream: &mut impl BufRead) -> Result<(), String> {
        self.head.clear();
        while !self.head.ends_with("\r\n\r\n") {
            let length = stream.read_line(&mut self.head).map_err(|error| error.to_string())?;
            if length == 0 {
                return Err(format!("the connection ended after {} bytes of a response head", self.head.len()));
            }
        }
        let length = self.header("Content-Length").and_then(|length| length.parse().ok());
        self.body.resize(length.ok_or("a response without Content-Length")?, 0);
        stream.read_exact(&mut self.body).map_err(|error| error.to_string())
    }

    /// Returns the body.
    ///
    /// # Errors
    ///
    /// The status line, if the status is not 200.
    pub fn ok_body(&self) -> Result<&[u8], String> {
        match self.head.lines().next() {
            Some("HTTP/1.1 200 OK") => Ok(&self.body),
            status => Err(status.unwrap_or_default().to_owned()),
        }
    }

    /// Checks that this is the response to [`GET`].
    pub fn check_instance_id(&self) -> Result<(), String> {
        match self.ok_body()? {
            b"i-0abcdef1234567890" => Ok(()),
            other => Err(format!("unexpected body: {}", String::from_utf8_lossy(other))),
        }
    }

    /// Checks that this is the response to [`PUT`] and returns the token's nonce.
    pub fn nonce(&self) -> Result<Nonce, String> {
        let token = self.ok_body()?;
        if token.len() != TOKEN_CHARS {
            return Err(format!("a token of {} characters", token.len()));
        }
        if self.header("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != Some("21600") {
            return Err("a token with another TTL".to_owned());
        }
        let nonce = token[NONCE_AT..].first_chunk().copied();
        nonce.ok_or_else(|| "a token without a nonce".to_owned())
    }

    /// Returns the status code.
    pub fn status(&self) -> Result<u16, String> {
        let code = self.head.split(' ').nth(1).and_then(|code| code.parse().ok());
        code.ok_or_else(|| format!("no status code: {:?}", self.head))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(header, value)| header.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Sends [`GET`] on a connection, checks the response and the end of the connection.
pub fn get(stream: &mut TcpStream) -> Result<(), String> {
    stream.write_all(GET).map_err(|error| error.to_string())?;
    let mut stream = BufReader::with_capacity(1024, stream);
    let mut response = Response::default();
    response.read(&mut stream)?;
    expect_end(&mut stream)?;
    response.check_instance_id()
}

/// Checks that the server closes the connection without sending more.
pub fn expect_end(stream: &mut impl Read) -> Result<(), String> {
    match stream.read(&mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) => Err("more than one response".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
const TOKEN_CHARS: usize = 56;
/// The bytes 8 to 15 of a token are its nonce (src/token/sealed.rs).
const NONCE_AT: usize = 10;
