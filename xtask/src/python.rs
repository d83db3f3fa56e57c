//! Tests the Python package as a user installs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::hosts;
use crate::npm::namespace;
use crate::tools::{Setup, TaskError, root, target_folder};

/// Installs the package in an empty virtual environment, and runs its tests and type checks there
/// in a network namespace that has only the loopback device, without a Rust toolchain.
pub fn test(setup: Setup) -> Result<(), TaskError> {
    for (program, package) in
        [("python3", "python3-venv"), ("curl", "curl"), ("unshare", "util-linux"), ("ip", "iproute2")]
    {
        setup.program(program, package)?;
    }
    let folder = target_folder().join("python");
    let package = root().join("python");
    remove(&folder)?;
    install(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let python = folder.join("bin/python");
    let mut pip = pip(&python);
    pip.arg("-r").arg(package.join("tests/requirements.txt")).arg(&package);
    install(&mut pip)?;
    let mut types = Command::new(&python);
    types.args(["-m", "mypy", "--cache-dir"]).arg(folder.join("mypy")).current_dir(&package);
    run("mypy", &mut types)?;
    let calls = hosts::calls()?;
    let mut tests = Command::new("unshare");
    tests.args(namespace()?).args(["sh", "-c", "ip link set lo up && exec timeout 300 \"$@\"", "sh"]);
    tests.arg(&python).args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]).current_dir(&package);
    // Without cargo and rustc.
    tests.env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").env("PYTHONDONTWRITEBYTECODE", "1");
    tests.env("IMDS_CALLS", calls);
    run("pytest", &mut tests)
}

fn pip(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    pip
}

fn remove(folder: &PathBuf) -> Result<(), TaskError> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => Err(TaskError::CannotRun(format!("{}: {error}", folder.display()))),
        _ => Ok(()),
    }
}

/// A failure means that the network or a program is missing.
fn install(command: &mut Command) -> Result<(), TaskError> {
    status("install", command).map_err(TaskError::CannotRun)
}

fn run(name: &str, command: &mut Command) -> Result<(), TaskError> {
    println!("$ {name}");
    status(name, command).map_err(TaskError::Failed)
}

fn status(name: &str, command: &mut Command) -> Result<(), String> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
