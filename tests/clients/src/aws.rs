//! The AWS CLI in its two major versions.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::install::step;
use crate::python::python;
use crate::run::command;
use crate::skip::or_skip;

/// One of the two.
pub struct Aws {
    /// 1 or 2.
    pub major: u32,
    start: Vec<String>,
}

/// Those that can be had here: version 1 as Python's package, version 2 as the system's.
pub fn both() -> Vec<Aws> {
    one().into_iter().chain(two()).collect()
}

/// Version 1.
pub fn one() -> Option<Aws> {
    let python = python()?.program().to_string_lossy().into_owned();
    Some(Aws { major: 1, start: [&python, "-m", "awscli"].map(str::to_owned).into() })
}

/// Version 2.
pub fn two() -> Option<Aws> {
    static PROGRAM: OnceLock<Result<String, String>> = OnceLock::new();
    let program = or_skip("the AWS CLI, version 2", PROGRAM.get_or_init(find_two).clone())?;
    Some(Aws { major: 2, start: vec![program] })
}

/// The first program of that name and version: a version 1 may be before it.
fn find_two() -> Result<String, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = env::split_paths(&path).map(|folder| folder.join("aws")).filter(|file| file.is_file());
    let is_two = |program: &PathBuf| {
        let version = step(Command::new(program).arg("--version"));
        version.is_ok_and(|version| version.starts_with("aws-cli/2."))
    };
    let found = programs.filter(is_two).map(|program| program.to_string_lossy().into_owned()).next();
    found.ok_or_else(|| "no program aws is one".to_owned())
}

impl Aws {
    /// A shell's function `aws` that is this one.
    pub fn as_function(&self) -> String {
        let quoted: Vec<String> = self.start.iter().map(|word| format!("'{word}'")).collect();
        // Debian's version 2 is older than the variable.
        let endpoint = if self.major == 2 { " --endpoint-url \"$AWS_ENDPOINT_URL\"" } else { "" };
        format!("aws() {{ {}{endpoint} \"$@\"; }}", quoted.join(" "))
    }

    /// A run of it that has nowhere to turn to but a metadata service.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = command(&self.start[0]);
        command.args(&self.start[1..]).args(arguments).envs(environment.iter().copied());
        command
    }
}
