//! Python with botocore and the AWS CLI, and with more clients, in two virtual environments.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::run::command;
use crate::skip::or_skip;

/// A Python with packages.
pub struct Python(PathBuf);

/// Returns the one with the packages of `python/requirements.txt`, or installs it.
pub fn python() -> Option<&'static Python> {
    static PYTHON: OnceLock<Result<Python, String>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| Python::install("python", REQUIREMENTS));
    or_skip("Python's clients", python.as_ref().map_err(String::clone))
}

/// Returns the one with the packages of `python/more-requirements.txt`, or installs it. Its
/// botocore is older, because aiobotocore needs that.
pub fn python_with_more() -> Option<&'static Python> {
    static PYTHON: OnceLock<Result<Python, String>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| Python::install("python-more", MORE_REQUIREMENTS));
    or_skip("more of Python's clients", python.as_ref().map_err(String::clone))
}

impl Python {
    fn install(what: &str, requirements: &str) -> Result<Python, String> {
        let version = step(Command::new("python3").arg("--version"))?;
        let folder = once(what, &[&version, requirements], |folder| {
            step(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let list = folder.join("requirements.txt");
            fs::write(&list, requirements).map_err(|error| format!("{}: {error}", list.display()))?;
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

    /// This Python, if it has the package. Some have no wheel for later versions of Python.
    pub fn with_package(&self, name: &str) -> Option<&Python> {
        let has = step(Command::new(&self.0).args(["-m", "pip", "show", "--quiet", name]));
        or_skip(name, has.map(|_| self).map_err(|_| "it is not available for this version of Python".to_owned()))
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.0
    }
}

pub(crate) const REQUIREMENTS: &str = include_str!("../python/requirements.txt");
pub(crate) const MORE_REQUIREMENTS: &str = include_str!("../python/more-requirements.txt");
