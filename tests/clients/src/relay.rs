//! A proxy that makes a token void between two requests of a client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::run::TIMEOUT;
use crate::server::Server;

/// Forwards requests and responses unchanged. The first token is void before the client receives
/// it.
pub struct Relay {
    address: SocketAddr,
    line: Arc<Mutex<Option<Line>>>,
}

/// The server and its requests, until the relay is dropped.
struct Line {
    server: Server,
    voided: bool,
    requests: Vec<String>,
}

impl Relay {
    /// Starts a relay in front of this server.
    pub fn before(server: Server) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let line = Arc::new(Mutex::new(Some(Line { server, voided: false, requests: Vec::new() })));
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            // One connection at a time, because these clients send one request after the other.
            for stream in listener.incoming() {
                let mut line = shared.lock().expect(NOT_POISONED);
                let Some(line) = line.as_mut() else { return };
                let _ = stream.and_then(|stream| line.forward(stream));
            }
        });
        Relay { address, line }
    }

    /// The relay's address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The server's requests, with their statuses.
    pub fn requests(&self) -> Vec<String> {
        let mut line = self.line.lock().expect(NOT_POISONED);
        let line = line.as_mut().expect("set until the relay is dropped");
        line.requests.extend(line.server.requests());
        std::mem::take(&mut line.requests)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // The thread continues, but the server must end.
        self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Line {
    fn forward(&mut self, mut client: TcpStream) -> io::Result<()> {
        let request = head(&mut client)?;
        let mut server = TcpStream::connect_timeout(&self.server.address(), TIMEOUT)?;
        server.set_read_timeout(Some(TIMEOUT))?;
        server.write_all(&request)?;
        let mut response = Vec::new();
        server.read_to_end(&mut response)?;
        if request.starts_with(b"PUT ") && !self.voided {
            self.voided = true;
            self.requests = self.server.requests();
            self.server.restart();
        }
        client.write_all(&response)?;
        client.shutdown(Shutdown::Write)
    }
}

/// A request's head. None of these clients sends a body.
fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    client.set_read_timeout(Some(TIMEOUT))?;
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    Ok(bytes)
}

const NOT_POISONED: &str = "no panic while relaying";
