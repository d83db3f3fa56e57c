//! Asks a server of its own for tokens, a connection each, and watches that the server keeps nothing of them.
//!
//! ```text
//! cargo build --release -p imds-server
//! cargo run --release -p imds-server --example load -- [COUNT] [BINARY]
//! ```
//!
//! COUNT is 200,000 if not given. BINARY is `$IMDS_BIN` if not given, else the `imds` that cargo built beside this program.
//! It prints one line of a table, and exits with 1 where an answer is wrong or the server has grown.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("load: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = env::args().skip(1);
    let count = match arguments.next() {
        Some(text) => text.parse().map_err(|_| format!("{text} is no number of requests"))?,
        None => 200_000,
    };
    let server = Server::start(&binary(arguments.next())?)?;

    let first = WARM_UP.min(count);
    let mut load = Load::default();
    let started = Instant::now();
    load.ask(server.address, first, started);
    let warm = server.resident();
    load.ask(server.address, count - first, started);
    let seconds = started.elapsed().as_secs_f64();
    let end = server.resident();

    if io::stderr().is_terminal() {
        eprint!("\r{:12}\r", "");
    }

    let errors = load.errors.len();
    println!(" requests  errors  seconds  requests/s  RSS after {first:>5}  RSS at the end");
    println!(
        "{count:>9} {errors:>7} {seconds:>8.1} {:>11.0} {:>16} {:>15}",
        count as f64 / seconds,
        mebibytes(warm),
        mebibytes(end),
    );
    if let Some(error) = load.errors.first() {
        return Err(format!("{errors} of {count} requests failed, the first so: {error}"));
    }
    match (warm, end) {
        (Some(warm), Some(end)) if end > warm + warm / 10 + SLACK_BYTES => {
            Err(format!("the server grew from {} to {}", mebibytes(Some(warm)), mebibytes(Some(end))))
        }
        _ => Ok(()),
    }
}

/// The server under load; it ends with this.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(binary: &Path) -> Result<Server, String> {
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", binary.display()))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            // Nothing more is said there, so whether it is read does not matter.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let address = line.trim().strip_prefix("imds: listening on http://").and_then(|address| address.parse().ok());
        let mut server = Server { process, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.address = address.ok_or_else(|| format!("{} did not say where it listens", binary.display()))?;
        Ok(server)
    }

    /// Its resident memory in bytes, where the system says so.
    fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Default)]
struct Load {
    done: usize,
    nonces: HashSet<[u8; NONCE_CHARS]>,
    errors: Vec<String>,
}

impl Load {
    /// Sends so many requests, some at a time.
    fn ask(&mut self, server: SocketAddr, count: usize, started: Instant) {
        let begun = AtomicUsize::new(0);
        let load = Mutex::new(self);
        thread::scope(|scope| {
            for _ in 0..AT_A_TIME {
                scope.spawn(|| {
                    while begun.fetch_add(1, Ordering::Relaxed) < count {
                        let answer = if started.elapsed() < TIME_LIMIT {
                            ask(server)
                        } else {
                            Err(format!("not sent within {} s", TIME_LIMIT.as_secs()))
                        };
                        load.lock().expect("no thread panics while holding it").note(answer);
                    }
                });
            }
        });
    }

    fn note(&mut self, answer: Result<[u8; NONCE_CHARS], String>) {
        match answer {
            Ok(nonce) if !self.nonces.insert(nonce) => self.errors.push("a token came twice".to_owned()),
            Ok(_) => {}
            Err(error) => self.errors.push(error),
        }
        self.done += 1;
        if self.done.is_multiple_of(PROGRESS) && io::stderr().is_terminal() {
            eprint!("\r{} ", self.done);
        }
    }
}

/// Asks for one token and gives the characters of it that hold its nonce.
fn ask(server: SocketAddr) -> Result<[u8; NONCE_CHARS], String> {
    let exchange = || -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&server, ANSWER_TIME)?;
        stream.set_read_timeout(Some(ANSWER_TIME))?;
        stream.set_write_timeout(Some(ANSWER_TIME))?;
        stream.write_all(REQUEST)?;
        let mut answer = Vec::with_capacity(512);
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(|error| error.to_string())?;
    let answer = String::from_utf8(answer).map_err(|error| error.to_string())?;
    let (head, token) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its head")?;
    if !head.starts_with("HTTP/1.1 200 OK\r\n") {
        return Err(head.lines().next().unwrap_or_default().to_owned());
    }
    if token.len() != TOKEN_CHARS {
        return Err(format!("a token of {} characters", token.len()));
    }
    let nonce = token.as_bytes().get(NONCE_AT..NONCE_AT + NONCE_CHARS).and_then(|chars| chars.try_into().ok());
    nonce.ok_or_else(|| "a token without a nonce".to_owned())
}

fn binary(named: Option<String>) -> Result<PathBuf, String> {
    if let Some(named) = named.map(PathBuf::from).or_else(|| env::var_os("IMDS_BIN").map(PathBuf::from)) {
        return Ok(named);
    }
    // This program is target/PROFILE/examples/load.
    let own = env::current_exe().map_err(|error| format!("cannot find the server: {error}"))?;
    let beside = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    Ok(beside.join(format!("imds{}", env::consts::EXE_SUFFIX)))
}

fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or("unknown".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0))
}

const REQUEST: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n\
    X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";
const AT_A_TIME: usize = 64;
/// How many requests the server may use to take up the memory that it works in.
const WARM_UP: usize = 1_000;
/// How much the server may grow beyond a tenth after that: what an allocator keeps.
const SLACK_BYTES: u64 = 2 * 1024 * 1024;
const PROGRESS: usize = 1_000;
const ANSWER_TIME: Duration = Duration::from_secs(10);
const TIME_LIMIT: Duration = Duration::from_secs(600);
const TOKEN_CHARS: usize = 56;
/// A token's bytes 8 to 15 are its nonce (src/token/sealed.rs); these characters hold them.
const NONCE_AT: usize = 10;
const NONCE_CHARS: usize = 12;
