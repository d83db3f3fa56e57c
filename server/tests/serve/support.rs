//! A server of a test's own, and ways to ask it. Every wait is bounded.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Long enough for a machine that does much else; a wait that ends well ends at once.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The article's instance at the article's time, as arguments.
pub const ARTICLE: [&str; 4] = ["--instance", ARTICLE_RECORD, "--clock", "2020-09-26T14:45:29Z"];
const ARTICLE_RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/article.json");

/// A running `imds`, killed when dropped.
pub struct Server {
    process: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// Where it listens, as it said.
    pub addresses: Vec<SocketAddr>,
    /// Where its console does, if it was given one.
    console: Option<SocketAddr>,
}

impl Server {
    /// Starts it with these arguments, on a free port where they name none.
    pub fn start(arguments: &[&str]) -> Server {
        let mut command = imds(arguments);
        let mut listeners = arguments.iter().filter(|argument| **argument == "--listen").count();
        if listeners == 0 {
            command.args(["--listen", "127.0.0.1:0"]);
            listeners = 1;
        }
        Server::spawn(command, listeners)
    }

    /// The same with a console.
    pub fn with_console(arguments: &[&str]) -> Server {
        Server::with_console_at("127.0.0.1:0", arguments)
    }

    pub fn with_console_at(address: &str, arguments: &[&str]) -> Server {
        let mut server = Server::start(&[&["--console", address], arguments].concat());
        server.console = Some(server.next_address("imds: console on http://"));
        server
    }

    /// Runs the command and waits for so many lines that say where it listens.
    pub fn spawn(command: Command, listeners: usize) -> Server {
        let (mut server, stderr) = Server::spawn_unread(command);
        server.stderr = lines(stderr);
        server.wait_for(listeners);
        server
    }

    /// The same on one free port, with standard error left for somebody else to read, or nobody.
    #[cfg(unix)]
    pub fn start_unread(arguments: &[&str]) -> (Server, ChildStderr) {
        let mut command = imds(arguments);
        command.args(["--listen", "127.0.0.1:0"]);
        let (mut server, stderr) = Server::spawn_unread(command);
        server.wait_for(1);
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

    /// The next line on standard output.
    pub fn stdout_line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("imds did not say where it listens: {:?}", self.stderr.try_iter().collect::<Vec<_>>())
        })
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

    /// Sends the bytes on a connection of their own and gives all that comes until the server closes it.
    pub fn exchange(&self, request: &str) -> String {
        exchange(self.address(), request)
    }

    /// A GET of HTTP/1.1 on a connection of its own.
    pub fn get(&self, path: &str) -> String {
        self.exchange(&get(path))
    }

    /// A token of the longest life.
    pub fn token(&self) -> String {
        let answer = self.exchange(
            "PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n",
        );
        let (_, token) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(token.len(), 56, "{answer}");
        token.to_owned()
    }

    /// The next line on standard error.
    pub fn stderr_line(&self) -> String {
        self.stderr.recv_timeout(PATIENCE).expect("a line on standard error")
    }

    /// Runs a line of bash in which the article's address stands for the server's.
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

    /// Waits until no connection is accepted any more.
    #[cfg(unix)]
    pub fn wait_until_deaf(&self) {
        let given_up = std::time::Instant::now() + PATIENCE;
        while TcpStream::connect(self.address()).is_ok() {
            assert!(std::time::Instant::now() < given_up, "the server goes on listening");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for its end and gives what is left of standard error.
    #[cfg(unix)]
    pub fn end(&mut self) -> (std::process::ExitStatus, Vec<String>) {
        // A process that ends closes its output, which is an event; its end is none that can be waited for so long.
        loop {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("the server goes on running"),
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

/// The binary with these arguments, no variable of its own in the environment, and no console unless an argument says where:
/// many run at once, and the console's default port is one.
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

/// Runs a command to its end.
pub fn run(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (send, receive) = channel();
    thread::spawn(move || send.send(child.wait_with_output()));
    receive.recv_timeout(PATIENCE).expect("the command ends").unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    rest(&mut stream)
}

/// All that comes until the other side ends.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// One answer from a connection that may go on.
pub fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = field(&head, "Content-Length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// Says that a test cannot be run here, past the test harness, which keeps what passing tests print.
pub fn skipped(reason: &str) {
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr(), "{test} skipped: {reason}");
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: imds\r\n\r\n")
}

pub fn status(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

/// The value of a field, by its exact name.
pub fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = answer.lines().skip(1).take_while(|line| !line.is_empty());
    fields.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The names of the fields in their order.
pub fn names(answer: &str) -> Vec<&str> {
    let fields = answer.lines().skip(1).take_while(|line| !line.is_empty());
    fields.filter_map(|line| line.split(':').next()).collect()
}

pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The lines of a stream as they come.
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
