//! Checks the contents of the crate packages.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::tools::{TaskError, cargo_output, root};

/// Checks that `pkg/package.json` has the workspace's version, that the copies of the licences are
/// equal, and that the package of each published crate contains every file of its `src/` and the
/// files next to it, and nothing else.
pub fn check() -> Result<(), TaskError> {
    check_version()?;
    check_licences()?;
    let mut faults = 0;
    for (package, folder, other_files) in PACKAGES {
        faults += check_contents(package, folder, other_files)?;
    }
    if faults == 0 { Ok(()) } else { Err(TaskError::Failed(format!("{faults} files missing or unexpected"))) }
}

/// Prints the files that are missing or unexpected, and returns their number.
fn check_contents(package: &str, folder: &str, other_files: &[&str]) -> Result<usize, TaskError> {
    let listing = cargo_output(&format!("package -p {package} --list --allow-dirty --locked"))?;
    let packed: BTreeSet<String> = listing.lines().map(|line| line.replace('\\', "/")).collect();

    let mut expected: BTreeSet<String> = other_files.iter().map(|file| (*file).to_owned()).collect();
    walk(&root().join(folder), "src", &mut expected)
        .map_err(|error| TaskError::Failed(format!("{folder}: {error}")))?;
    let missing: Vec<_> = expected.difference(&packed).collect();
    let mut unexpected: Vec<_> = packed.difference(&expected).collect();
    unexpected.retain(|file| !ADDED_BY_CARGO.contains(&file.as_str()));

    for file in &missing {
        println!("missing from the package {package}: {file}");
    }
    for file in &unexpected {
        println!("unexpected in the package {package}: {file}");
    }
    println!("{package}: {} files", packed.len());
    Ok(missing.len() + unexpected.len())
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

/// A package can contain only files of its own folder, so each has a copy of the licences.
fn check_licences() -> Result<(), TaskError> {
    let read = |path: &Path| fs::read(path).map_err(|error| TaskError::Failed(format!("{}: {error}", path.display())));
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let original = read(&root().join(licence))?;
        for folder in ["ec2", "conformance", "pkg"] {
            if read(&root().join(folder).join(licence))? != original {
                return Err(TaskError::Failed(format!("{folder}/{licence} differs from {licence}: copy it again")));
            }
        }
    }
    Ok(())
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

/// The published crates, their folders and the files next to their sources.
const PACKAGES: &[(&str, &str, &[&str])] = &[
    ("imds", ".", &["Cargo.toml", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]),
    ("imds-ec2", "ec2", OTHER_FILES),
    ("imds-conformance", "conformance", OTHER_FILES),
];
const OTHER_FILES: &[&str] = &["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];
const ADDED_BY_CARGO: &[&str] = &["Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
