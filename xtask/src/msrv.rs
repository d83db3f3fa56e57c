//! Builds the core with the minimum supported Rust version, the workspace's `rust-version`.

use std::process::{Command, Stdio};

use crate::suites::CORE;
use crate::tools::{TaskError, announce, root, target_folder};

/// Builds the core with and without its features.
///
/// # Errors
/// `Unavailable` if rustup cannot install the toolchain.
pub fn build() -> Result<(), TaskError> {
    install()?;
    let target = target_folder().join("msrv");
    for features in ["--all-features", "--no-default-features"] {
        let arguments = format!("run {MSRV} cargo build --locked {CORE} {features}");
        let arguments: Vec<_> = arguments.split(' ').collect();
        announce("rustup", &arguments);
        let mut command = rustup(&arguments);
        match command.env("CARGO_TARGET_DIR", &target).status() {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(TaskError::Failed(format!("cargo build with Rust {MSRV}: {status}"))),
            Err(error) => return Err(TaskError::CannotRun(format!("rustup: {error}"))),
        }
    }
    Ok(())
}

/// Ensures that the toolchain is installed.
fn install() -> Result<(), TaskError> {
    let is_installed = || {
        let version = rustup(&["run", MSRV, "cargo", "--version"]).stderr(Stdio::null()).output();
        version.is_ok_and(|output| output.status.success())
    };
    if is_installed() {
        return Ok(());
    }
    let arguments = ["toolchain", "install", MSRV, "--profile", "minimal", "--no-self-update"];
    announce("rustup", &arguments);
    let reason = match rustup(&arguments).output() {
        Err(error) => format!("rustup: {error}"),
        Ok(_) if is_installed() => return Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let is_error = |line: &&str| line.starts_with("error");
            text.lines().find(is_error).unwrap_or("rustup did not install it").to_owned()
        }
    };
    Err(TaskError::Unavailable(format!("Rust {MSRV} is not available: {reason}")))
}

fn rustup(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

const MSRV: &str = env!("CARGO_PKG_RUST_VERSION");
