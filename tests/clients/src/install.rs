//! Clients that have to be installed: once per machine, below the target folder.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use crate::run::{finish, text};
use crate::skip::say;

/// The folder that `make` fills, once for each state of `recipe`.
///
/// It is made under another name and renamed when it is whole: whoever finds it finds all of it, and two who make it at
/// once do each other no harm.
pub fn once(what: &str, recipe: &[&str], make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    recipe.hash(&mut hasher);
    let folder = shelf()?.join(format!("{what}-{:016x}", hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    let started = Instant::now();
    say(&format!("installing: {what}"));
    let unfinished = folder.with_extension(process::id().to_string());
    fs::create_dir_all(&unfinished).map_err(|error| format!("{}: {error}", unfinished.display()))?;
    let made = make(&unfinished).and_then(|()| match fs::rename(&unfinished, &folder) {
        Err(error) if !folder.exists() => Err(format!("{}: {error}", folder.display())),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&unfinished);
    made?;
    say(&format!("installed: {what} in {:.0} s", started.elapsed().as_secs_f64()));
    Ok(folder)
}

/// Runs a step of an installation, in the environment as it is: it may say where packages come from.
pub fn step(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = finish(command.stdin(Stdio::null()), PATIENCE).map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(text(&output.stdout).trim().to_owned());
    }
    let words = text(&output.stdout) + &text(&output.stderr);
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    Err(format!("{name}: {}", last.unwrap_or("it failed and says nothing")))
}

/// Where installed clients are kept. A test's binary is in `deps` below a profile's folder in the target folder.
fn shelf() -> Result<PathBuf, String> {
    let test = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let target = test.ancestors().nth(3).ok_or("this program is not in a target folder")?;
    Ok(target.join("imds-clients"))
}

/// Long enough for a slow network.
const PATIENCE: Duration = Duration::from_secs(600);
