//! A program that uses the crate object_store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::skip::or_skip;

/// Returns the path of the built program, or builds it.
pub fn object_store() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    or_skip("object_store", PROGRAM.get_or_init(build).as_deref().map_err(String::clone))
}

fn build() -> Result<PathBuf, String> {
    let version = step(Command::new("cargo").arg("--version"))?;
    let folder = once("object-store", &[&version, LOCK, PROGRAM], |folder| {
        let (project, target) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("object_store"), folder.join("target"));
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "--target-dir"]).arg(&target).current_dir(project);
        step(&mut cargo)?;
        let program = fs::copy(target.join("debug").join(NAME), folder.join(NAME));
        program.map_err(|error| format!("{NAME}: {error}"))?;
        // Only the program is kept.
        fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))
    })?;
    Ok(folder.join(NAME))
}

const NAME: &str = "object-store-client";
/// The pinned versions.
pub(crate) const LOCK: &str = include_str!("../object_store/Cargo.lock");
const PROGRAM: &str = include_str!("../object_store/src/main.rs");
