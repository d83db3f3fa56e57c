//! Whole servers under load: imds and a minimal server on hyper, one thread each, in the same run.

use std::io::{BufRead, BufReader, Error};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How requests are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    KeepAlive,
    Closing,
    Pipelined,
}

/// The results of a server under one pattern.
pub struct Figures {
    pub requests_per_second: f64,
    pub cpu_micros: f64,
    pub instructions: Option<u64>,
    pub resident_kib: u64,
}

/// A server process that is stopped when the value is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Pattern {
    pub const ALL: [(Pattern, &'static str); 3] = [
        (Pattern::KeepAlive, "keep-alive, 16 connections"),
        (Pattern::Closing, "a connection each, 16 at a time"),
        (Pattern::Pipelined, "pipelined 32 deep, 4 connections"),
    ];

    pub fn keeps_alive(self) -> bool {
        self != Pattern::Closing
    }

    fn connections(self) -> usize {
        if self == Pattern::Pipelined { 4 } else { 16 }
    }

    fn depth(self) -> usize {
        if self == Pattern::Pipelined { 32 } else { 1 }
    }

    fn requests(self) -> usize {
        match self {
            Pattern::KeepAlive => 200_000,
            Pattern::Closing => 60_000,
            Pattern::Pipelined => 1_600_000,
        }
    }
}

/// Measures a server in one run, and counts its instructions under callgrind in other runs.
pub fn measure(command: &[String], pattern: Pattern, counted: bool) -> Result<Figures, String> {
    let server = Server::start(command)?;
    server.ask(pattern, pattern.requests() / 20)?;
    let (cpu, start) = (server.cpu_micros()?, Instant::now());
    server.ask(pattern, pattern.requests())?;
    let seconds = start.elapsed().as_secs_f64();
    let requests = pattern.requests() as f64;
    Ok(Figures {
        requests_per_second: requests / seconds,
        cpu_micros: (server.cpu_micros()? - cpu) / requests,
        resident_kib: server.resident_kib()?,
        instructions: if counted { Some(instructions(command, pattern)?) } else { None },
    })
}

/// User instructions per request: the difference of two runs under callgrind, divided.
fn instructions(command: &[String], pattern: Pattern) -> Result<u64, String> {
    let run = |requests: usize| -> Result<u64, String> {
        let mut whole: Vec<String> =
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"].map(String::from).into();
        whole.extend_from_slice(command);
        let server = Server::start(&whole)?;
        server.ask(pattern, requests)?;
        let report = server.end()?;
        let line = report.lines().find(|line| line.contains("Collected")).ok_or("callgrind printed no count")?;
        line.rsplit(' ')
            .next()
            .and_then(|count| count.parse().ok())
            .ok_or_else(|| format!("unexpected output of callgrind: {line}"))
    };
    let (few, many) = (run(COUNTED)?, run(3 * COUNTED)?);
    Ok((many - few) / (2 * COUNTED) as u64)
}

impl Server {
    /// Starts a server that answers in one thread.
    pub fn start(command: &[String]) -> Result<Server, String> {
        let mut child = spawn(Command::new(&command[0]).args(&command[1..]).env("TOKIO_WORKER_THREADS", "1"))?;
        let [address] = addresses(&mut child)?;
        Ok(Server { child, address })
    }

    /// Starts imds with a console and its usual number of threads. Returns the console's address too.
    pub fn start_with_console(program: &str, arguments: &[&str]) -> Result<(Server, SocketAddr), String> {
        let addresses_at = ["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--log", "off"];
        let mut child = spawn(Command::new(program).args(addresses_at).args(arguments))?;
        let [address, console] = addresses(&mut child)?;
        Ok((Server { child, address }, console))
    }

