//! Compiles the crate to a linked WebAssembly module without paths of this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{about, root, work_folder};

const TARGET: &str = "wasm32-unknown-unknown";
/// From Debian's package rustc-web.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// From Debian's package rust-web-src.
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// A crate that is compiled to a module.
pub struct Module {
    package: &'static str,
    profile: &'static str,
    /// The file that Cargo writes.
    file: &'static str,
    flags: &'static str,
}

/// The module of the npm package.
pub const FULL: Module = Module { package: "imds-wasm", profile: "wasm", file: "imds_wasm.wasm", flags: "" };

/// The module with the C ABI. With less inlining it is as small as with opt-level "s", and faster.
pub const CORE: Module = Module {
    package: "imds-core",
    profile: "wasm-core",
    file: "imds_core.wasm",
    flags: "-Cllvm-args=-inline-threshold=25",
};

/// Builds the module with these features, or with the default ones, and returns its path.
pub fn module(module: &Module, features: Option<&str>) -> Result<PathBuf, String> {
    let target = work_folder().with_file_name("");
    let mut cargo = Command::new(cargo());
    cargo.current_dir(root()).env("RUSTFLAGS", format!("{} {}", remaps()?, module.flags).trim_end());
    cargo.args(["build", "--locked", "--quiet", "--package", module.package, "--profile", module.profile]);
    cargo.args(["--target", TARGET]);
    cargo.arg("--target-dir").arg(&target);
    let sysroot = sysroot()?;
    if !has_target(&sysroot) {
        use_debian_rustc(&mut cargo, &sysroot)?;
    }
    if let Some(features) = features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    let status = cargo.status().map_err(about("cargo"))?;
    if !status.success() {
        return Err(format!("cargo build: {status}"));
    }
    Ok(target.join(TARGET).join(module.profile).join(module.file))
}

/// Whether the pinned toolchain has the standard library for WebAssembly.
fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).is_dir()
}

/// Selects Debian's rustc, and builds the standard library from source. The module works the same
/// but has different bytes.
fn use_debian_rustc(cargo: &mut Command, sysroot: &Path) -> Result<(), String> {
    if !Path::new(DEBIAN_RUSTC).is_file() || !Path::new(DEBIAN_LIBRARY).is_dir() {
        return Err(format!(
            "rustc has no target {TARGET}: run rustup target add {TARGET}, or install Debian's rustc-web and rust-web-src"
        ));
    }
    eprintln!(
        "warning: rustc has no target {TARGET}: using Debian's rustc, whose output differs from the committed bytes"
    );
    let host = rustc_version("host")?;
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

/// The flags that replace this machine's paths in the module.
fn remaps() -> Result<String, String> {
    let sysroot = sysroot()?;
    let home = env::var("HOME").unwrap_or_default();
    let registry = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    // rustc uses this path if the sources of the standard library are not installed.
    let library = format!("/rustc/{}/library", rustc_version("commit-hash")?);
    let prefixes = [
        (root(), "/imds"),
        (PathBuf::from(registry), "/cargo"),
        (sysroot.clone(), "/rust"),
        (sysroot.join("lib/rustlib/src/rust/library"), &library),
        (PathBuf::from(DEBIAN_LIBRARY), "/rust/library"),
    ];
    Ok(prefixes.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).join(" "))
}

/// A field of the pinned rustc's version.
fn rustc_version(field: &str) -> Result<String, String> {
    let version = output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let line = version.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(": "));
    line.map(str::to_owned).ok_or(format!("the output of rustc -vV has no line `{field}`"))
}

/// The cargo that started this program, which belongs to the pinned toolchain.
pub fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a command that must succeed and returns its standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(about(&name))?;
    if !output.status.success() {
        return Err(format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
