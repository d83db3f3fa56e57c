//! Python with botocore and the AWS CLI, in a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::run::command;
use crate::skip::or_skip;

/// A Python with the packages of `python/requirements.txt`.
pub struct Python(PathBuf);

/// Returns the installed one, or installs it.
pub fn python() -> Option<&'static Python> {
    static PYTHON: OnceLock<Result<Python, String>> = OnceLock::new();
    or_skip("Python's clients", PYTHON.get_or_init(Python::install).as_ref().map_err(String::clone))
}

impl Python {
    fn install() -> Result<Python, String> {
        let version = step(Command::new("python3").arg("--version"))?;
        let folder = once("python", &[&version, REQUIREMENTS], |folder| {
            step(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let list = folder.join("requirements.txt");
            fs::write(&list, REQUIREMENTS).map_err(|error| format!("{}: {error}", list.display()))?;
            let mut pip = Command::new(folder.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]);
            step(pip.args(["--only-binary", ":all:", "-r"]).arg(&list)).map(drop)
        })?;
        Ok(Python(folder.join("bin/python")))
    }

    /// One of the clients in `python/`, for a dialogue.
    pub fn client(&self, script: &str, environment: &[(&str, &str)]) -> Command {
        let mut command = command(&self.0);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script));
        command.env("PYTHONDONTWRITEBYTECODE", "1").envs(environment.iter().copied());
        command
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.0
    }
}

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");
