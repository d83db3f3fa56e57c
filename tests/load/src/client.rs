//! The asking side: connections whose every wait is bounded, and answers that are checked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Asks for a token.
pub const PUT: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n\
    X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";

/// Asks for the id of the instance that the server has by default.
pub const GET: &[u8] = b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/// The characters of a token that hold its nonce.
pub type Nonce = [u8; 12];

pub fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    bounded(TcpStream::connect_timeout(&server, PATIENCE)?)
}

/// Bounds how long the stream is waited for.
pub fn bounded(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The last answer that was read.
#[derive(Default)]
pub struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the next answer of the stream.
    pub fn read(&mut self, stream: &mut impl BufRead) -> Result<(), String> {
        self.head.clear();
        while !self.head.ends_with("\r\n\r\n") {
            let length = stream.read_line(&mut self.head).map_err(|error| error.to_string())?;
            if length == 0 {
                return Err(format!("the connection ended {} bytes into an answer's head", self.head.len()));
            }
        }
        let length = self.field("Content-Length").and_then(|length| length.parse().ok());
        self.body.resize(length.ok_or("an answer without a length")?, 0);
        stream.read_exact(&mut self.body).map_err(|error| error.to_string())
    }

    /// The body of an answer that serves something.
    pub fn served(&self) -> Result<&[u8], String> {
        match self.head.lines().next() {
            Some("HTTP/1.1 200 OK") => Ok(&self.body),
            status => Err(status.unwrap_or_default().to_owned()),
        }
    }

    /// Whether it is that of [`GET`].
    pub fn is_leaf(&self) -> Result<(), String> {
        match self.served()? {
            b"i-0abcdef1234567890" => Ok(()),
            other => Err(format!("another body: {}", String::from_utf8_lossy(other))),
        }
    }

    /// The nonce of the token that was asked for.
    pub fn nonce(&self) -> Result<Nonce, String> {
        let token = self.served()?;
        if token.len() != TOKEN_CHARS {
            return Err(format!("a token of {} characters", token.len()));
        }
        if self.field("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != Some("21600") {
            return Err("a token of another life".to_owned());
        }
        let nonce = token[NONCE_AT..].first_chunk().copied();
        nonce.ok_or_else(|| "a token without a nonce".to_owned())
    }

    /// The number of its status.
    pub fn status(&self) -> Result<u16, String> {
        let number = self.head.split(' ').nth(1).and_then(|number| number.parse().ok());
        number.ok_or_else(|| format!("no status: {:?}", self.head))
    }

    fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Asks on this connection, which ends with the answer.
pub fn ask(stream: &mut TcpStream) -> Result<(), String> {
    stream.write_all(GET).map_err(|error| error.to_string())?;
    let mut stream = BufReader::with_capacity(1024, stream);
    let mut answer = Answer::default();
    answer.read(&mut stream)?;
    ends(&mut stream)?;
    answer.is_leaf()
}

/// Whether the server ends the connection and sends nothing before.
pub fn ends(stream: &mut impl Read) -> Result<(), String> {
    match stream.read(&mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) => Err("more than one answer".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
const TOKEN_CHARS: usize = 56;
/// A token's bytes 8 to 15 are its nonce (src/token/sealed.rs).
const NONCE_AT: usize = 10;
