//! Starts servers and sends requests to them. Every wait has a timeout.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Long enough for a busy machine; a successful wait ends earlier.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The arguments for the article's instance at the article's time.
pub const ARTICLE: [&str; 4] = ["--instance", ARTICLE_RECORD, "--clock", "2020-09-26T14:45:29Z"];
const ARTICLE_RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/article.json");

/// A running `imds`, killed when dropped.
pub struct Server {
    process: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// The addresses of the metadata port, as announced.
    pub addresses: Vec<SocketAddr>,
    /// The address of the console, if there is one.
    console: Option<SocketAddr>,
}

impl Server {
    /// Starts a server, on a free port unless the arguments contain `--listen`.
    pub fn start(arguments: &[&str]) -> Server {
        let mut command = imds(arguments);
        let mut listeners = arguments.iter().filter(|argument| **argument == "--listen").count();
        if listeners == 0 {
            command.args(["--listen", "127.0.0.1:0"]);
            listeners = 1;
        }
        Server::spawn(command, listeners)
    }

    /// Like [`start`](Server::start), with a console on a free port.
    pub fn with_console(arguments: &[&str]) -> Server {
        Server::with_console_at("127.0.0.1:0", arguments)
    }

    pub fn with_console_at(address: &str, arguments: &[&str]) -> Server {
        let mut server = Server::start(&[&["--console", address], arguments].concat());
        server.console = Some(server.next_address("imds: console on http://"));
        server
    }

    /// Runs the command and waits until it has announced `listeners` addresses.
    pub fn spawn(command: Command, listeners: usize) -> Server {
        let (mut server, stderr) = Server::spawn_unread(command);
        server.stderr = lines(stderr);
        server.wait_for(listeners);
        server
    }

    /// Like [`spawn`](Server::spawn), for a command with one listener and a console.
    #[cfg(target_os = "linux")]
    pub fn spawn_with_console(command: Command) -> Server {
        let mut server = Server::spawn(command, 1);
        server.console = Some(server.next_address("imds: console on http://"));
        server
    }

    /// Starts a server on a free port, and leaves reading its standard error to the caller.
    #[cfg(unix)]
    pub fn start_unread(arguments: &[&str]) -> (Server, ChildStderr) {
        let mut command = imds(arguments);
        command.args(["--listen", "127.0.0.1:0"]);
        let (mut server, stderr) = Server::spawn_unread(command);
        server.wait_for(1);
        if arguments.contains(&"--console") {
            server.console = Some(server.next_address("imds: console on http://"));
        }
        (server, stderr)
    }

    fn spawn_unread(mut command: Command) -> (Server, ChildStderr) {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines(process.stdout.take().unwrap());
        let stderr = process.stderr.take().unwrap();
        (Server { process, stdout, stderr: channel().1, addresses: Vec::new(), console: None }, stderr)
    }

    fn wait_for(&mut self, listeners: usize) {
        for _ in 0..listeners {
            let address = self.next_address("imds: listening on http://");
            self.addresses.push(address);
        }
    }

    fn next_address(&self, prefix: &str) -> SocketAddr {
        let line = self.stdout_line();
        line.strip_prefix(prefix).and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("{line}"))
    }

    /// Returns the next line of standard output.
    pub fn stdout_line(&self) -> String {
        self.stdout
            .recv_timeout(TIMEOUT)
            .unwrap_or_else(|_| panic!("imds did not print a line: {:?}", self.stderr.try_iter().collect::<Vec<_>>()))
    }

    pub fn console(&self) -> SocketAddr {
        self.console.expect("a server with a console")
    }

    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.address())
    }

    /// Sends bytes on a new connection and returns everything until the server closes it.
    pub fn exchange(&self, request: &str) -> String {
        exchange(self.address(), request)
    }

    /// Sends a GET request on a new connection.
    pub fn get(&self, path: &str) -> String {
        self.exchange(&get(path))
    }

    /// Requests a token with the maximum TTL.
    pub fn token(&self) -> String {
        let response = self.exchange(
            "PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n",
        );
        let (_, token) = response.split_once("\r\n\r\n").unwrap();
        assert_eq!(token.len(), 56, "{response}");
        token.to_owned()
    }

    /// Returns the next line of standard error.
    pub fn stderr_line(&self) -> String {
        self.stderr.recv_timeout(TIMEOUT).expect("a line on standard error")
    }

    /// Runs a line of bash, in which it replaces 169.254.169.254 by the server's address.
    pub fn bash(&self, line: &str) -> Output {
        assert!(line.contains("169.254.169.254"));
        let mut command = Command::new("bash");
        command.arg("-c").arg(line.replace("169.254.169.254", &self.address().to_string()));
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        run(command)
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let killed = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.process.id())).status().unwrap();
        assert!(killed.success());
    }

    /// Waits until the server accepts no more connections.
    #[cfg(unix)]
    pub fn wait_until_closed(&self) {
        let deadline = std::time::Instant::now() + TIMEOUT;
        while TcpStream::connect(self.address()).is_ok() {
            assert!(std::time::Instant::now() < deadline, "the server still listens");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until the server exits, and returns the status and the rest of standard error.
    #[cfg(unix)]
    pub fn end(&mut self) -> (std::process::ExitStatus, Vec<String>) {
        // The end of standard output shows the exit; `wait` has no timeout.
        loop {
            match self.stdout.recv_timeout(TIMEOUT) {
                Ok(_) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("the server is still running"),
            }
        }
        let status = self.process.wait().unwrap();
        (status, self.stderr.iter().collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns a command without the caller's `IMDS_*` variables, and without a console unless an
/// argument sets its address, because parallel tests cannot share its default port.
pub fn imds(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imds"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("IMDS_") {
            command.env_remove(name);
        }
    }
    command.env("IMDS_CONSOLE", "off").args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command until it exits.
pub fn run(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (send, receive) = channel();
    thread::spawn(move || send.send(child.wait_with_output()));
    receive.recv_timeout(TIMEOUT).expect("the command ends").unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, TIMEOUT).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream
}

pub fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    read_to_end(&mut stream)
}

/// Reads until the server closes the connection.
pub fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Reads one response from a connection that may stay open.
pub fn read_response(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = header(&head, "Content-Length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// Reports a skipped test, bypassing the test harness, which hides the output of passing tests.
pub fn skipped(reason: &str) {
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr(), "{test} skipped: {reason}");
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: imds\r\n\r\n")
}

pub fn status(response: &str) -> &str {
    response.lines().next().unwrap_or_default()
}

/// Returns the value of a header, by its exact name.
pub fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = response.lines().skip(1).take_while(|line| !line.is_empty());
    headers.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Returns the names of the headers in their order.
pub fn header_names(response: &str) -> Vec<&str> {
    let headers = response.lines().skip(1).take_while(|line| !line.is_empty());
    headers.filter_map(|line| line.split(':').next()).collect()
}

pub fn body(response: &str) -> &str {
    response.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Reads the lines of a stream on a thread.
pub fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
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
