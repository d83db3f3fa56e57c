//! The server under load.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// It ends with this.
pub struct Server {
    process: Child,
    said: Option<BufReader<ChildStdout>>,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(binary: &Path, arguments: &[&str]) -> Result<Server, String> {
        let mut command = Command::new(binary);
        command.args(QUIET).args(["--console", "off"]).args(arguments);
        Server::spawn(command)
    }

    /// Runs a command that is the server in the end, and waits until it says where it listens.
    pub fn spawn(mut command: Command) -> Result<Server, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = process.map_err(|error| format!("cannot start {name}: {error}"))?;
        let mut server = Server { process, said: None, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.said = server.process.stdout.take().map(BufReader::new);
        server.address = server.next_address("imds: listening on http://")?;
        Ok(server)
    }

    /// The address that the next line of standard output says behind these words.
    pub fn next_address(&mut self, words: &str) -> Result<SocketAddr, String> {
        let mut line = String::new();
        if let Some(said) = &mut self.said {
            said.read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().strip_prefix(words).and_then(|address| address.parse().ok());
        address.ok_or_else(|| format!("the server says {:?} and not where it listens", line.trim()))
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) -> Result<ExitStatus, String> {
        let asked = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err("the server has ended before it was asked to".to_owned());
        }
        let given_up = Instant::now() + ENDS_WITHIN;
        while Instant::now() < given_up {
            if let Some(status) = self.process.try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(format!("the server has not ended {ENDS_WITHIN:?} after SIGTERM"))
    }

    /// Its resident memory in bytes, where the system says so.
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
    }

    /// How many files it has open, where the system says so.
    pub fn open_files(&self) -> Option<usize> {
        Some(fs::read_dir(format!("/proc/{}/fd", self.process.id())).ok()?.count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server's program: the one that is named, or that of the environment, or the one beside this program.
pub fn binary(named: Option<String>) -> Result<PathBuf, String> {
    if let Some(named) = named.map(PathBuf::from).or_else(|| env::var_os("IMDS_BIN").map(PathBuf::from)) {
        return Ok(named);
    }
    let own = env::current_exe().map_err(|error| format!("cannot find the server: {error}"))?;
    let beside = own.parent().unwrap_or(Path::new("."));
    Ok(beside.join(format!("imds{}", env::consts::EXE_SUFFIX)))
}

/// What every server here is started with.
pub const QUIET: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--log", "off"];
/// More than the patience that the server has with its connections.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
