//! A server for one test.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::Value;

use crate::namespace::Namespace;
use crate::run::{TIMEOUT, command, printed, reason, run, wait};
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
    /// Starts a server with these arguments on a free port of a loopback address.
    pub fn start(arguments: &[&str]) -> Server {
        Server::start_at(&loopback(), arguments)
    }

    /// Starts a server with a console, at 127.0.0.1 and the addresses of its instances.
    pub fn start_with_console(arguments: &[&str]) -> Server {
        Server::start_at("127.0.0.1:0", &[&["--console", "127.0.0.1:0"], arguments].concat())
    }

    /// Starts a server at this address.
    pub fn start_at(address: &str, arguments: &[&str]) -> Server {
        Server::spawn(command(binary()), address.parse().expect("an address"), owned(arguments))
    }

    /// Starts a server in a network namespace.
    pub fn start_in(namespace: &Namespace, address: &str, arguments: &[&str]) -> Server {
        Server::spawn(namespace.command(binary()), address.parse().expect("an address"), owned(arguments))
    }

    fn spawn(mut command: Command, address: SocketAddr, arguments: Vec<String>) -> Server {
        command.args(["--log", "json", "--listen", &address.to_string()]).args(&arguments);
        let has_console = arguments.iter().any(|argument| argument == "--console");
        if !has_console {
            // Tests run at the same time, and the console has one default port.
            command.args(["--console", "off"]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = lines(process.stdout.take().expect("a pipe"));
        let log = lines(process.stderr.take().expect("a pipe"));
        let mut server = Server { process, log, arguments, address, console: None };
        let printed_address = |prefix: &str| -> SocketAddr {
            let line = stdout.recv_timeout(TIMEOUT).unwrap_or_else(|_| {
                panic!("imds did not print its address: {:?}", server.log.try_iter().collect::<Vec<_>>())
            });
            let address = line.strip_prefix(prefix).and_then(|address| address.parse().ok());
            address.unwrap_or_else(|| panic!("{line}"))
        };
        let address = printed_address("imds: listening on http://");
        let console = has_console.then(|| printed_address("imds: console on http://"));
        server.address = address;
        server.console = console;
        server
    }

    /// Restarts the server at the same address with another seed, so that all its tokens are void.
    pub fn restart(&mut self) {
        let arguments = std::mem::take(&mut self.arguments);
        self.restart_as(arguments);
    }

    /// Restarts the server with other arguments.
    pub fn restart_with(&mut self, arguments: &[&str]) {
        self.restart_as(owned(arguments));
    }

    fn restart_as(&mut self, arguments: Vec<String>) {
        self.end();
        *self = Server::spawn(command(binary()), self.address, arguments);
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(&mut self) {
        printed(&run(command("sh").args(["-c", &format!("kill -TERM {}", self.process.id())])));
        let ended = wait(&mut self.process, TIMEOUT).expect("the server ends");
        assert!(ended.success(), "{ended}");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its console.
    pub fn console(&self) -> SocketAddr {
        self.console.expect("a server with a console")
    }

    /// Reads a path of its console.
    pub fn page(&self, path: &str) -> String {
        let console = self.console();
        let mut stream = TcpStream::connect_timeout(&console, TIMEOUT).expect("the console listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {console}\r\n\r\n").expect("the console reads");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("the console responds");
        let (head, body) = response.split_once("\r\n\r\n").expect("a response has a head");
        assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
        body.to_owned()
    }

    /// The address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests since the start or the last call, for example `PUT /latest/api/token 200 v2`.
    pub fn requests(&self) -> Vec<String> {
        let exchanges = self.exchanges(|mark| {
            let mut stream = TcpStream::connect_timeout(&self.address, TIMEOUT).expect("the server listens");
            stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
            write!(stream, "{mark}").expect("the server reads");
            stream.read_to_end(&mut Vec::new()).expect("the server responds");
        });
        exchanges.iter().map(|exchange| format!("{} {}", exchange.request, exchange.protocol)).collect()
    }

    /// The requests to a server in a network namespace. An error has its rule, for example
    /// `GET /latest/user-data 404 tree.unknown`.
    pub fn requests_in(&self, namespace: &Namespace) -> Vec<String> {
        let exchanges = self.exchanges(|mark| {
            let (host, port) = (self.address.ip().to_string(), self.address.port().to_string());
            let line = "exec 3<>/dev/tcp/$0/$1 && printf %s \"$2\" >&3 && timeout 60 cat <&3";
            printed(&namespace.bash(line, &[&host, &port, mark]));
        });
        let line = |exchange: Exchange| match exchange.is_error {
            true => format!("{} {}", exchange.request, exchange.rule),
            false => exchange.request,
        };
        exchanges.into_iter().map(line).collect()
    }

    /// The exchanges since the start or the last call. `send` sends a request that marks their end,
    /// and waits for the response.
    fn exchanges(&self, send: impl Fn(&str)) -> Vec<Exchange> {
        static MARKS: AtomicU32 = AtomicU32::new(0);
        // A response is logged before it is sent, so all earlier requests precede the mark.
        let mark = format!("/mark/{}", MARKS.fetch_add(1, Ordering::Relaxed));
        send(&format!("GET {mark} HTTP/1.1\r\nHost: imds\r\nConnection: close\r\n\r\n"));
        let mut exchanges = Vec::new();
        loop {
            let line = self.log.recv_timeout(TIMEOUT).expect("the mark is in the log");
            let Some(exchange) = exchange(&line) else { continue };
            if exchange.path == mark {
                return exchanges;
            }
            exchanges.push(exchange);
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

/// A loopback address that no other test uses, if the system has several. Otherwise a connection
/// could take the server's port while it restarts.
pub(crate) fn loopback() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let ([_, _, high, low], count) = (process::id().to_be_bytes(), COUNT.fetch_add(1, Ordering::Relaxed));
    match cfg!(target_os = "linux") {
        true => format!("127.{}.{high}.{low}:0", 1 + count % 250),
        false => "127.0.0.1:0".to_owned(),
    }
}

/// The loopback address of each available address family, with port 0.
pub fn families() -> Vec<&'static str> {
    let bound = TcpListener::bind("[::1]:0").map_err(|error| reason(&error));
    let ipv6 = or_skip("IPv6", bound).map(|_| "[::1]:0");
    ["127.0.0.1:0"].into_iter().chain(ipv6).collect()
}

/// The path of a file in this package's `records`.
pub fn record(name: &str) -> String {
    format!("{}/records/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn binary() -> String {
    env::var("IMDS_BIN").expect("set IMDS_BIN to the server binary, which `cargo build -p imds-server` builds")
}

/// A response in the log.
struct Exchange {
    path: String,
    /// Method, path and status.
    request: String,
    protocol: String,
    rule: String,
    is_error: bool,
}

/// The exchange of a log line, if it is about a response.
fn exchange(line: &str) -> Option<Exchange> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| entry[name].as_str().map(str::to_owned);
    let (method, path, status) = (text("method")?, text("path")?, entry["status"].as_u64()?);
    let request = format!("{method} {path} {status}");
    Some(Exchange { path, request, protocol: text("protocol")?, rule: text("rule")?, is_error: status >= 400 })
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The lines of a stream, as they arrive.
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
