//! A server of a test's own.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::Value;

use crate::namespace::Namespace;
use crate::run::{PATIENCE, command, printed, reason, run, wait};
use crate::skip::or_skip;

/// A running `imds`, killed when dropped.
pub struct Server {
    process: Child,
    log: Receiver<String>,
    arguments: Vec<String>,
    address: SocketAddr,
    console: Option<SocketAddr>,
}

impl Server {
    /// Starts it with these arguments on a free port of a loopback address.
    pub fn start(arguments: &[&str]) -> Server {
        Server::start_at(&loopback(), arguments)
    }

    /// The same with a console, at 127.0.0.1 and the addresses of its instances.
    pub fn start_with_console(arguments: &[&str]) -> Server {
        Server::start_at("127.0.0.1:0", &[&["--console", "127.0.0.1:0"], arguments].concat())
    }

    /// The same at this address.
    pub fn start_at(address: &str, arguments: &[&str]) -> Server {
        Server::spawn(command(binary()), address.parse().expect("an address"), owned(arguments))
    }

    /// The same in a network of its own.
    pub fn start_in(namespace: &Namespace, address: &str, arguments: &[&str]) -> Server {
        Server::spawn(namespace.command(binary()), address.parse().expect("an address"), owned(arguments))
    }

    fn spawn(mut command: Command, address: SocketAddr, arguments: Vec<String>) -> Server {
        command.args(["--log", "json", "--listen", &address.to_string()]).args(&arguments);
        let has_console = arguments.iter().any(|argument| argument == "--console");
        if !has_console {
            // Many are started at once, and the console's default port is one.
            command.args(["--console", "off"]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let news = lines(process.stdout.take().expect("a pipe"));
        let log = lines(process.stderr.take().expect("a pipe"));
        let mut server = Server { process, log, arguments, address, console: None };
        let told = |prefix: &str| -> SocketAddr {
            let line = news.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("imds did not say where it listens: {:?}", server.log.try_iter().collect::<Vec<_>>())
            });
            let address = line.strip_prefix(prefix).and_then(|address| address.parse().ok());
            address.unwrap_or_else(|| panic!("{line}"))
        };
        let address = told("imds: listening on http://");
        let console = has_console.then(|| told("imds: console on http://"));
        server.address = address;
        server.console = console;
        server
    }

    /// Ends it and starts it anew at the same address. It makes its tokens from another seed: every one that it gave is void.
    pub fn restart(&mut self) {
        let arguments = std::mem::take(&mut self.arguments);
        self.restart_as(arguments);
    }

    /// The same with other arguments.
    pub fn restart_with(&mut self, arguments: &[&str]) {
        self.restart_as(owned(arguments));
    }

    fn restart_as(&mut self, arguments: Vec<String>) {
        self.end();
        *self = Server::spawn(command(binary()), self.address, arguments);
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        printed(&run(command("sh").args(["-c", &format!("kill -TERM {}", self.process.id())])));
        let ended = wait(&mut self.process, PATIENCE).expect("the server ends");
        assert!(ended.success(), "{ended}");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its console is.
    pub fn console(&self) -> SocketAddr {
        self.console.expect("a server with a console")
    }

    /// A page of its console.
    pub fn page(&self, path: &str) -> String {
        let console = self.console();
        let mut stream = TcpStream::connect_timeout(&console, PATIENCE).expect("the console listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {console}\r\n\r\n").expect("the console reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the console answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
        body.to_owned()
    }

    /// The address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked since it started or since the last call, and how it answered: `PUT /latest/api/token 200 v2`.
    pub fn asked(&self) -> Vec<String> {
        static MARKS: AtomicU32 = AtomicU32::new(0);
        // An answer is in the log before it is sent: what comes before the mark is all that clients have seen.
        let mark = format!("/mark/{}", MARKS.fetch_add(1, Ordering::Relaxed));
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        write!(stream, "GET {mark} HTTP/1.1\r\nHost: imds\r\n\r\n").expect("the server reads");
        stream.read_to_end(&mut Vec::new()).expect("the server answers");
        let mut asked = Vec::new();
        loop {
            let line = self.log.recv_timeout(PATIENCE).expect("the mark is in the log");
            let Some((path, exchange)) = exchange(&line) else { continue };
            if path == mark {
                return asked;
            }
            asked.push(exchange);
        }
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where the system has more than one loopback address, one that nobody else has: no connection takes the server's port
/// while it restarts.
fn loopback() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let ([_, _, high, low], count) = (process::id().to_be_bytes(), COUNT.fetch_add(1, Ordering::Relaxed));
    match cfg!(target_os = "linux") {
        true => format!("127.{}.{high}.{low}:0", 1 + count % 250),
        false => "127.0.0.1:0".to_owned(),
    }
}

/// The loopback addresses of the families that the system has, each with port 0.
pub fn families() -> Vec<&'static str> {
    let bound = TcpListener::bind("[::1]:0").map_err(|error| reason(&error));
    let ipv6 = or_skip("IPv6", bound).map(|_| "[::1]:0");
    ["127.0.0.1:0"].into_iter().chain(ipv6).collect()
}

/// The path of a record of this package's `records`.
pub fn record(name: &str) -> String {
    format!("{}/records/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn binary() -> String {
    env::var("IMDS_BIN").expect("IMDS_BIN names the server's binary, which `cargo build -p imds-server` makes")
}

/// The path and the whole of what a line of the log tells, if it tells of an answer.
fn exchange(line: &str) -> Option<(String, String)> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| entry[name].as_str();
    let (method, path, protocol) = (text("method")?, text("path")?, text("protocol")?);
    Some((path.to_owned(), format!("{method} {path} {} {protocol}", entry["status"].as_u64()?)))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The lines of a stream as they come.
pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}
