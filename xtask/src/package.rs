//! What goes into the core's package.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use crate::tools::{TaskError, cargo_output, root};

/// Holds the package's list of files against the core's source and the few files beside it.
pub fn check() -> Result<(), TaskError> {
    let listing = cargo_output("package -p imds --list --allow-dirty --locked")?;
    let packed: BTreeSet<String> = listing.lines().map(|line| line.replace('\\', "/")).collect();

    let mut expected: BTreeSet<String> = BESIDE_THE_SOURCE.iter().map(|file| (*file).to_owned()).collect();
    walk(root(), "src", &mut expected).map_err(|error| TaskError::Failed(format!("src: {error}")))?;
    let missing: Vec<_> = expected.difference(&packed).collect();
    let mut strays: Vec<_> = packed.difference(&expected).collect();
    strays.retain(|file| !ADDED_BY_CARGO.contains(&file.as_str()));

    for file in &missing {
        println!("not in the package: {file}");
    }
    for file in &strays {
        println!("has no place in the package: {file}");
    }
    if missing.is_empty() && strays.is_empty() {
        println!("{} files", packed.len());
        Ok(())
    } else {
        Err(TaskError::Failed(format!("{} files missing, {} too many", missing.len(), strays.len())))
    }
}

/// Adds every file below `folder`, with the path from `root` that cargo prints.
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
