//! From Rust to a linked module, which knows nothing of the machine that it was built on.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::{about, root, workshop};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the module with these features, or with all that it has, and says where it is.
pub fn module(features: Option<&str>) -> Result<PathBuf, String> {
    let target = workshop().with_file_name("");
    let mut cargo = Command::new(cargo());
    cargo.current_dir(root()).env("RUSTFLAGS", remaps()?);
    cargo.args(["build", "--locked", "--quiet", "--package", "imds-wasm", "--profile", "wasm", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&target);
    if let Some(features) = features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    let status = cargo.status().map_err(about("cargo"))?;
    if !status.success() {
        return Err(format!("cargo build: {status}"));
    }
    Ok(target.join(TARGET).join("wasm").join("imds_wasm.wasm"))
}

/// The flags that take this machine's folders out of what is built.
fn remaps() -> Result<String, String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()))?;
    let home = env::var("HOME").unwrap_or_default();
    let registry = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let root = root().display().to_string();
    let places = [(root.as_str(), "/imds"), (registry.as_str(), "/cargo"), (sysroot.trim(), "/rust")];
    Ok(places.map(|(from, to)| format!("--remap-path-prefix={from}={to}")).join(" "))
}

/// The cargo that started this program: the one of the pinned toolchain.
pub fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What a command prints.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(about(&name))?;
    if !output.status.success() {
        return Err(format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
