//! The server under test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// A running server, killed when dropped.
pub struct Server {
    process: Child,
    stdout: Option<BufReader<ChildStdout>>,
    pub address: SocketAddr,
}

impl Server {
    /// Starts a server without a console.
    pub fn start(binary: &Path, arguments: &[&str]) -> Result<Server, String> {
        let mut command = Command::new(binary);
        command.args(ARGUMENTS).args(["--console", "off"]).args(arguments);
        Server::spawn(command)
    }

    /// Runs a command that ends up as the server, and waits until it prints its address.
    pub fn spawn(mut command: Command) -> Result<Server, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        // Not a variable of the server, which would warn about it.
        let process = command.env_remove("IMDS_BIN").stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = process.map_err(|error| format!("cannot start {name}: {error}"))?;
        let mut server = Server { process, stdout: None, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.stdout = server.process.stdout.take().map(BufReader::new);
        server.address = server.next_address("imds: listening on http://")?;
        Ok(server)
    }

    /// Reads the next line of standard output, which must be `prefix` and an address.
    pub fn next_address(&mut self, prefix: &str) -> Result<SocketAddr, String> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.stdout {
            stdout.read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().strip_prefix(prefix).and_then(|address| address.parse().ok());
        address.ok_or_else(|| format!("the server printed {:?} instead of its address", line.trim()))
    }

    /// Reads the next line of standard output, which must be the console's address.
    pub fn console_address(&mut self) -> Result<SocketAddr, String> {
        self.next_address("imds: console on http://")
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM and waits until the server exits with status 0.
    pub fn stop(&mut self) -> Result<(), String> {
        self.stop_with(0)
    }

    /// Sends SIGTERM and waits until the server exits with this status.
    pub fn stop_with(&mut self, status: i32) -> Result<(), String> {
        self.terminate()?;
        match self.wait()?.code() {
            Some(code) if code == status => Ok(()),
            code => Err(format!("the exit status was {code:?}, not {status}")),
        }
    }

    /// Sends SIGKILL and waits until the server is gone.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends SIGTERM.
    pub fn terminate(&mut self) -> Result<(), String> {
        let kill = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        if !kill.is_ok_and(|status| status.success()) {
            return Err("the server exited before SIGTERM".to_owned());
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<ExitStatus, String> {
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(format!("the server did not exit within {STOP_TIMEOUT:?} of SIGTERM"))
    }

    /// Returns the resident memory in bytes, if the system reports it.
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
    }

    /// Returns the number of open files, if the system reports it.
    pub fn open_files(&self) -> Option<usize> {
        Some(fs::read_dir(format!("/proc/{}/fd", self.process.id())).ok()?.count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns the path of the server: `argument`, `$IMDS_BIN` or the `imds` next to this program.
pub fn binary(argument: Option<String>) -> Result<PathBuf, String> {
    if let Some(path) = argument.map(PathBuf::from).or_else(|| env::var_os("IMDS_BIN").map(PathBuf::from)) {
        return Ok(path);
    }
    let program = env::current_exe().map_err(|error| format!("cannot find the server: {error}"))?;
    let folder = program.parent().unwrap_or(Path::new("."));
    Ok(folder.join(format!("imds{}", env::consts::EXE_SUFFIX)))
}

/// The arguments of every server.
pub const ARGUMENTS: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--log", "off"];
/// Longer than the server's own grace period.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
