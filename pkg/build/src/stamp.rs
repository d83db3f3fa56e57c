//! A hash of all inputs of `pkg/dist/`, for machines that cannot build the same bytes.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::compile::{cargo, output};
use crate::{about, root};

const FILE: &str = "pkg/dist/stamp.txt";
const FILES: &[&str] = &[
    "Cargo.toml",
    "conformance/Cargo.toml",
    "ec2/Cargo.toml",
    "rust-toolchain.toml",
    "pkg/Cargo.toml",
    "pkg/core/Cargo.toml",
    "pkg/build/Cargo.toml",
    "pkg/build/package.json",
    "pkg/build/package-lock.json",
];
const FOLDERS: &[&str] = &["conformance/src", "ec2/src", "pkg/build/src", "pkg/core/src", "pkg/src", "src"];

pub fn recorded() -> Result<String, String> {
    fs::read_to_string(root().join(FILE)).map_err(about(FILE))
}

/// The hash of all source files and crate versions.
pub fn of_inputs() -> Result<String, String> {
    let root = root();
    let mut files: Vec<String> = FILES.iter().map(|file| (*file).to_owned()).collect();
    for folder in FOLDERS {
        walk(&root, folder, &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in &files {
        let bytes = fs::read(root.join(file)).map_err(about(file))?;
        hasher.update(file.as_bytes()).update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    }
    for line in crates()? {
        hasher.update(line.as_bytes()).update(b"\n");
    }
    Ok(format!("{}\n", hasher.finalize().to_hex()))
}

/// The crates in the modules, each as `name vVERSION`.
pub fn crates() -> Result<Vec<String>, String> {
    let mut command = Command::new(cargo());
    command.current_dir(root()).args(["tree", "--locked", "--package", "imds-wasm", "--package", "imds-core"]);
    command.args(["--edges", "normal"]);
    command.args(["--target", "wasm32-unknown-unknown", "--prefix", "none", "--format", "{p}"]);
    let listing = output(&mut command)?;
    let name = |line: &str| line.split(" (").next().unwrap_or(line).trim().to_owned();
    let mut crates: Vec<String> = listing.lines().map(name).filter(|line| !line.is_empty()).collect();
    crates.sort();
    crates.dedup();
    Ok(crates)
}

fn walk(root: &Path, folder: &str, files: &mut Vec<String>) -> Result<(), String> {
    for entry in fs::read_dir(root.join(folder)).map_err(about(folder))? {
        let entry = entry.map_err(about(folder))?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            walk(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