    /// Starts a server that prints no address on a free port, and waits until it listens.
    pub fn start_at_a_free_port(command: impl FnOnce(u16) -> Command) -> Result<Server, String> {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(text)?;
        let mut command = command(address.port());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Server { child: child.map_err(text)?, address };
        let given_up = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            if Instant::now() > given_up {
                return Err(format!("{} does not listen", command.get_program().display()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends requests from one thread, with a timeout.
    fn ask(&self, pattern: Pattern, requests: usize) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
        let (address, each) = (self.address, requests / pattern.connections());
        runtime.block_on(async {
            let asking = (0..pattern.connections()).map(|_| tokio::spawn(ask(address, pattern, each)));
            let asking: Vec<_> = asking.collect();
            let all = async {
                for one in asking {
                    one.await.map_err(|error| error.to_string())?.map_err(text)?;
                }
                Ok(())
            };
            tokio::time::timeout(PATIENCE, all).await.map_err(|_| "the load timed out".to_string())?
        })
    }

    /// Processor time, user and system, from /proc.
    fn cpu_micros(&self) -> Result<f64, String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).map_err(text)?;
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let ticks: f64 = after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        Ok(ticks * MICROS_PER_TICK)
    }

    pub fn resident_kib(&self) -> Result<u64, String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).map_err(text)?;
        let line = status.lines().find(|line| line.starts_with("VmRSS")).ok_or("no VmRSS")?;
        line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).ok_or_else(|| line.to_string())
    }

    /// Stops the server with SIGTERM and returns the rest of its output.
    fn end(mut self) -> Result<String, String> {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().map_err(text)?;
        if !kill.success() {
            return Err("the server exited early".into());
        }
        let mut report = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            std::io::Read::read_to_string(&mut stderr, &mut report).map_err(text)?;
        }
        self.child.wait().map_err(text)?;
        Ok(report)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails if the server has exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Result<Child, String> {
    let program = command.get_program().display().to_string();
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {program}: {error}"))
}

/// The addresses at the end of the first lines of a server's output.
fn addresses<const N: usize>(child: &mut Child) -> Result<[SocketAddr; N], String> {
    let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
    let mut addresses = [SocketAddr::from(([0, 0, 0, 0], 0)); N];
    for address in &mut addresses {
        let mut line = String::new();
        stdout.read_line(&mut line).map_err(text)?;
        let found = line.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        *address = found.ok_or_else(|| format!("the server printed no address: {line:?}"))?;
    }
    Ok(addresses)
}

async fn ask(address: SocketAddr, pattern: Pattern, requests: usize) -> Result<(), Error> {
    let connection = if pattern.keeps_alive() { "" } else { "Connection: close\r\n" };
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n{connection}\r\n");
    if !pattern.keeps_alive() {
        let mut answer = Vec::new();
        for _ in 0..requests {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(request.as_bytes()).await?;
            answer.clear();
            stream.read_to_end(&mut answer).await?;
            if !answer.ends_with(BODY) {
                return Err(Error::other("unexpected response"));
            }
        }
        return Ok(());
    }
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let batch = request.repeat(pattern.depth());
    let mut buffer = vec![0; 64 * 1024];
    let length = first(&mut stream, &request, &mut buffer).await?;
    for _ in 0..requests / pattern.depth() {
        stream.write_all(batch.as_bytes()).await?;
        stream.read_exact(&mut buffer[..length * pattern.depth()]).await?;
        if !buffer[..length * pattern.depth()].ends_with(BODY) {
            return Err(Error::other("unexpected response"));
        }
    }
    Ok(())
}

/// Sends one request and returns the length of the response. All later responses are as long.
async fn first(stream: &mut TcpStream, request: &str, buffer: &mut [u8]) -> Result<usize, Error> {
    stream.write_all(request.as_bytes()).await?;
    let mut length = 0;
    while !buffer[..length].ends_with(BODY) {
        match stream.read(&mut buffer[length..]).await? {
            0 => return Err(Error::other("the server closed")),
            more => length += more,
        }
    }
    Ok(length)
}

pub fn text(error: Error) -> String {
    error.to_string()
}

const PATH: &str = "/latest/meta-data/instance-id";
const BODY: &[u8] = b"i-0abcdef1234567890";
const COUNTED: usize = 3_200;
const PATIENCE: Duration = Duration::from_secs(120);
/// Linux counts processor time in hundredths of a second.
const MICROS_PER_TICK: f64 = 10_000.0;
