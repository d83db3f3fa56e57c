//! Programs of Debian packages, unpacked below the target folder. Nothing is installed, and no
//! service starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::{once, step};
use crate::run::command;
use crate::skip::or_skip;

/// An unpacked package with the packages that it needs and this machine lacks.
pub struct Package {
    folder: PathBuf,
}

/// Unpacks a package.
pub fn package(name: &str) -> Option<Package> {
    or_skip(name, once(name, &[name], |folder| unpack(name, folder))).map(|folder| Package { folder })
}

impl Package {
    /// A command of a program in `/usr/sbin` or `/usr/bin`.
    pub fn command(&self, program: &str) -> Command {
        let places = ["usr/sbin", "usr/bin"].map(|place| Path::new(place).join(program));
        let unpacked = places.iter().map(|place| self.folder.join(place)).find(|file| file.exists());
        let mut command = command(unpacked.unwrap_or_else(|| Path::new("/").join(&places[0])));
        let libraries = folders(&self.folder.join("usr/lib"));
        let inner = libraries.iter().flat_map(|folder| folders(folder));
        let all: Vec<_> = libraries.iter().cloned().chain(inner).collect();
        command.env("LD_LIBRARY_PATH", std::env::join_paths(all).expect("no path has a colon"));
        command
    }
}

fn unpack(name: &str, folder: &Path) -> Result<(), String> {
    with_lists(folder, |options| download(name, folder, options))?;
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in
        entries.flatten().map(|entry| entry.path()).filter(|file| file.extension().is_some_and(|end| end == "deb"))
    {
        step(Command::new("dpkg-deb").arg("-x").arg(&file).arg(folder))?;
        let _ = fs::remove_file(file);
    }
    Ok(())
}

/// Calls `get` with options of apt-get: none, and if it fails, those for private copies of the
/// package lists, because the system's may be missing or old.
pub(crate) fn with_lists(folder: &Path, get: impl Fn(&[String]) -> Result<(), String>) -> Result<(), String> {
    let own = folder.join("apt");
    let lists = [own.join("lists"), own.join("cache")];
    let options = ["Dir::State::lists", "Dir::Cache"].into_iter().zip(&lists);
    let options: Vec<String> =
        options.flat_map(|(name, path)| ["-o".to_owned(), format!("{name}={}", path.display())]).collect();
    get(&[]).or_else(|_| {
        fs::create_dir_all(lists[0].join("partial")).map_err(|error| format!("{}: {error}", own.display()))?;
        step(Command::new("apt-get").args(&options).args(["-q", "update"]))?;
        get(&options)
    })?;
    let _ = fs::remove_dir_all(own);
    Ok(())
}

/// Downloads the packages that an installation would add. None is missing if the package is
/// installed.
fn download(name: &str, folder: &Path, options: &[String]) -> Result<(), String> {
    let plan =
        step(Command::new("apt-get").args(options).args(["-s", "-q", "--no-install-recommends", "install", name]))?;
    let added = plan.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
    let added: Vec<&str> = added.collect();
    if added.is_empty() {
        return Ok(());
    }
    step(Command::new("apt-get").args(options).args(["-q", "download"]).args(added).current_dir(folder)).map(drop)
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
