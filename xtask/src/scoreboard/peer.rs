//! The servers to check: each starts on a free loopback port and is killed when dropped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::tools::{TaskError, root, target_folder};

/// moto's version, the same as in requirements.txt.
pub const MOTO: &str = "5.2.5";
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// A running server.
pub struct Peer {
    process: Child,
    address: SocketAddr,
}

impl Peer {
    /// Starts this project's server with `options`.
    pub fn imds(program: &Path, options: &[&str]) -> Result<Peer, TaskError> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--console", "off", "--log", "off"]).args(options);
        command.current_dir(root());
        let mut process = spawn(command.stdout(Stdio::piped()))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let address = line.trim().strip_prefix("imds: listening on http://").and_then(|address| address.parse().ok());
        match address {
            Some(address) => Ok(Peer { process, address }),
            None => Err(end(process, "imds did not print its address")),
        }
    }

    /// Starts moto's server from the folder that [`moto`] returns.
    pub fn moto(folder: &Path) -> Result<Peer, TaskError> {
        let address = free_port()?;
        let mut command = Command::new(folder.join("bin").join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
        let process = spawn(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            if Instant::now() > deadline {
                return Err(end(process, "moto_server did not start to listen in time"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Peer { process, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Creates a Python virtual environment with moto and its dependencies, once for each list of
/// versions, and returns its folder.
pub fn moto() -> Result<PathBuf, TaskError> {
    let folder = target_folder().join("moto");
    let done = folder.join("requirements.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(folder);
    }
    println!("$ python3 -m venv; pip install moto[server]=={MOTO}");
    let _ = fs::remove_dir_all(&folder);
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let list = folder.join("to-install.txt");
    let wrote = |error| TaskError::CannotRun(format!("target/moto: {error}"));
    fs::write(&list, REQUIREMENTS).map_err(wrote)?;
    let mut pip = Command::new(folder.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]);
    run(pip.arg("-r").arg(&list))?;
    fs::rename(list, done).map_err(wrote)?;
    Ok(folder)
}

fn run(command: &mut Command) -> Result<(), TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::CannotRun(format!("{name}: {status}"))),
        Err(error) => Err(TaskError::CannotRun(format!("{name}: {error}"))),
    }
}

fn spawn(command: &mut Command) -> Result<Child, TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).spawn().map_err(|error| TaskError::CannotRun(format!("{name}: {error}")))
}

fn end(mut process: Child, reason: &str) -> TaskError {
    let _ = process.kill();
    let _ = process.wait();
    TaskError::CannotRun(reason.to_owned())
}

/// A loopback port that is free at the moment.
fn free_port() -> Result<SocketAddr, TaskError> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound.map_err(|error| TaskError::CannotRun(format!("cannot find a free port: {error}")))
}

const START_TIMEOUT: Duration = Duration::from_secs(60);
