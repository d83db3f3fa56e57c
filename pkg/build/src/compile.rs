//! From Rust to a linked module, which knows nothing of the machine that it was built on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{about, root, workshop};

const TARGET: &str = "wasm32-unknown-unknown";
/// Of the package rustc-web.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Of the package rust-web-src.
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// Builds the module with these features, or with all that it has, and says where it is.
pub fn module(features: Option<&str>) -> Result<PathBuf, String> {
    let target = workshop().with_file_name("");
    let mut cargo = Command::new(cargo());
    cargo.current_dir(root()).env("RUSTFLAGS", remaps()?);
    cargo.args(["build", "--locked", "--quiet", "--package", "imds-wasm", "--profile", "wasm", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&target);
    let sysroot = sysroot()?;
    if !has_target(&sysroot) {
        by_debian(&mut cargo, &sysroot)?;
    }
    if let Some(features) = features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    let status = cargo.status().map_err(about("cargo"))?;
    if !status.success() {
        return Err(format!("cargo build: {status}"));
    }
    Ok(target.join(TARGET).join("wasm").join("imds_wasm.wasm"))
}

/// Whether the pinned toolchain has a standard library for WebAssembly.
fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).is_dir()
}

/// Compiles by Debian's rustc, which builds the standard library from its own sources. It is another compiler: what it makes is as
/// good and has other bytes.
fn by_debian(cargo: &mut Command, sysroot: &Path) -> Result<(), String> {
    if !Path::new(DEBIAN_RUSTC).is_file() || !Path::new(DEBIAN_LIBRARY).is_dir() {
        return Err(format!("there is no target {TARGET}, nor Debian's rustc-web with rust-web-src in place of it"));
    }
    eprintln!(
        "warning: no target {TARGET}: Debian's rustc builds, and makes other bytes than those that are committed"
    );
    let host = rustc_says("host")?;
    cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    cargo
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", sysroot.join("lib/rustlib").join(host).join("bin/rust-lld"));
    cargo.args(["-Z", "build-std=std,panic_abort"]);
    Ok(())
}

fn sysroot() -> Result<PathBuf, String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()))?;
    Ok(PathBuf::from(sysroot.trim()))
}

/// The flags that take this machine's folders out of what is built.
fn remaps() -> Result<String, String> {
    let sysroot = sysroot()?;
    let home = env::var("HOME").unwrap_or_default();
    let registry = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    // rustc names the standard library's files so where their sources are not installed.
    let library = format!("/rustc/{}/library", rustc_says("commit-hash")?);
    let places = [
        (root(), "/imds"),
        (PathBuf::from(registry), "/cargo"),
        (sysroot.clone(), "/rust"),
        (sysroot.join("lib/rustlib/src/rust/library"), &library),
        (PathBuf::from(DEBIAN_LIBRARY), "/rust/library"),
    ];
    Ok(places.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).join(" "))
}

/// A line of what the pinned rustc says of itself.
fn rustc_says(what: &str) -> Result<String, String> {
    let version = output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let line = version.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "));
    line.map(str::to_owned).ok_or(format!("rustc -vV does not say its {what}"))
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
