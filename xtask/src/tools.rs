//! The tools that suites run, and how missing ones are set up.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a suite did not pass. The texts are one line each.
pub enum TaskError {
    /// It ran, and what it claims does not hold.
    Failed(String),
    /// It did not run, for want of something that CI has to have.
    CannotRun(String),
    /// It did not run, or not everywhere, for want of a target that this machine's rustup cannot add.
    NoTarget(String),
}

/// What may be done about missing tools.
#[derive(Clone, Copy)]
pub struct Setup {
    install: bool,
    ci: bool,
}

impl Setup {
    pub fn new(install: bool) -> Setup {
        let ci = env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        Setup { install, ci }
    }

    /// Whether missing programs are installed outside of CI too.
    pub fn may_install(self) -> bool {
        self.install
    }

    /// Whether this is a CI run, in which a suite that cannot run has failed.
    pub fn is_ci(self) -> bool {
        self.ci
    }

    /// Makes sure of a program, by way of Debian's package that holds it.
    pub fn program(self, program: &str, package: &str) -> Result<(), TaskError> {
        if is_on_path(program) {
            return Ok(());
        }
        if !self.install && !self.ci {
            return Err(TaskError::CannotRun(format!("{program} is not installed; --setup installs it")));
        }
        apt_get("update -q");
        apt_get(&format!("install -q -y --no-install-recommends {package}"));
        if is_on_path(program) {
            Ok(())
        } else {
            Err(TaskError::CannotRun(format!("{program} is not installed, and apt-get did not install it")))
        }
    }

    /// Makes sure of a program that a crate has, in that version, below the target folder.
    pub fn crate_program(self, name: &str, version: &str) -> Result<PathBuf, TaskError> {
        let folder = target_folder().join("tools").join(format!("{name}-{version}"));
        let program = folder.join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
        if !program.is_file() {
            let (root, build) = (folder.display(), folder.join("build"));
            let arguments = format!(
                "install --quiet --locked {name} --version {version} --root {root} --target-dir {}",
                build.display()
            );
            // Its own failure says more than that there is no program: cargo prints it.
            let _ = cargo(&arguments);
            let _ = std::fs::remove_dir_all(build);
        }
        if program.is_file() {
            Ok(program)
        } else {
            Err(TaskError::CannotRun(format!("{name} {version} is not installed, and cargo did not install it")))
        }
    }

    /// Makes sure of the standard library for a target.
    pub fn target(self, target: &str) -> Result<(), TaskError> {
        if has_target(target) {
            return Ok(());
        }
        let arguments = ["target", "add", target];
        announce("rustup", &arguments);
        let why = match Command::new("rustup").args(arguments).stdin(Stdio::null()).output() {
            Err(error) => format!("rustup: {error}"),
            Ok(_) if has_target(target) => return Ok(()),
            Ok(output) => {
                let words = String::from_utf8_lossy(&output.stderr);
                let is_error = |line: &&str| line.starts_with("error");
                words.lines().find(is_error).unwrap_or("rustup added nothing").to_owned()
            }
        };
        Err(TaskError::NoTarget(format!("no target {target}: {why}")))
    }
}

/// Runs cargo with these arguments, which are separated by spaces, at the root of the workspace.
pub fn cargo(arguments: &str) -> Result<(), TaskError> {
    cargo_with(&[], arguments)
}

/// The same, with variables added to the environment.
pub fn cargo_with(variables: &[(&str, &str)], arguments: &str) -> Result<(), TaskError> {
    let status = cargo_command(arguments).envs(variables.iter().copied()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::Failed(format!("cargo {}: {status}", first_word(arguments)))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo: {error}"))),
    }
}

/// Runs cargo and returns what it prints.
pub fn cargo_output(arguments: &str) -> Result<String, TaskError> {
    let output = cargo_command(arguments).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(TaskError::Failed(format!("cargo {}: {}", first_word(arguments), output.status))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo: {error}"))),
    }
}

/// The date in UTC.
pub fn today() -> Result<String, TaskError> {
    let date = Command::new("date").args(["-u", "+%F"]).output();
    let date = date.map_err(|error| TaskError::CannotRun(format!("date: {error}")))?;
    Ok(String::from_utf8_lossy(&date.stdout).trim().to_owned())
}

/// The folder that holds the workspace.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The folder that cargo builds in.
pub fn target_folder() -> PathBuf {
    // This program was built there, in a folder named after its profile.
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(2).map_or_else(|| root().join("target"), Path::to_path_buf)
}

fn cargo_command(arguments: &str) -> Command {
    let arguments: Vec<_> = arguments.split(' ').collect();
    announce("cargo", &arguments);
    // The cargo that started this program: the one of the pinned toolchain.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Whether it worked shows in whether the program is there afterwards.
fn apt_get(arguments: &str) {
    let mut words = vec!["apt-get"];
    words.extend(arguments.split(' '));
    if !is_root() {
        words.insert(0, "sudo");
    }
    announce(words[0], &words[1..]);
    let status =
        Command::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).status();
    if let Err(error) = status {
        println!("{}: {error}", words[0]);
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn is_on_path(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}

/// Asks rustc rather than rustup, so that a distribution's toolchain will do.
fn has_target(target: &str) -> bool {
    let rustc =
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(root()).output();
    rustc.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim_end()).is_dir()
    })
}

pub fn announce(program: &str, arguments: &[&str]) {
    println!("$ {program} {}", arguments.join(" "));
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}
