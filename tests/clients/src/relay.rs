//! Somebody between a client and a server who makes tokens void in the middle of what the client does.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::run::PATIENCE;
use crate::server::Server;

/// Hands requests and answers on unchanged. The first token is void by the time that the client has it.
pub struct Relay {
    address: SocketAddr,
    line: Arc<Mutex<Option<Line>>>,
}

/// What is behind the relay, until that is dropped.
struct Line {
    server: Server,
    voided: bool,
    asked: Vec<String>,
}

impl Relay {
    /// Stands before this server.
    pub fn before(server: Server) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let line = Arc::new(Mutex::new(Some(Line { server, voided: false, asked: Vec::new() })));
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            // One after the other, as these clients ask.
            for stream in listener.incoming() {
                let mut line = shared.lock().expect(SOUND);
                let Some(line) = line.as_mut() else { return };
                let _ = stream.and_then(|stream| line.hand_on(stream));
            }
        });
        Relay { address, line }
    }

    /// The relay's address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the server was asked, and how it answered.
    pub fn asked(&self) -> Vec<String> {
        let mut line = self.line.lock().expect(SOUND);
        let line = line.as_mut().expect("it is there until it is dropped");
        line.asked.extend(line.server.asked());
        std::mem::take(&mut line.asked)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // The thread lives on, the server must not.
        self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Line {
    fn hand_on(&mut self, mut client: TcpStream) -> io::Result<()> {
        let request = head(&mut client)?;
        let mut server = TcpStream::connect_timeout(&self.server.address(), PATIENCE)?;
        server.set_read_timeout(Some(PATIENCE))?;
        server.write_all(&request)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        if request.starts_with(b"PUT ") && !self.voided {
            self.voided = true;
            self.asked = self.server.asked();
            self.server.restart();
        }
        client.write_all(&answer)?;
        client.shutdown(Shutdown::Write)
    }
}

/// A request's head. None of these clients sends a body.
fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    Ok(bytes)
}

const SOUND: &str = "no panic while relaying";
