//! The server under load.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

/// It ends with this.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(binary: &Path, arguments: &[&str]) -> Result<Server, String> {
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--console", "off"])
            .args(arguments)
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
    // This program is target/PROFILE/examples/load.
    let own = env::current_exe().map_err(|error| format!("cannot find the server: {error}"))?;
    let beside = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    Ok(beside.join(format!("imds{}", env::consts::EXE_SUFFIX)))
}
