//! Checks the contents of the core's crate package.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::tools::{TaskError, cargo_output, root};

/// Checks that `pkg/package.json` has the workspace's version, and that the crate package contains
/// every file of `src/` and the files of [`BESIDE_THE_SOURCE`], and nothing else.
pub fn check() -> Result<(), TaskError> {
    check_version()?;
    let listing = cargo_output("package -p imds --list --allow-dirty --locked")?;
    let packed: BTreeSet<String> = listing.lines().map(|line| line.replace('\\', "/")).collect();

    let mut expected: BTreeSet<String> = BESIDE_THE_SOURCE.iter().map(|file| (*file).to_owned()).collect();
    walk(root(), "src", &mut expected).map_err(|error| TaskError::Failed(format!("src: {error}")))?;
    let missing: Vec<_> = expected.difference(&packed).collect();
    let mut unexpected: Vec<_> = packed.difference(&expected).collect();
    unexpected.retain(|file| !ADDED_BY_CARGO.contains(&file.as_str()));

    for file in &missing {
        println!("missing from the package: {file}");
    }
    for file in &unexpected {
        println!("unexpected in the package: {file}");
    }
    if missing.is_empty() && unexpected.is_empty() {
        println!("{} files", packed.len());
        Ok(())
    } else {
        Err(TaskError::Failed(format!("{} files missing, {} unexpected", missing.len(), unexpected.len())))
    }
}

/// npm's version cannot refer to cargo's, so the file repeats it.
fn check_version() -> Result<(), TaskError> {
    let failed = |error: String| TaskError::Failed(format!("pkg/package.json: {error}"));
    let text = fs::read(root().join("pkg").join("package.json")).map_err(|error| failed(error.to_string()))?;
    let package: Value = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    let workspace = env!("CARGO_PKG_VERSION");
    match package["version"].as_str() {
        Some(version) if version == workspace => Ok(()),
        version => Err(failed(format!("its version is {version:?}; set it to {workspace}, as in Cargo.toml"))),
    }
}

/// Adds every file below `folder` to `files`, with its path relative to `root` as cargo prints it.
fn walk(root: &Path, folder: &str, files: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

const BESIDE_THE_SOURCE: &[&str] = &["Cargo.toml", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];
const ADDED_BY_CARGO: &[&str] = &["Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
