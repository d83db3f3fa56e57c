//! Runs the tools that suites need, and installs missing ones.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The reasons of a task that did not succeed. Each message is one line.
pub enum TaskError {
    /// The task ran and its claim does not hold.
    Failed(String),
    /// The task did not run because something is missing that CI must have.
    CannotRun(String),
    /// The task did not run, or not for every target, because rustup cannot add a target or
    /// toolchain on this machine. This is not a failure in CI either.
    Unavailable(String),
}

/// The handling of missing tools.
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

    /// Whether missing programs are installed outside CI too.
    pub fn may_install(self) -> bool {
        self.install
    }

    /// Whether this is a CI run, where a suite that cannot run fails.
    pub fn is_ci(self) -> bool {
        self.ci
    }

    /// Ensures that a program is installed; `package` is the Debian package that contains it.
    ///
    /// # Errors
    /// `CannotRun` if the program is missing and may not or cannot be installed.
    pub fn program(self, program: &str, package: &str) -> Result<(), TaskError> {
        if is_on_path(program) {
            return Ok(());
        }
        if !self.install && !self.ci {
            return Err(TaskError::CannotRun(format!("{program} is not installed; install it, or run with --setup")));
        }
        apt_get("update -q");
        apt_get(&format!("install -q -y --no-install-recommends {package}"));
        if is_on_path(program) {
            Ok(())
        } else {
            Err(TaskError::CannotRun(format!("{program} is not installed, and apt-get could not install it")))
        }
    }

    /// Ensures that this version of a crate's program is installed below the target folder, and
    /// returns its path.
    pub fn crate_program(self, name: &str, version: &str) -> Result<PathBuf, TaskError> {
        let folder = target_folder().join("tools").join(format!("{name}-{version}"));
        let program = folder.join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
        if !program.is_file() {
            let (root, build) = (folder.display(), folder.join("build"));
            let arguments = format!(
                "install --quiet --locked {name} --version {version} --root {root} --target-dir {}",
                build.display()
            );
            // The check below reports a failure; cargo has printed its cause.
            let _ = cargo(&arguments);
            let _ = std::fs::remove_dir_all(build);
        }
        if program.is_file() {
            Ok(program)
        } else {
            Err(TaskError::CannotRun(format!("cargo could not install {name} {version}")))
        }
    }

    /// Ensures that the standard library for a target is installed.
    ///
    /// # Errors
    /// `Unavailable` if rustup cannot add it.
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
                words.lines().find(is_error).unwrap_or("rustup did not add it").to_owned()
            }
        };
        Err(TaskError::Unavailable(format!("target {target} is not available: {why}")))
    }
}

/// Runs cargo in the workspace root. `arguments` are separated by spaces.
pub fn cargo(arguments: &str) -> Result<(), TaskError> {
    cargo_with(&[], arguments)
}

/// Runs cargo like [`cargo`], with variables added to the environment.
pub fn cargo_with(variables: &[(&str, &str)], arguments: &str) -> Result<(), TaskError> {
    let status = cargo_command(arguments).envs(variables.iter().copied()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::Failed(format!("cargo {}: {status}", first_word(arguments)))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo: {error}"))),
    }
}

/// Runs cargo and returns its standard output.
pub fn cargo_output(arguments: &str) -> Result<String, TaskError> {
    let output = cargo_command(arguments).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(TaskError::Failed(format!("cargo {}: {}", first_word(arguments), output.status))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo: {error}"))),
    }
}

/// Today's date in UTC, as `YYYY-MM-DD`.
pub fn today() -> Result<String, TaskError> {
    let date = Command::new("date").args(["-u", "+%F"]).output();
    let date = date.map_err(|error| TaskError::CannotRun(format!("date: {error}")))?;
    Ok(String::from_utf8_lossy(&date.stdout).trim().to_owned())
}

/// The workspace root.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The folder cargo builds in.
pub fn target_folder() -> PathBuf {
    // This program is in a folder of it that is named after the profile.
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(2).map_or_else(|| root().join("target"), Path::to_path_buf)
}

fn cargo_command(arguments: &str) -> Command {
    let arguments: Vec<_> = arguments.split(' ').collect();
    announce("cargo", &arguments);
    // The cargo that started this program, which belongs to the pinned toolchain.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs apt-get, with sudo unless this is root. The caller checks the result: whether the program
/// is installed afterwards.
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

/// Asks rustc rather than rustup, so that a distribution's toolchain works too.
fn has_target(target: &str) -> bool {
    let rustc =
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(root()).output();
    rustc.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim_end()).is_dir()
    })
}

/// Prints a command the way a shell shows it.
pub fn announce(program: &str, arguments: &[&str]) {
    println!("$ {program} {}", arguments.join(" "));
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}
