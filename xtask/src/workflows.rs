//! Checks the GitHub workflows with actionlint.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, announce, root, target_folder};

/// Runs actionlint on every file of `.github/workflows`, without the linters for embedded scripts,
/// because whether they are installed depends on the machine.
pub fn check(setup: Setup) -> Result<(), TaskError> {
    let files = files().map_err(|error| TaskError::Failed(format!("cannot list {FOLDER}: {error}")))?;
    if files.is_empty() {
        return Err(TaskError::Failed(format!("{FOLDER} contains no workflow")));
    }
    let actionlint = install(setup)?;
    let mut arguments = vec!["-shellcheck=", "-pyflakes="];
    arguments.extend(files.iter().map(String::as_str));
    announce("actionlint", &arguments);
    match Command::new(actionlint).args(arguments).current_dir(root()).stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::Failed(format!("actionlint: {status}"))),
        Err(error) => Err(TaskError::CannotRun(format!("actionlint: {error}"))),
    }
}

/// The paths of the workflows, relative to the workspace root.
fn files() -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
            files.push(format!("{FOLDER}/{name}"));
        }
    }
    files.sort();
    Ok(files)
}

/// Ensures that the pinned version is installed below the target folder, and returns its path.
fn install(setup: Setup) -> Result<PathBuf, TaskError> {
    let folder = target_folder().join("tools").join(format!("actionlint-{VERSION}"));
    let program = folder.join(format!("actionlint{}", env::consts::EXE_SUFFIX));
    if program.is_file() {
        return Ok(program);
    }
    setup.program("go", "golang-go")?;
    let package = format!("{PACKAGE}@{VERSION}");
    let arguments = ["install", &package];
    announce("go", &arguments);
    let mut go = Command::new("go");
    match go.args(arguments).env("GOBIN", &folder).current_dir(root()).stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(program),
        Ok(status) => Err(TaskError::CannotRun(format!("cannot install actionlint {VERSION}: go install: {status}"))),
        Err(error) => Err(TaskError::CannotRun(format!("cannot install actionlint {VERSION}: go: {error}"))),
    }
}

const FOLDER: &str = ".github/workflows";
const PACKAGE: &str = "github.com/rhysd/actionlint/cmd/actionlint";
const VERSION: &str = "v1.7.12";
