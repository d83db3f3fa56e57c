//! The AWS CLI in its two major versions.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::install::step;
use crate::python::python;
use crate::run::command;
use crate::skip::or_skip;

/// A version of the AWS CLI.
pub struct Aws {
    /// The major version: 1 or 2.
    pub major: u32,
    start: Vec<String>,
}

/// The installed versions: version 1 is a Python package, version 2 belongs to the system.
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

/// Finds the first program `aws` of version 2 in the path, where a version 1 may precede it.
fn find_two() -> Result<String, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = env::split_paths(&path).map(|folder| folder.join("aws")).filter(|file| file.is_file());
    let is_two = |program: &PathBuf| {
        let version = step(Command::new(program).arg("--version"));
        version.is_ok_and(|version| version.starts_with("aws-cli/2."))
    };
    let found = programs.filter(is_two).map(|program| program.to_string_lossy().into_owned()).next();
    found.ok_or_else(|| "no program `aws` in the path has version 2".to_owned())
}

impl Aws {
    /// Defines a shell function `aws` that runs this version.
    pub fn as_function(&self) -> String {
        let quoted: Vec<String> = self.start.iter().map(|word| format!("'{word}'")).collect();
        // Debian's version 2 does not read the variable yet.
        let endpoint = if self.major == 2 { " --endpoint-url \"$AWS_ENDPOINT_URL\"" } else { "" };
        format!("aws() {{ {}{endpoint} \"$@\"; }}", quoted.join(" "))
    }

    /// A command that has no other source of credentials than the metadata service.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = command(&self.start[0]);
        command.args(&self.start[1..]).args(arguments).envs(environment.iter().copied());
        command
    }
}
