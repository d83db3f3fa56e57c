//! Checks the contents of the core's crate package.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use crate::tools::{TaskError, cargo_output, root};

/// Checks that the package contains every file of `src/` and the files of [`BESIDE_THE_SOURCE`],
/// and nothing else.
pub fn check() -> Result<(), TaskError> {
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
