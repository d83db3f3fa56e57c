//! Installs clients below the target folder, once per machine.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::run::{finish, text};
use crate::skip::say;

/// Returns the folder that `make` filled, and calls `make` once for each content of `recipe`.
///
/// The folder is renamed when it is complete, so another process never sees a part of it, and two
/// processes can install at the same time. Threads that need the same folder wait for the first.
pub fn once(what: &str, recipe: &[&str], make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    recipe.hash(&mut hasher);
    let folder = shelf()?.join(format!("{what}-{:016x}", hasher.finish()));
    let lock = lock_of(&folder);
    // A thread that panicked has left nothing in `folder`.
    let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The lock of the threads of this process that install into a folder.
fn lock_of(folder: &Path) -> Arc<Mutex<()>> {
    static LOCKS: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    // Nothing panics while the map is locked.
    let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    locks.entry(folder.to_owned()).or_default().clone()
}

/// Runs a step of an installation. It inherits the environment, which may name package mirrors.
pub fn step(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = finish(command.stdin(Stdio::null()), TIMEOUT).map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(text(&output.stdout).trim().to_owned());
    }
    let words = text(&output.stdout) + &text(&output.stderr);
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    Err(format!("{name}: {}", last.unwrap_or("it failed without output")))
}

/// The folder of installed clients, below the target folder. The test binary is in `PROFILE/deps`
/// there.
fn shelf() -> Result<PathBuf, String> {
    let test = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let target = test.ancestors().nth(3).ok_or("this program is not in a target folder")?;
    Ok(target.join("imds-clients"))
}

/// Allows for a slow network, and for a compiler on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(900);
